// The record as a form, made from what the schema says and, where it says nothing, from the values.
import { adder } from "./editor_adder.js";
import { control, make, plus, sliderAmong } from "./editor_controls.js";
import { folded, foldsAmong, unfold } from "./editor_fold.js";
import { blankLike, describedBy, isObject, join, labelOf, moveItem, remove, split, valueAt, write } from "./editor_paths.js";

export class RecordForm {
  // `changed()` is called after every change of `this.record`, `say(text)` with what happened.
  constructor(root, { fields, words, changed, say }) {
    Object.assign(this, { root, fields, words, changed, say });
    this.record = {};
    this.open = new Set(); // the sections that are unfolded
    this.filled = new Set(); // those that held something when they were drawn last
  }

  show(record) {
    this.record = structuredClone(record);
    const kept = focusIn(this.root);
    this.root.replaceChildren(this.identity(), ...this.sections());
    if (kept) this.focus(kept);
  }

  identity() {
    const keys = Object.keys(this.record).filter((key) => !this.about([key]).readOnly && !holdsMore(this.record[key]));
    const heading = make("h2", { class: "editor-heading" }, this.words.identity);
    return make("section", { class: "editor-section" }, heading, ...keys.map((key) => this.member([key])));
  }

  sections() {
    const keys = Object.keys(this.record).filter((key) => !this.about([key]).readOnly && holdsMore(this.record[key]));
    return keys.map((key) => {
      const size = Object.keys(this.record[key]).length;
      if (size && !this.filled.has(key)) this.open.add(key);
      this.filled[size ? "add" : "delete"](key);
      const count = make("span", { class: "editor-count" }, this.count(size));
      const summary = make("summary", {}, make("h2", { class: "editor-heading" }, this.label([key])), count);
      const section = make("details", { class: "editor-section", open: this.open.has(key) }, summary, this.group([key], ""));
      section.addEventListener("toggle", () => this.open[section.open ? "add" : "delete"](key));
      return section;
    });
  }

  about(tokens) {
    return describedBy(this.fields, tokens);
  }

  label(tokens) {
    const described = this.about(tokens);
    if (described.label) return described.label;
    const inList = Array.isArray(valueAt(this.record, tokens.slice(0, -1)));
    if (!inList) return labelOf(tokens.at(-1));
    const parts = { "{name}": this.label(tokens.slice(0, -1)), "{position}": Number(tokens.at(-1)) + 1 };
    return this.words.item.replace(/\{\w+\}/g, (part) => parts[part]);
  }

  // A member of an object: a field of its own, or a group of fields; both can be removed.
  member(tokens, removable = false) {
    const value = valueAt(this.record, tokens);
    return holdsMore(value) ? this.group(tokens, this.label(tokens), removable) : this.field(tokens, removable);
  }

  field(tokens, removable, buttons = []) {
    const pointer = join(tokens);
    const label = this.label(tokens);
    const siblings = Object.values(valueAt(this.record, tokens.slice(0, -1)));
    const described = { ...(tokens.length > 2 ? sliderAmong(siblings) : {}), ...this.about(tokens) };
    const id = `field-${pointer}`;
    const value = valueAt(this.record, tokens);
    const { element, input } = control(value, { described, id, label, words: this.words }, (now) => {
      write(this.record, tokens, now);
      this.changed();
    });
    const inList = Array.isArray(valueAt(this.record, tokens.slice(0, -1)));
    const tickBox = input.type === "checkbox";
    const name = make("label", { for: id, class: inList ? "visually-hidden" : null }, label);
    const help = described.help ? make("p", { class: "help", id: `help-${pointer}` }, described.help) : "";
    const tools = [...buttons, ...(removable ? [this.remover(tokens, label)] : [])];
    const line = make("div", { class: `editor-line${tickBox ? " editor-tick" : ""}` }, element, ...(tickBox ? [name] : []), ...tools);
    const parts = [...(tickBox ? [] : [name]), help, make("div", { class: "field-error", id: `fault-${pointer}`, hidden: true }), line];
    input.setAttribute("aria-describedby", `${help ? `help-${pointer} ` : ""}fault-${pointer}`);
    return make("div", { class: "field", "data-pointer": pointer }, ...parts);
  }

