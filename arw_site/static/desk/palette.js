// The command palette: Ctrl-K or Cmd-K, or the button; a combobox over what the server finds.
// Without this script the button is a link to the search page.
import { drawnForHeader } from "./drafts.js";

const WAIT = 120;
const KEPT = 6;
const REMEMBERED = /\/(page|review)\/$/;

export function startPalette(dialog) {
  if (!dialog) return;
  const palette = new Palette(dialog);
  const opener = document.querySelector("[data-palette-open]");
  const key = opener?.querySelector("[data-palette-key]");
  if (key && /mac|iphone|ipad/i.test(navigator.platform)) key.textContent = "⌘ K";
  opener?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    palette.open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    if (event.altKey || event.shiftKey || event.isComposing) return;
    if (document.querySelector("dialog[open]") && !dialog.open) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else palette.open();
  });
  palette.remember();
  document.getElementById("logout-form")?.addEventListener("submit", () => palette.forget());
}

class Palette {
  constructor(dialog) {
    this.dialog = dialog;
    this.words = dialog.dataset;
    this.store = `desk.recent.${this.words.who}`;
    this.input = dialog.querySelector("[role=combobox]");
    this.list = dialog.querySelector("[role=listbox]");
    this.none = dialog.querySelector("[data-palette-none]");
    this.say = dialog.querySelector("[data-palette-say]");
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.form.addEventListener("submit", (event) => this.submit(event));
    this.list.addEventListener("pointermove", (event) => this.hover(event));
    this.list.addEventListener("click", (event) => this.pick(event));
    dialog.querySelector("[data-palette-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => this.stop());
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
    this.input.value = "";
    this.drawnFor = null;
    this.input.focus();
    this.search();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), WAIT);
  }

  stop() {
    clearTimeout(this.timer);
    this.asked?.abort();
  }

  // Whether the server has answered, or failed to; not when something else was asked meanwhile.
  async search() {
    this.stop();
    this.asked = new AbortController();
    const asked = this.asked;
    const query = this.input.value.trim();
    const url = new URL(this.words.found, location.href);
    url.searchParams.set("q", query);
    const headers = { Accept: "application/json", ...drawnForHeader() };
    try {
      const answer = await fetch(url, { signal: asked.signal, headers });
      if (!answer.ok || answer.redirected) throw new TypeError("refused");
      const { groups } = await answer.json();
      if (asked.signal.aborted) return false;
      this.show(query ? groups : [...this.recent(), ...groups]);
      this.drawnFor = query;
    } catch (error) {
      if (error.name === "AbortError") return false;
      this.show([], this.words.failed);
    }
    return true;
  }

  show(groups, failure = "") {
    this.list.replaceChildren(...groups.map((group, at) => drawn(group, at)));
    this.options = [...this.list.querySelectorAll("[role=option]")];
    for (const [at, option] of this.options.entries()) option.id = `palette-option-${at}`;
    const words = failure || (this.options.length ? "" : this.words.none);
    this.none.hidden = !words;
    this.none.textContent = words;
    this.list.hidden = !this.options.length;
    this.input.setAttribute("aria-expanded", String(this.options.length > 0));
    this.say.textContent = words || this.words.counted.replace("#", this.options.length);
    this.choose(0, false);
  }

  choose(at, scroll = true) {
    const count = this.options.length;
    this.at = count ? (at + count) % count : -1;
    for (const [index, option] of this.options.entries()) {
      option.setAttribute("aria-selected", String(index === this.at));
    }
    const chosen = this.options[this.at];
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
    if (scroll) chosen?.scrollIntoView({ block: "nearest" });
    else this.list.scrollTop = 0;
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing) return;
    event.preventDefault();
    this.choose(this.at + step);
  }

  hover(event) {
    const at = this.options.indexOf(event.target.closest("[role=option]"));
    if (at >= 0 && at !== this.at && (event.movementX || event.movementY)) {
      this.choose(at);
    }
  }

  // What is drawn may be of what was typed before: only results of the present words are taken.
  async submit(event) {
    event.preventDefault();
    const query = this.input.value.trim();
    if (this.drawnFor !== query && !(await this.search())) return;
    if (!this.dialog.open || this.input.value.trim() !== query) return;
    const chosen = this.drawnFor === query ? this.options[this.at] : null;
    if (chosen) location.assign(chosen.dataset.url);
    else this.input.form.submit(); // the search page says why there is nothing
  }

  pick(event) {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    if (event.ctrlKey || event.metaKey) window.open(option.dataset.url, "_blank", "noopener");
    else location.assign(option.dataset.url);
  }

  recent() {
    const items = this.read().filter((one) => one.url !== location.pathname);
    return items.length ? [{ label: this.words.recent, items }] : [];
  }

  // Personas and proposals that were opened in this browser, the last one first.
  remember() {
    if (!REMEMBERED.test(location.pathname)) return;
    const title = document.title.split(" · ")[0];
    const others = this.read().filter((one) => one.url !== location.pathname);
    const items = [{ title, note: "", url: location.pathname }, ...others].slice(0, KEPT);
    try {
      localStorage.setItem(this.store, JSON.stringify(items));
    } catch {
      // nothing to keep it in: then nothing is remembered
    }
  }

  read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.store) ?? "[]");
      return kept.filter((one) => one.url.startsWith("/") && !one.url.startsWith("//"));
    } catch {
      return [];
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.store);
    } catch {
      // nothing was kept
    }
  }
}

function drawn({ label, items }, at) {
  const group = element("div", "palette-group");
  const heading = element("p", "palette-heading", label);
  heading.id = `palette-group-${at}`;
  group.setAttribute("role", "group");
  group.setAttribute("aria-labelledby", heading.id);
  heading.setAttribute("role", "presentation");
  group.append(heading, ...items.map(option));
  return group;
}

function option({ title, note, url }) {
  const one = element("div", "palette-option");
  one.setAttribute("role", "option");
  one.dataset.url = url;
  one.append(element("span", "palette-title", title));
  if (note) one.append(" ", element("span", "palette-note", note));
  return one;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
