// What stays as it is while htmx makes a part of the page like a fresher copy of it. idiomorph keeps
// every element that both have, and with it focus, scroll and what is open; this keeps the rest.
//
// A field that was typed in, an open dialog and [data-refresh-skip] are left alone, and so is the
// whole of [data-refresh-typed] while there is such a field or dialog in it. In a list with
// [data-refresh-gone], a child with an id that is no longer there stays, marked, for a while:
// nothing vanishes under the pointer.
const LEFT = "dialog[open], [data-refresh-skip]";
const FIELDS = "input, textarea, select";
const OWN = ["data-started", "data-fresh", "tabindex"];
const FRESH_FOR = 2500;
const GONE_FOR = 30000;

// `mark(element)` draws what has gone.
export function startMorphing(mark) {
  Object.assign(window.Idiomorph.defaults.callbacks, {
    beforeNodeMorphed: (here) => !isLeft(here) && comeBack(here),
    beforeAttributeUpdated: (name, element, how) => !isOwn(name, element, how),
    beforeNodeRemoved: (node) => !stays(node, mark),
    afterNodeAdded: highlight,
  });
}

// Asked before a swap; what it returns is called after it. The focus is then on the element itself,
// else on the one that took its place, else on the part that the element was in.
export function heldFocus() {
  const lost = document.activeElement;
  const part = lost?.closest("[data-refresh-on]");
  return () => {
    if (!part || document.activeElement === lost) return;
    const href = lost.getAttribute("href");
    const again = lost.isConnected
      ? lost
      : (lost.id && document.getElementById(lost.id)) ||
        (href && [...part.querySelectorAll("a")].find((one) => one.getAttribute("href") === href));
    // A part that was emptied takes no focus: what it stands in does.
    const place = again || (part.firstElementChild ? part : part.parentElement.closest("[tabindex]"));
    if (place === part && !part.hasAttribute("tabindex")) part.tabIndex = -1;
    place.focus({ preventScroll: true });
  };
}

function isLeft(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return false;
  if (node.matches(LEFT) || isTouched(node)) return true;
  return node.matches("[data-refresh-typed]") && holdsTyped(node);
}

function holdsTyped(element) {
  return [...element.querySelectorAll(FIELDS)].some(isTouched) || element.querySelector("dialog[open]") !== null;
}

function isTouched(field) {
  if (!field.matches(FIELDS)) return false;
  if (field.options) {
    return field.value !== (field.querySelector("[selected]") ?? field.options[0])?.value;
  }
  if (/^(checkbox|radio)$/.test(field.type)) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

// What the reader or a script has set on an element.
function isOwn(name, element, how) {
  if (name === "open") return element.matches("details, dialog");
  return how === "remove" && OWN.includes(name);
}

function highlight(node) {
  if (node.nodeType !== Node.ELEMENT_NODE || !node.id) return;
  node.dataset.fresh = "";
  setTimeout(() => delete node.dataset.fresh, FRESH_FOR);
}

// Whether an element that is no longer wanted stays: for good, or marked where its list says so.
function stays(node, mark) {
  if (node.nodeType !== Node.ELEMENT_NODE) return false;
  if (isLeft(node)) return true;
  const inside = [...node.querySelectorAll("[data-refresh-gone]")];
  const lists = node.matches("[data-refresh-gone]") ? [node] : inside;
  const own = node.id && node.parentElement?.matches("[data-refresh-gone]");
  const rows = own ? [node] : lists.flatMap((list) => [...list.children].filter((one) => one.id));
  for (const row of rows) markGone(row, mark);
  if (rows.length) node.dataset.gone = "";
  return rows.length > 0;
}

function markGone(row, mark) {
  if ("gone" in row.dataset) return;
  row.dataset.gone = "";
  row.classList.add("is-gone");
  mark(row);
  const go = () => {
    if (!("gone" in row.dataset)) return;
    const held = row.matches(":hover") || row.contains(document.activeElement);
    if (held) setTimeout(go, GONE_FOR);
    else removeWithShell(row);
  };
  setTimeout(go, GONE_FOR);
}

// The last row takes the emptied list with it, if the list was to go too.
function removeWithShell(row) {
  const shell = row.parentElement?.closest("[data-gone]:not(.is-gone)");
  row.remove();
  if (shell && !shell.querySelector("[data-gone]")) shell.remove();
}

function comeBack(node) {
  if (node.nodeType !== Node.ELEMENT_NODE || !("gone" in node.dataset)) return true;
  delete node.dataset.gone;
  node.querySelector("[data-gone-mark]")?.remove();
  return true;
}
