// Keeps what the page shows up to date: one stream of events, and htmx for the parts they are about.
//
//   <section id="queue" hx-ext="morph" hx-swap-oob="morph" data-refresh-on="persona.proposal.* leases.created">
//
// When one of the topics happens, the page is asked for again by an element of parts/updates.html,
// once for all parts, and htmx lays each part of the answer over the one with its id. Parts with
// [data-refresh-by=badges] are content with the badges alone. [data-refresh-persona] narrows a part
// to events about one persona, and to those that name none, [data-refresh-proposal] likewise;
// [data-refresh-quiet] is not spoken of. After a swap a part gets the event "desk:refreshed". At
// most one request a second, or every [data-refresh-every] seconds; none while the page is hidden.
import { heldFocus, startMorphing } from "./morph.js";

const SETTLE = 150;
const SAY_EVERY = 4000;
const QUIET_FOR = 3000;
const LONGEST_WAIT = 30000;
const STILL_HERE = 10000;
const ANOTHER = 409; // the page was drawn for somebody who is not signed in any more

export function startUpdates(root) {
  if (root && window.htmx && "EventSource" in window) new Updates(root).begin();
}

class Updates {
  constructor(root) {
    this.root = root;
    this.words = root.dataset;
    this.state = root.querySelector("[data-updates-state]");
    this.say = root.querySelector("[data-updates-say]");
    this.sentences = root.querySelector("template").content;
    this.page = root.querySelector("[data-refresh-page]");
    this.badges = root.querySelector("[data-refresh-badges]");
    this.last = root.dataset.after;
    this.pending = new Set(); // ids of the parts that are out of date
    this.news = []; // topics that nobody was told of yet
    this.ends = new Map(); // what ended proposals and leases, in words, by id
    this.failures = 0;
    this.refreshed = new WeakMap(); // when each part was
    this.said = -SAY_EVERY;
  }

  begin() {
    const topics = this.words.topics.split(" ");
    this.topics = topics.filter((topic) => this.parts().some((part) => listens(part, topic)));
    if (!this.topics.length) return;
    startMorphing((row) => this.mark(row));
    this.listenToSwaps();
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
    const ends = this.sentences.querySelector(`[data-end="${topic}"]`);
    if (ends) this.ended(payload.proposal_id ?? payload.id ?? payload.persona_id, ends);
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

  // A copy of the page can be faster than the news of what it no longer has: that row is marked anew.
  ended(id, words) {
    this.ends.set(id, words);
    for (const row of document.querySelectorAll(".is-gone[id]")) if (subjectOf(row) === id) this.mark(row);
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
    const answer = await this.ask(this.badges);
    if (answer === "another") this.end();
    else if (answer === "ended") {
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

  // Every page has the badges as well; asked for alone they cost less.
  async refresh() {
    this.timer = 0;
    if (this.leaving) return;
    const now = performance.now();
    const due = this.parts().filter((part) => this.pending.has(part.id) && this.due(part) <= now);
    const by = due.every(isBadge) ? this.badges : this.page;
    const parts = this.parts().filter((part) => by === this.page || isBadge(part));
    for (const part of parts) {
      this.pending.delete(part.id);
      this.refreshed.set(part, now);
    }
    this.newer = false;
    this.changed = false;
    this.busy = true;
    const answer = await this.ask(by);
    this.busy = false;
    if (answer === "another") this.end();
    else if (answer !== "fresh" && !this.leaving) this.stale(parts, answer);
    if (this.changed) this.tell();
    if (this.newer || answer === "fresh") this.schedule();
  }

  // What became of a request: "fresh", "late", "ended" (nobody is signed in) or "another".
  ask(by) {
    return new Promise((resolve) => {
      const answered = ({ detail }) => resolve(outcome(detail.xhr, by));
      by.addEventListener("htmx:afterRequest", answered, { once: true });
      by.dispatchEvent(new CustomEvent("desk:stale"));
    });
  }

  // Whoever leaves the page sees nothing move any more, and a sign-in page is no fresher copy.
  listenToSwaps() {
    const said = new Map();
    let giveBack = () => {};
    this.root.addEventListener("htmx:beforeSwap", ({ detail, target }) => {
      detail.shouldSwap &&= !this.leaving && outcome(detail.xhr, target) === "fresh";
      said.clear();
      giveBack = heldFocus();
    });
    document.addEventListener("htmx:oobBeforeSwap", ({ target }) => said.set(target, saidBy(target)));
    this.root.addEventListener("htmx:afterSwap", () => {
      for (const [part, before] of said) {
        this.changed ||= !("refreshQuiet" in part.dataset) && saidBy(part) !== before;
        part.dispatchEvent(new CustomEvent("desk:refreshed", { bubbles: true }));
      }
      giveBack();
    });
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
  stale(parts, answer) {
    for (const part of parts) this.pending.add(part.id);
    if (answer === "ended") this.show(this.words.ended, "ended");
  }

  // Says on a row that has gone what became of it.
  mark(row) {
    row.querySelector("[data-gone-mark]")?.remove();
    const end = this.ends.get(subjectOf(row));
    const drawn = end ?? this.sentences.querySelector("[data-end='']");
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
function isOfAnother({ dataset }, { persona_id: persona, proposal_id: proposal }) {
  return differs(dataset.refreshPersona, persona) || differs(dataset.refreshProposal, proposal);
}

function differs(wanted, about) {
  return Boolean(wanted && about) && about !== wanted;
}

// The id of what a row is about: rows are called `proposal-<id>`, `lease-<id>` and the like.
function subjectOf(row) {
  return row.id.replace(/^[a-z]+-/, "");
}

function isBadge(part) {
  return part.dataset.refreshBy === "badges";
}

function outcome(xhr, by) {
  if (xhr.status === ANOTHER) return "another";
  const wanted = new URL(by.getAttribute("hx-get"), location.href).pathname;
  const elsewhere = xhr.status && new URL(xhr.responseURL).pathname !== wanted;
  if (elsewhere || xhr.status === 403) return "ended";
  return xhr.status === 200 ? "fresh" : "late";
}

// What a part says and where it leads, times and what has gone aside.
function saidBy(part) {
  const copy = part.cloneNode(true);
  for (const one of copy.querySelectorAll("time, .is-gone")) one.remove();
  const links = [...copy.querySelectorAll("[href]")].map((one) => one.getAttribute("href"));
  return [copy.textContent.replace(/\s+/g, " "), ...links].join(" ");
}
