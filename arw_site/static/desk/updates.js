// Keeps what the page shows up to date: one stream of events, and parts that are fetched again.
//
//   <section id="queue" data-refresh-on="persona.proposal.* leases.created">
//
// An element with an id and [data-refresh-on] is fetched anew when one of the topics happens: from
// [data-refresh-url], or from the page's own address, by its id. [data-refresh-persona] narrows it
// to events about one persona, and to those that name none; [data-refresh-quiet] is not spoken of. After a change the element
// gets the event "desk:refreshed". At most one refresh a second, or every [data-refresh-every]
// seconds; none while the page is hidden.
import { drawnForHeader } from "./drafts.js";
import { patch } from "./patch.js";

const SETTLE = 150;
const SAY_EVERY = 4000;
const QUIET_FOR = 3000;
const LONGEST_WAIT = 30000;
const STILL_HERE = 10000;
const ANOTHER = 409; // the page was drawn for somebody who is not signed in any more

export function startUpdates(root) {
  if (root && "EventSource" in window) new Updates(root).begin();
}

class Updates {
  constructor(root) {
    this.root = root;
    this.words = root.dataset;
    this.state = root.querySelector("[data-updates-state]");
    this.say = root.querySelector("[data-updates-say]");
    this.sentences = root.querySelector("template").content;
    this.last = root.dataset.after;
    this.pending = new Set(); // ids of the parts that are out of date
    this.news = []; // topics that nobody was told of yet
    this.ends = new Map(); // what happened last to proposals and leases, by id
    this.failures = 0;
    this.refreshed = new WeakMap(); // when each part was
    this.said = -SAY_EVERY;
  }

