// One event as a row of the live page: when, what, about whom; all that it says when it is opened.

// In the language of the page, with the zone beside it. Made once: making one costs more than using it.
const LOCAL = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

// What is not seen on a page, as the server says it: until then nothing.
let unseen = /(?!)/gu;

export function nameUnseen(source) {
  unseen = new RegExp(source, "gu");
}

// `name` of the persona and `sentence` about the topic are empty where there is none.
export function eventRow(frame, { name, sentence, times }) {
  const { time, kind, payload = {} } = frame.data ?? {};
  const topic = kind ?? frame.event;
  const row = document.createElement("li");
  row.dataset.topic = topic;
  row.dataset.persona = payload.persona_id ?? "";
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  const what = element("span", "livewhat", sentence || topic);
  if (payload.signal) what.append(" ", element("span", "tag", signalWords(payload)));
  summary.append(clock(time, times), what);
  if (name) summary.append(element("span", "livewho", name));
  summary.append(element("code", "livetopic", topic));
  details.append(summary);
  details.addEventListener("toggle", () => fill(details, frame, payload), { once: true });
  row.append(details);
  return row;
}

// The stream about itself: a gap, or being cut off and not any more.
export function stateRow(frame, sentence, times) {
  const row = element("li", "is-state", "");
  row.dataset.topic = frame.event;
  if (frame.event === "service.recovered") row.classList.add("is-good");
  if (frame.data?.time) row.append(clock(frame.data.time, times));
  row.append(element("span", "livewhat", sentence || frame.event));
  return row;
}

// Drawn when it is looked at: most rows never are.
function fill(details, frame, payload) {
  const list = document.createElement("dl");
  for (const [name, value] of Object.entries({ ...payload, event_id: frame.id })) {
    if (value === null || value === undefined) continue;
    const pair = document.createElement("div");
    const isText = typeof value === "string";
    const shown = isText ? value : visibleJson(value);
    pair.append(element("dt", "", name.replaceAll("_", " ")), element("dd", "", shown));
    list.append(pair);
  }
  details.append(list);
}

// As the server prints text: what is not seen is named.
function visible(text) {
  return String(text).replace(unseen, named);
}

function named(found) {
  return `‹U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}›`;
}

// As the server prints JSON: nothing hides in it, and a copy of it is the same value.
function visibleJson(value) {
  return JSON.stringify(value, null, 1).replace(unseen, escaped);
}

function escaped(found) {
  return [...Array(found.length).keys()]
    .map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");
}

// What was felt and how strongly: the part of feedback that is read at a glance.
function signalWords({ signal, strength }) {
  return typeof strength === "number" ? `${signal} ${strength.toFixed(2)}` : signal;
}

function clock(time, times) {
  const moment = new Date(time);
  const known = !Number.isNaN(moment.getTime());
  const made = element("time", "livetime", "");
  if (known) {
    made.textContent = times === "utc" ? `${moment.toISOString().slice(11, 19)} UTC` : LOCAL.format(moment);
    made.dateTime = moment.toISOString();
    made.title = moment.toISOString();
  }
  return made;
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = visible(text);
  return made;
}
