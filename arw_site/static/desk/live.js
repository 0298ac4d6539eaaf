// The live page: a WebSocket that resumes after the last event it saw (contract §8).
const KEPT = 500;
const ANNOUNCE_EVERY = 5000;
const LONGEST_WAIT = 15000;
const SIGNED_OUT = 4401;

export function startLive(root) {
  if (!root) return;
  new Live(root).connect();
}

class Live {
  constructor(root) {
    this.words = root.dataset;
    for (const part of ["state", "dot", "list", "empty", "count", "summary", "pause"]) {
      this[part] = root.querySelector(`[data-live-${part}]`);
    }
    this.topic = root.querySelector("#live-topic");
    this.persona = root.querySelector("#live-persona");
    this.lastId = "";
    this.failures = 0;
    this.held = []; // events that arrived while paused, the newest last
    this.paused = false;
    this.unannounced = 0;
    this.pause.addEventListener("click", () => this.toggle());
    for (const filter of [this.topic, this.persona]) {
      filter.addEventListener("change", () => this.refilter());
    }
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
      return;
    }
    if (this.paused) {
      this.held.push(frame);
      this.held.splice(0, this.held.length - KEPT);
      this.count.textContent = `${this.held.length} ${this.words.held}`;
      return;
    }
    this.add(frame);
  }

  add(frame) {
    const item = frame.event === "service.gap" ? this.gap() : this.row(frame);
    item.hidden = !this.wanted(item);
    this.list.prepend(item);
    while (this.list.children.length > KEPT) this.list.lastElementChild.remove();
    this.empty.hidden = true;
    if (!item.hidden) this.unannounced += 1;
  }

  row(frame) {
    const { time, kind, payload = {} } = frame.data ?? {};
    const item = document.createElement("li");
    item.dataset.topic = kind ?? frame.event;
    item.dataset.persona = payload.persona_id ?? "";
    item.append(clock(time), text("span", item.dataset.topic, "topic"), facts(payload));
    return item;
  }

  gap() {
    const item = text("li", this.words.gap, "is-gap");
    item.dataset.topic = "service.gap";
    return item;
  }

  wanted(item) {
    if (item.dataset.topic === "service.gap") return true;
    const persona = this.persona.value;
    const fits = !persona || item.dataset.persona === persona;
    return fits && item.dataset.topic.startsWith(this.topic.value);
  }

  refilter() {
    for (const item of this.list.children) item.hidden = !this.wanted(item);
  }

  toggle() {
    this.paused = !this.paused;
    this.pause.setAttribute("aria-pressed", String(this.paused));
    if (this.paused) {
      this.count.textContent = this.words.paused;
      return;
    }
    this.count.textContent = "";
    for (const frame of this.held.splice(0)) this.add(frame);
  }

  show(words, state) {
    this.state.textContent = words;
    this.dot.className = `livedot ${state}`;
  }

  announce() {
    if (this.unannounced) this.summary.textContent = `${this.unannounced} ${this.words.news}`;
    this.unannounced = 0;
  }
}

function text(tag, words, name = "") {
  const element = document.createElement(tag);
  element.textContent = words;
  if (name) element.className = name;
  return element;
}

function clock(time) {
  const moment = new Date(time);
  const element = text("time", Number.isNaN(moment.getTime()) ? "" : moment.toLocaleTimeString());
  if (element.textContent) {
    element.dateTime = moment.toISOString();
    element.title = moment.toISOString();
  }
  return element;
}

function facts(payload) {
  const list = document.createElement("dl");
  for (const [name, value] of Object.entries(payload)) {
    if (value === null || value === "") continue;
    const pair = document.createElement("div");
    const shown = typeof value === "object" ? JSON.stringify(value) : String(value);
    pair.append(text("dt", name.replaceAll("_", " ")), text("dd", shown));
    list.append(pair);
  }
  return list;
}