  begin() {
    const topics = this.words.topics.split(" ");
    this.topics = topics.filter((topic) => this.parts().some((part) => listens(part, topic)));
    if (!this.topics.length) return;
    document.addEventListener("visibilitychange", () => this.turn());
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.turn());
    // Whoever sends a form leaves the page: what is fetched now would only be in the way.
    document.addEventListener("submit", (event) => {
      if (event.defaultPrevented || event.target.method !== "post") return;
      this.leaving = true;
      setTimeout(() => this.turn(), STILL_HERE);
    });
    this.turn();
  }

  parts() {
    return [...document.querySelectorAll("[data-refresh-on][id]")];
  }

  // A browser keeps few connections to one server, so that hidden pages give theirs up.
  turn() {
    if (document.hidden || this.over) {
      this.close();
      return;
    }
    this.leaving = false;
    if (!this.source) this.connect();
    this.schedule();
  }

  connect() {
    const url = new URL(this.words.stream, location.href);
    url.searchParams.set("prefix", this.topics.join(","));
    if (this.last) url.searchParams.set("after", this.last);
    const source = new EventSource(url);
    this.source = source;
    source.addEventListener("service.connected", (event) => this.connected(event));
    source.addEventListener("service.gap", (event) => this.everything(event));
    source.addEventListener("service.degraded", () => this.show(this.words.late, "late"));
    source.addEventListener("service.recovered", () => this.show("", ""));
    for (const topic of this.topics) {
      source.addEventListener(topic, (event) => this.happened(topic, event));
    }
    source.addEventListener("error", () => this.lost(source));
  }

  close() {
    this.source?.close();
    this.source = null;
    clearTimeout(this.timer);
    clearTimeout(this.again);
    this.timer = 0;
  }

  connected(event) {
    this.last = event.lastEventId || this.last;
    this.failures = 0;
    clearTimeout(this.quiet);
    this.quiet = 0;
    this.show("", ""); // a server that is still cut off says so next
    if (this.pending.size) this.schedule();
  }

  happened(topic, event) {
    this.last = event.lastEventId || this.last;
    const { payload = {} } = JSON.parse(event.data);
    this.ends.set(payload.proposal_id ?? payload.id, topic);
    for (const part of this.parts()) {
      if (!listens(part, topic) || isOfAnother(part, payload)) continue;
      this.pending.add(part.id);
      if (!("refreshQuiet" in part.dataset)) this.noted = topic;
    }
    this.newer = true;
    if (this.noted) this.news.push(this.noted);
    this.noted = "";
    this.schedule();
  }

  everything(event) {
    this.last = event.lastEventId || this.last;
    for (const part of this.parts()) this.pending.add(part.id);
    this.newer = true;
    this.schedule();
  }

  // Nothing is said of a connection that comes back within a moment.
  lost(source) {
    this.quiet ||= setTimeout(() => this.show(this.words.lost, "lost"), QUIET_FOR);
    if (source !== this.source || source.readyState !== EventSource.CLOSED) return;
    this.source = null;
    const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** this.failures);
    this.failures += 1;
    this.again = setTimeout(() => this.tryAgain(), wait);
  }

  // A stream that was refused does not say why: the badges do, who are asked the same way.
  async tryAgain() {
    const answer = await asked(this.words.probe);
    if (answer?.status === ANOTHER) this.end();
    else if (answer && (answer.redirected || answer.status === 403)) {
      clearTimeout(this.quiet);
      this.show(this.words.ended, "ended");
    } else if (!document.hidden && !this.source) this.connect();
  }

  schedule() {
    if (!this.pending.size || this.timer || this.busy || document.hidden) return;
    const waiting = this.parts().filter((part) => this.pending.has(part.id));
    const next = Math.min(...waiting.map((part) => this.due(part)));
    if (next === Infinity) return;
    const wait = Math.max(SETTLE, next - performance.now());
    this.timer = setTimeout(() => this.refresh(), wait);
  }

  // The earliest moment at which a part may be fetched again.
  due(part) {
    const every = Number(part.dataset.refreshEvery ?? 1) * 1000;
    return (this.refreshed.get(part) ?? -every) + every;
  }

  async refresh() {
    this.timer = 0;
    if (this.leaving) return;
    const now = performance.now();
    const parts = this.parts().filter((part) => this.pending.has(part.id) && this.due(part) <= now);
    for (const part of parts) {
      this.pending.delete(part.id);
      this.refreshed.set(part, now);
    }
    this.newer = false;
    this.busy = true;
    let changed = false;
    this.failed = false;
    for (const [address, together] of grouped(parts)) {
      changed = (await this.fetchParts(address, together)) || changed;
    }
    this.busy = false;
    if (changed) this.tell();
    if (this.newer || !this.failed) this.schedule();
  }

  async fetchParts(address, parts) {
    const answer = await asked(address);
    if (answer?.status === ANOTHER) {
      this.end();
      return false;
    }
    if (!answer?.ok || answer.redirected || this.leaving) {
      if (!this.leaving) for (const part of parts) this.stale(part, answer);
      return false;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    return parts.map((part) => this.renew(part, fresh.getElementById(part.id))).some(Boolean);
  }

  // Nothing of another person's view comes into this page, and nothing more is asked for it.
  end() {
    this.over = true;
    this.pending.clear();
    this.close();
    clearTimeout(this.quiet);
    this.show(this.words.another, "another");
  }

  // What could not be fetched is tried again with the next event, connection or look.
  stale(part, answer) {
    this.failed = true;
    this.pending.add(part.id);
    if (answer?.redirected || answer?.status === 403) this.show(this.words.ended, "ended");
  }

  renew(part, fresh) {
    if (!fresh) return false;
    const changed = patch(part, fresh, (row) => this.mark(row));
    part.dispatchEvent(new CustomEvent("desk:refreshed", { bubbles: true }));
    return changed && !("refreshQuiet" in part.dataset);
  }

  // Says on a row that has gone what became of it.
  mark(row) {
    const end = this.ends.get((row.dataset.key ?? row.id).replace(/^[a-z]+-/, ""));
    const marks = [...this.sentences.querySelectorAll("[data-end]")];
    const drawn = marks.find((one) => one.dataset.end === end) ?? marks.at(-1);
    const copy = document.importNode(drawn, true);
    copy.dataset.goneMark = "";
    (row.querySelector("[data-gone-here]") ?? row.cells?.[0] ?? row).append(copy);
  }

  tell() {
    const wait = this.said + SAY_EVERY - performance.now();
    if (wait > 0) {
      this.saying ||= setTimeout(() => this.tell(), wait);
      return;
    }
    this.saying = 0;
    this.said = performance.now();
    const topics = new Set(this.news.splice(0));
    const [topic] = topics;
    const one = [...this.sentences.querySelectorAll("[data-topic]")].find(
      (sentence) => sentence.dataset.topic === topic,
    );
    this.say.textContent = topics.size === 1 && one ? one.textContent : this.words.several;
  }

  show(words, state) {
    this.state.textContent = words;
    this.state.dataset.state = state;
    this.state.hidden = !words;
  }
}

function listens(part, topic) {
  return part.dataset.refreshOn.split(/\s+/).some((pattern) => {
    return pattern.endsWith("*") ? topic.startsWith(pattern.slice(0, -1)) : topic === pattern;
  });
}

// What names no persona, such as a lease, may concern each of them.
function isOfAnother(part, { persona_id: about }) {
  const persona = part.dataset.refreshPersona;
  return Boolean(persona && about) && about !== persona;
}

// Says for whom the page was drawn, so that the server answers nobody else.
function asked(address) {
  const headers = { "X-Desk-Refresh": "1", Accept: "text/html", ...drawnForHeader() };
  return fetch(address, { headers }).catch(() => null);
}

function addressOf(part) {
  return part.dataset.refreshUrl || location.pathname + location.search;
}

function grouped(parts) {
  const found = new Map();
  for (const part of parts) {
    const address = addressOf(part);
    found.set(address, [...(found.get(address) ?? []), part]);
  }
  return found;
}
