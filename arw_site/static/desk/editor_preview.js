// Asks the server what an edit would do: one question at a time, the newest, after a short rest.
import { drawnFor, freshToken } from "./drafts.js";

const REST = 350;

export class Previews {
  // `read()` gives what to send, `shown(answer)` takes the answer; `failed(why)` takes
  // "signedOut", "another", "refused" or "offline".
  constructor({ read, shown, failed, asking }) {
    Object.assign(this, { read, shown, failed, asking });
    this.timer = 0;
    this.running = null;
    this.current = true; // whether what is shown is of what was typed last
  }

  later() {
    this.current = false;
    clearTimeout(this.timer);
    this.running?.abort();
    this.timer = setTimeout(() => this.now(), REST);
  }

  // Resolves to the answer; to null where there was none, or a newer question took its place.
  async now(more = {}) {
    clearTimeout(this.timer);
    this.running?.abort();
    const mine = new AbortController();
    this.running = mine;
    this.current = false;
    this.asking();
    const why = await this.ask(mine.signal, more);
    if (this.running !== mine) return null;
    this.running = null;
    if (typeof why === "string") {
      this.failed(why);
      return null;
    }
    this.current = true;
    this.shown(why);
    return why;
  }

  async ask(signal, more) {
    const sender = { csrfmiddlewaretoken: freshToken(), ...drawnFor() };
    const body = new URLSearchParams({ step: "draft", ...sender, ...this.read(), ...more });
    const options = { method: "POST", body, signal, redirect: "manual", headers: { Accept: "application/json" } };
    try {
      const response = await fetch(location.pathname, options);
      if (response.type === "opaqueredirect") return "signedOut";
      if (response.status === 409) return "another";
      return response.ok ? await response.json() : "refused";
    } catch {
      return "offline";
    }
  }
}