  group(tokens, legend, removable = false, buttons = []) {
    const pointer = join(tokens);
    const value = valueAt(this.record, tokens);
    const described = this.about(tokens);
    const tools = [...buttons, ...(removable ? [this.remover(tokens, legend)] : [])];
    const head = legend ? [make("legend", { tabindex: -1 }, legend), make("div", { class: "editor-tools" }, ...tools)] : [];
    const help = described.help ? [make("p", { class: "help" }, described.help)] : [];
    const faults = make("div", { class: "field-error", id: `fault-${pointer}`, hidden: true });
    const inside = Array.isArray(value) ? this.items(tokens, value) : this.members(tokens, value);
    const tag = legend ? "fieldset" : "div";
    return make(tag, { class: "editor-group", "data-pointer": pointer }, ...head, ...help, faults, ...inside);
  }

  members(tokens, value) {
    const rows = Object.keys(value).map((key) => this.member([...tokens, key], true));
    const empty = rows.length ? [] : [make("p", { class: "quiet" }, this.words.empty)];
    return [...rows, ...empty, this.adder(tokens)];
  }

  items(tokens, list) {
    const rows = list.map((item, at) => {
      const place = [...tokens, at];
      const label = this.label(place);
      const tools = this.movers(tokens, at, list.length, label);
      return make("li", {}, holdsMore(item) ? this.item(place, label, tools, list) : this.field(place, true, tools));
    });
    const name = this.words.addItem.replace("{name}", this.label(tokens));
    const add = make("button", { type: "button", class: "button button-quiet button-small", "data-act": "add" }, plus(), name);
    add.addEventListener("click", () => this.append(tokens));
    const empty = rows.length ? [] : [make("p", { class: "quiet" }, this.words.empty)];
    return [...empty, make("ol", { class: "editor-items" }, ...rows), make("div", {}, add)];
  }

  item(place, label, tools, list) {
    if (!foldsAmong(list)) return this.group(place, label, true, tools);
    const build = () => this.group(place, "");
    const all = [...tools, this.remover(place, label)];
    return folded({ pointer: join(place), label, item: list[place.at(-1)], tools: all, build });
  }

  movers(tokens, at, count, label) {
    const steps = [["up", -1, "↑"], ["down", 1, "↓"]];
    return steps.map(([act, step, sign]) => {
      const there = at + step;
      const off = there < 0 || there >= count;
      const button = make("button", { type: "button", class: "editor-tool", "data-act": act, disabled: off, "aria-label": this.words[act].replace("{name}", label) }, sign);
      button.addEventListener("click", () => this.move(tokens, at, there, act));
      return button;
    });
  }

  remover(tokens, label) {
    const name = this.words.remove.replace("{name}", label);
    const button = make("button", { type: "button", class: "editor-tool", "data-act": "remove", "aria-label": name, title: name }, "×");
    button.addEventListener("click", () => this.take(tokens, label));
    return button;
  }

  adder(tokens) {
    const described = this.about(tokens);
    return adder({
      pointer: join(tokens),
      name: this.words.addTo.replace("{name}", this.label(tokens)),
      suggested: described.suggest ?? [],
      taken: (key) => Object.hasOwn(valueAt(this.record, tokens), key),
      words: this.words,
      add: (key, value) => {
        write(this.record, [...tokens, key], structuredClone(value));
        this.redraw(tokens);
        this.enter([...tokens, key]);
        this.say(this.words.added.replace("{name}", this.label([...tokens, key])));
      },
    });
  }

  append(tokens) {
    const list = valueAt(this.record, tokens);
    const suggested = this.about([...tokens, 0]).suggest;
    const blank = list.length ? blankLike(list.at(-1)) : suggested ? Object.fromEntries(suggested.map(({ key, value }) => [key, value])) : "";
    list.push(structuredClone(blank));
    this.redraw(tokens);
    this.enter([...tokens, list.length - 1]);
    this.say(this.words.added.replace("{name}", this.label([...tokens, list.length - 1])));
  }

