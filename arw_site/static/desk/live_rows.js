// One event as a row of the live page: when, what, about whom; all that it says when it is opened.

// In the language of the page, with the zone beside it. Made once: making one costs more than using it.
const LOCAL = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

// What draws nothing, or turns what follows round; between letters or emoji that it joins it stays.
const JOINS = "\\u0600-\\u109f\\u1780-\\u18aa\\u2190-\\u2bff\\ufe0f\\u{1f000}-\\u{1faff}";
const UNSEEN = new RegExp(
  "[\\x7f-\\x9f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f" +
    "\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}]" +
    `|(?<![${JOINS}])[\\u200c\\u200d]|[\\u200c\\u200d](?![${JOINS}])`,
  "gu",
);

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

// As the server prints JSON: nothing hides in it, and a copy of it is the same value.
function visibleJson(value) {
  return JSON.stringify(value, null, 1).replace(UNSEEN, escaped);
}

function escaped(unseen) {
  return [...Array(unseen.length).keys()]
    .map((at) => `\\u${unseen.charCodeAt(at).toString(16).padStart(4, "0")}`)
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
  made.textContent = text;
  return made;
}
