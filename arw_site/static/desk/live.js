// The live page: a WebSocket that resumes after the last event it saw (contract §8).
import { onSingleKeys } from "./keys.js";
import { eventRow, nameUnseen, stateRow } from "./live_rows.js";

const KEPT = 500;
const ANNOUNCE_EVERY = 5000;
const LONGEST_WAIT = 15000;
const SIGNED_OUT = 4401;
const AT_END = 24; // pixels that still count as the end
const STATES = ["service.gap", "service.degraded", "service.recovered"];
const PARTS = "state dot banner list empty count summary pause jump".split(" ");

function startLive(root) {
  if (!root) return;
  new Live(root).connect();
}

class Live {
  constructor(root) {
    this.words = root.dataset;
    nameUnseen(this.words.unseen);
    for (const part of PARTS) this[part] = root.querySelector(`[data-live-${part}]`);
    this.log = this.list.parentElement;
    this.topic = root.querySelector("#live-topic");
    this.persona = root.querySelector("#live-persona");
    this.names = new Map([...this.persona.options].map((one) => [one.value, one.text]));
    const sentences = root.querySelector("template").content.querySelectorAll("[data-topic]");
    this.sentences = new Map([...sentences].map((one) => [one.dataset.topic, one.textContent]));
    this.lastId = "";
    this.failures = 0;
    this.waiting = []; // frames that are not drawn yet, the newest last
    this.held = 0; // how many of the wanted ones came while paused
    this.below = 0; // how many came below what is seen
    this.unannounced = 0;
    this.follows = true;
    this.listen(root);
  }

  listen(root) {
    this.pause.addEventListener("click", () => this.toggle());
    this.jump.addEventListener("click", () => this.toEnd());
    this.log.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.log.addEventListener("toggle", (event) => event.target.open && this.stay(), true);
    for (const filter of [this.topic, this.persona]) {
      filter.addEventListener("change", () => this.refilter());
    }
    root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    onSingleKeys({
      p: () => this.toggle(),
      e: () => this.toEnd(),
      t: () => this.topic.focus(),
    });
    setInterval(() => this.announce(), ANNOUNCE_EVERY);
  }

  connect() {
    const url = new URL(this.words.path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (this.lastId) url.searchParams.set("after", this.lastId);
    this.show(this.words.connecting, "");
    const socket = new WebSocket(url);
    socket.addEventListener("message", (message) => this.receive(JSON.parse(message.data)));
    socket.addEventListener("close", (event) => {
      if (event.code === SIGNED_OUT) {
        this.show(this.words.ended, "is-lost");
        return;
      }
      this.show(this.words.lost, "is-lost");
      const wait = Math.min(LONGEST_WAIT, 500 * 2 ** this.failures);
      this.failures += 1;
      setTimeout(() => this.connect(), wait);
    });
  }

  receive(frame) {
    if (frame.id) this.lastId = frame.id;
    if (frame.event === "service.connected") {
      this.failures = 0;
      this.show(this.words.open, "is-open");
      if (this.banner.classList.contains("is-degraded")) this.banner.textContent = "";
      return;
    }
    if (STATES.includes(frame.event)) this.tellState(frame);
    this.waiting.push(frame);
    this.waiting.splice(0, this.waiting.length - KEPT);
    if (this.paused) {
      this.held += Number(this.isWanted(frame));
      this.count.textContent = this.words.held.replace("#", this.held);
    } else this.drawSoon();
  }

  // Whatever arrives within a frame of the screen is drawn at once, however much it is.
  drawSoon() {
    this.drawing ||= requestAnimationFrame(() => {
      this.drawing = 0;
      if (!this.paused) this.draw();
    });
  }

  draw() {
    const rows = this.waiting.splice(0).map((frame) => this.row(frame));
    if (!rows.length) return;
    const seen = rows.filter((row) => !row.hidden).length;
    this.list.append(...rows);
    while (this.list.children.length > KEPT) this.list.firstElementChild.remove();
    this.empty.hidden = true;
    this.unannounced += seen;
    if (this.follows) this.log.scrollTop = this.log.scrollHeight;
    else this.tellBelow(this.below + seen);
  }

  row(frame) {
    const isState = STATES.includes(frame.event);
    const row = isState ? stateRow(frame, this.sentence(frame), this.words.times) : this.event(frame);
    row.hidden = !this.isWanted(frame);
    return row;
  }

  event(frame) {
    const name = this.names.get(frame.data?.payload?.persona_id) ?? "";
    return eventRow(frame, { name, sentence: this.sentence(frame), times: this.words.times });
  }

  sentence(frame) {
    const reason = frame.data?.payload?.reason;
    const topics = [`${frame.event}:${reason}`, frame.event];
    const known = topics.map((topic) => this.sentences.get(topic)).find(Boolean);
    return known ?? "";
  }

  isWanted({ event, data }) {
    if (STATES.includes(event)) return true;
    const persona = this.persona.value;
    const fits = !persona || data?.payload?.persona_id === persona;
    const topic = this.topic.value;
    return fits && (topic.endsWith(".") ? event.startsWith(topic) : !topic || event === topic);
  }

  refilter() {
    const frame = (row) => ({
      event: row.dataset.topic,
      data: { payload: { persona_id: row.dataset.persona } },
    });
    for (const row of this.list.children) row.hidden = !this.isWanted(frame(row));
    this.held = this.waiting.filter((one) => this.isWanted(one)).length;
    const url = new URL(location.href);
    for (const filter of [this.topic, this.persona]) {
      if (filter.value) url.searchParams.set(filter.name, filter.value);
      else url.searchParams.delete(filter.name);
    }
    history.replaceState(history.state, "", url);
    if (this.paused) this.count.textContent = this.words.held.replace("#", this.held);
    if (this.follows) this.log.scrollTop = this.log.scrollHeight;
  }

  toggle() {
    this.paused = !this.paused;
    this.held = 0;
    this.pause.setAttribute("aria-pressed", String(this.paused));
    this.count.textContent = this.paused ? this.words.held.replace("#", 0) : "";
    if (!this.paused) this.draw();
  }

  scrolled() {
    const left = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
    this.follows = left <= AT_END;
    if (this.follows) this.tellBelow(0);
  }

  // Whoever opens an event reads it: it must not move away.
  stay() {
    this.follows = false;
  }

  toEnd() {
    this.follows = true;
    this.tellBelow(0);
    this.log.scrollTop = this.log.scrollHeight;
    this.log.focus({ preventScroll: true });
  }

  tellBelow(count) {
    this.below = count;
    this.jump.hidden = !count;
    this.jump.textContent = this.words.behind.replace("#", count);
  }

  // A gap is told for as long as it is news; being cut off for as long as it lasts.
  tellState(frame) {
    const over = frame.event === "service.recovered";
    this.banner.textContent = over ? "" : this.sentence(frame);
    this.banner.classList.toggle("is-degraded", frame.event === "service.degraded");
  }

  show(words, state) {
    this.state.textContent = words;
    this.dot.className = `livedot ${state}`;
  }

  announce() {
    if (this.unannounced) {
      this.summary.textContent = this.words.news.replace("#", this.unannounced);
    }
    this.unannounced = 0;
  }
}

startLive(document.querySelector("[data-live]"));
