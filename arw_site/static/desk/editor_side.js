// Beside the edit: what it would do, in one line that is read out and then in full; what is wrong
// with it; how much of the limits it uses.
import { signInAddress } from "./drafts.js";
import { make } from "./editor_controls.js";

const KIB = 1024;
const NEARLY = 0.8;

export class Side {
  constructor(form, { words, limits, signIn }) {
    Object.assign(this, { form, words, limits, signIn });
    for (const part of ["status", "lost", "faults", "preview", "moved"]) {
      this[part] = form.querySelector(`[data-editor-${part}]`);
    }
    this.shown = null;
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  working() {
    this.preview.setAttribute("aria-busy", "true");
    this.form.dataset.state = "working";
  }

  failed(why) {
    this.rest();
    this.lost.hidden = false;
    this.lost.querySelector("span").textContent = this.words[why];
    const link = this.lost.querySelector("a");
    link.hidden = why !== "signedOut";
    link.href = signInAddress(this.signIn);
    this.say(this.words[why]);
  }

  rest() {
    this.preview.removeAttribute("aria-busy");
    delete this.form.dataset.state;
  }

  show(answer, faults, source) {
    this.rest();
    this.lost.hidden = true;
    this.sizes(answer.sizes);
    // What was said of a change that was carried over stays until it is submitted.
    if (answer.moved || this.moved.querySelector("[data-editor-carry]")) this.draw(this.moved, answer.moved);
    this.list(faults, source);
    if (!faults.length) this.draw(this.preview, answer.html);
    this.preview.hidden = faults.length > 0;
    this.say(this.sentence(answer));
  }

  sentence({ faults, summary }) {
    const { none, faultOne, faults: many } = this.words;
    if (faults.length) return faults.length === 1 ? faultOne : many.replace("{count}", faults.length);
    return summary ? summary[0].toUpperCase() + summary.slice(1) : none;
  }

  // Only what differs is drawn anew, so that what is being read stays where it is.
  draw(place, html) {
    if (place.dataset.drawn === html) return;
    const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
    place.dataset.drawn = html;
    place.innerHTML = html;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  list(faults, source) {
    const items = faults.map(({ pointer, message, field }) => {
      const where = pointer ? [make("code", {}, pointer), " "] : [];
      if (!field) return make("li", {}, ...where, message);
      const link = make("button", { type: "button", class: "plain" }, ...where, message);
      link.addEventListener("click", () => this.lead(field));
      return make("li", {}, link);
    });
    this.faults.replaceChildren(...items);
    this.faults.hidden = !faults.length;
    for (const [name, id] of [["patch", "diff"], ["record", "record"]]) this.beside(id, source === name ? faults : []);
  }

  beside(id, faults) {
    const place = document.getElementById(`${id}-error`);
    const field = document.getElementById(id);
    const items = faults.map(({ pointer, message }) => make("li", {}, ...(pointer ? [make("code", {}, pointer), " "] : []), message));
    place.querySelector("ul").replaceChildren(...items);
    place.hidden = !items.length;
    field.toggleAttribute("aria-invalid", items.length > 0);
    if (items.length) field.setAttribute("aria-invalid", "true");
    field.closest(".field").classList.toggle("has-error", items.length > 0);
  }

  lead(field) {
    if (field.closest("[role=tabpanel]").hidden) document.getElementById("tab-form").click();
    document.getElementById(field.id)?.focus();
  }

  // Why nothing was submitted, where the focus is led to.
  refuse({ faults, moved }, source) {
    if (moved && !faults.length) {
      document.getElementById("record-moved")?.focus();
      return;
    }
    if (!faults.length) this.list([{ pointer: "", message: this.words.unchanged }], source);
    this.faults.tabIndex = -1;
    this.faults.focus();
  }

  sizes(used) {
    for (const [name, number] of Object.entries(used)) {
      const meter = this.form.querySelector(`[data-editor-size=${name}]`);
      const limit = this.limits[name];
      const [one, other] = name === "operations" ? [number, limit] : [kib(number), kib(limit)];
      const words = name === "operations" ? this.words.operations : this.words.bytes;
      meter.max = limit;
      meter.high = limit * NEARLY;
      meter.optimum = 0;
      meter.value = number;
      meter.nextElementSibling.textContent = words.replace("{used}", one).replace("{limit}", other);
      meter.closest("div").classList.toggle("is-over", number > limit);
    }
  }
}

function kib(bytes) {
  return (bytes / KIB).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
}
