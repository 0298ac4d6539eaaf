// Short messages that stay out of the way: said politely, beside the page, never in front of it.
//
//   import { toast } from "./toast.js";
//   toast(text, { kind: "success", action: { href, label }, lasts: 10000 });
//
// `text` and `label` are translated already: from a data- attribute or a <template> of the page.
// `kind` is info (the default), success, warning or error. An error, or `lasts: 0`, stays until it
// is dismissed; anything else stays long enough to be read twice, and for as long as the pointer or
// the focus is on it or the page is hidden. Returns a function that takes the message away.
//
// Elements with data-toast="<kind>" that the server sends in a swapped part are shown as well.
const SHORTEST = 8000;
const PER_CHARACTER = 120;
const MOST = 4;
const KINDS = ["info", "success", "warning", "error"];

export function toast(text, { kind = "info", action = null, lasts = null } = {}) {
  const list = document.getElementById("toasts");
  const drawn = document.getElementById("toast-template");
  if (!list || !drawn || !text) return () => {};
  const known = KINDS.includes(kind) ? kind : "info";
  const item = drawn.content.firstElementChild.cloneNode(true);
  item.classList.add(`toast-${known}`);
  for (const mark of item.querySelectorAll("[data-kind]")) {
    mark.hidden = mark.dataset.kind !== known;
  }
  item.querySelector("[data-text]").textContent = text;
  link(item.querySelector("[data-action]"), action);
  const close = () => remove(item);
  item.querySelector("button").addEventListener("click", close);
  item.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  list.append(item);
  makeRoom(list, item);
  countDown(item, lasts ?? (known === "error" ? 0 : reading(text)), close);
  return close;
}

// Messages that came with a part of the page become toasts; their elements go.
export function toastsOf(root) {
  for (const element of root.querySelectorAll("[data-toast]")) {
    toast(element.textContent.trim(), { kind: element.dataset.toast || "info" });
    element.remove();
  }
}

export function startToasts() {
  toastsOf(document);
  samples(document.querySelector("[data-toast-samples]"));
  document.addEventListener("desk:refreshed", () => toastsOf(document));
}

// The page that shows the design raises one of each kind.
function samples(place) {
  for (const button of place?.querySelectorAll("[data-raise]") ?? []) {
    button.hidden = false;
    button.addEventListener("click", () => toast(button.dataset.says, { kind: button.dataset.raise }));
  }
}

function link(place, action) {
  if (!action) {
    place.remove();
    return;
  }
  place.href = action.href;
  place.textContent = action.label;
}

function reading(text) {
  return Math.max(SHORTEST, text.length * PER_CHARACTER);
}

// The oldest that would go by themselves make room for a new one; errors and what is held stay.
function makeRoom(list, newest) {
  const going = [...list.querySelectorAll("[data-going]")].filter(
    (one) => one !== newest && !one.matches(":hover, :focus-within"),
  );
  const over = list.children.length - MOST;
  for (const one of going.slice(0, Math.max(0, over))) one.remove();
}

// Whoever dismissed it by keyboard goes on with the next message, or with the page itself.
function remove(item) {
  const focused = item.contains(document.activeElement);
  const beside = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  if (!focused) return;
  const next = beside?.querySelector("button") ?? document.getElementById("content-start");
  next?.focus({ preventScroll: true });
}

function countDown(item, lasts, close) {
  if (!lasts) return;
  item.dataset.going = "";
  let timer = 0;
  const held = () => document.hidden || item.matches(":hover, :focus-within");
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    if (!item.isConnected) document.removeEventListener("visibilitychange", start);
    else if (!held()) timer = setTimeout(close, lasts);
  };
  for (const entered of ["pointerenter", "focusin"]) item.addEventListener(entered, stop);
  // After the event is over: only then does the item know whether the focus is still in it.
  for (const left of ["pointerleave", "focusout"]) {
    item.addEventListener(left, () => queueMicrotask(start));
  }
  document.addEventListener("visibilitychange", start);
  start();
}