  move(tokens, from, to, act) {
    const list = valueAt(this.record, tokens);
    const label = this.label([...tokens, from]);
    moveItem(list, from, to);
    this.redraw(tokens);
    const row = this.row([...tokens, to]);
    // At either end the button is off: the other one is beside it.
    (row.querySelector(`:scope [data-act="${act}"]:enabled`) ?? row.querySelector("[data-act]:enabled")).focus();
    const facts = { "{name}": label, "{position}": to + 1, "{count}": list.length };
    this.say(this.words.moved.replace(/\{\w+\}/g, (part) => facts[part]));
  }

  take(tokens, label) {
    const parent = tokens.slice(0, -1);
    const keys = Object.keys(valueAt(this.record, parent));
    const at = keys.indexOf(String(tokens.at(-1)));
    remove(this.record, tokens);
    this.redraw(parent);
    const left = Object.keys(valueAt(this.record, parent));
    const next = left[Math.min(at, left.length - 1)];
    const row = next === undefined ? null : this.row([...parent, next]);
    const add = [...this.row(parent).querySelectorAll('[data-act="add"]')].at(-1);
    (row?.querySelector('[data-act="remove"]') ?? add)?.focus();
    this.say(this.words.removed.replace("{name}", label));
  }

  // Draws one group anew after fields came, went or moved.
  redraw(tokens) {
    const old = this.row(tokens);
    const parent = tokens.slice(0, -1);
    const inList = Array.isArray(valueAt(this.record, parent));
    const tools = inList ? this.movers(parent, Number(tokens.at(-1)), valueAt(this.record, parent).length, this.label(tokens)) : [];
    const top = tokens.length === 1;
    if (top) this.recount(old, tokens);
    old.replaceWith(top ? this.group(tokens, "") : this.group(tokens, this.label(tokens), true, tools));
    this.changed();
  }

  recount(group, tokens) {
    const size = Object.keys(valueAt(this.record, tokens)).length;
    group.previousElementSibling.querySelector(".editor-count").textContent = this.count(size);
  }

  count(size) {
    return size === 1 ? this.words.countOne : this.words.count.replace("{count}", size);
  }

  row(tokens) {
    return this.root.querySelector(`[data-pointer="${CSS.escape(join(tokens))}"]`);
  }

  enter(tokens) {
    const row = this.row(tokens);
    unfold(row);
    (row?.querySelector("input, textarea, select") ?? row?.querySelector("legend, button"))?.focus();
  }

  focus({ id, start, end }) {
    const field = document.getElementById(id);
    field?.focus({ preventScroll: true });
    if (start !== null && field?.setSelectionRange && field.type !== "number") field.setSelectionRange(start, end);
  }

  // Puts each fault beside its field; returns those that have one, with the field.
  mark(faults) {
    for (const old of this.root.querySelectorAll(".has-error")) old.classList.remove("has-error");
    for (const old of this.root.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
    for (const old of this.root.querySelectorAll(".field-error")) {
      old.hidden = true;
      old.replaceChildren();
    }
    return faults.map((fault) => ({ ...fault, field: this.markOne(fault) }));
  }

  markOne(fault) {
    const tokens = split(fault.pointer);
    let row = null;
    for (const at of tokens.keys()) unfold(this.row(tokens.slice(0, at + 1)));
    while (tokens.length && !(row = this.row(tokens))) tokens.pop();
    if (!row) return null;
    for (let fold = row.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    row.classList.add("has-error");
    const place = document.getElementById(`fault-${join(tokens)}`);
    place.hidden = false;
    place.append(make("p", {}, make("code", {}, fault.pointer), ` ${fault.message}`));
    const input = document.getElementById(`field-${join(tokens)}`);
    input?.setAttribute("aria-invalid", "true");
    return input ?? row.querySelector("legend, input, textarea, button");
  }
}

function holdsMore(value) {
  return Array.isArray(value) || isObject(value);
}

function focusIn(root) {
  const field = root.contains(document.activeElement) ? document.activeElement : null;
  if (!field?.id) return null;
  const typed = field.matches("textarea, input[type=text]");
  return { id: field.id, start: typed ? field.selectionStart : null, end: typed ? field.selectionEnd : null };
}
