// Makes a part of the page like a fresher copy of it, and keeps every node that both have: focus,
// scroll, typed text, open details and dialogs stay, since their elements stay.
//
// Children that have an id are the same child wherever they stand. Whatever lies in an element
// with [data-refresh-skip], or in an open dialog, is left alone. In a list with
// [data-refresh-gone], a child that is no longer there stays, marked, for a while: nothing
// vanishes under the pointer.
const SKIPPED = "dialog[open], [data-refresh-skip]";
const SELF_DRAWN = "time[data-countdown]";
const OWN_CLASSES = ["is-current", "is-fresh"];
const FRESH_FOR = 2500;
const GONE_FOR = 30000;

// Returns whether anything but times has changed. `mark(element)` draws what has gone.
export function patch(here, there, mark = () => {}) {
  const focused = document.activeElement;
  const inside = here.contains(focused);
  const changed = patchElement(here, there, mark);
  if (inside && document.activeElement !== focused) refocus(here, focused);
  return changed;
}

function patchElement(here, there, mark) {
  if (here.matches(SKIPPED)) return false;
  const changed = patchAttributes(here, there);
  if (here.matches(SELF_DRAWN)) return changed;
  return patchChildren(here, there, mark) || changed;
}

function patchAttributes(here, there) {
  let changed = false;
  for (const { name, value } of [...there.attributes]) {
    const wanted = name === "class" ? withOwnClasses(here, value) : value;
    if (here.getAttribute(name) === wanted || isKept(here, name)) continue;
    here.setAttribute(name, wanted);
    changed ||= name === "href" || name === "src";
  }
  for (const { name } of [...here.attributes]) {
    if (there.hasAttribute(name) || isKept(here, name)) continue;
    if (name === "class") here.className = withOwnClasses(here, "");
    else here.removeAttribute(name);
  }
  return changed;
}

// What the reader or a script has set stays: what is open, and what a script hides and names.
function isKept(element, name) {
  return (name === "open" && element.matches("details, dialog")) || name === "data-started";
}

function withOwnClasses(here, value) {
  const own = OWN_CLASSES.filter((one) => here.classList.contains(one));
  return [value, ...own].join(" ").trim();
}

function patchChildren(here, there, mark) {
  const wanted = [...there.childNodes];
  const named = new Map([...here.children].filter(keyOf).map((child) => [keyOf(child), child]));
  const staying = new Set(wanted.map(keyOf).filter(Boolean));
  let changed = false;
  for (const [key, child] of named) {
    if (!staying.has(key)) changed = leave(here, child, mark) || changed;
  }
  let at = next(here.firstChild);
  for (const one of wanted) {
    const same = keyOf(one) ? named.get(keyOf(one)) : at && alike(at, one) ? at : null;
    if (!same) {
      changed = arrive(here, one, at) || changed;
      continue;
    }
    if (same === at) at = next(at.nextSibling);
    else here.insertBefore(same, at);
    changed = patchNode(same, one, mark) || changed;
  }
  while (at) {
    const over = at;
    at = next(at.nextSibling);
    if (over.isConnected) changed = leave(here, over, mark) || changed;
  }
  return changed;
}

function patchNode(same, one, mark) {
  if (one.nodeType === Node.ELEMENT_NODE) {
    comeBack(same);
    return patchElement(same, one, mark);
  }
  if (same.nodeValue === one.nodeValue) return false;
  const said = same.nodeValue.trim() !== one.nodeValue.trim();
  same.nodeValue = one.nodeValue;
  return said && same.parentElement?.nodeName !== "TIME";
}

function arrive(here, one, at) {
  const node = document.importNode(one, true);
  here.insertBefore(node, at);
  if (node.nodeType !== Node.ELEMENT_NODE) return node.nodeValue.trim() !== "";
  if (keyOf(node)) {
    node.classList.add("is-fresh");
    setTimeout(() => node.classList.remove("is-fresh"), FRESH_FOR);
  }
  return true;
}

// Takes a child away, or marks it where the list keeps what has gone for a while.
function leave(here, child, mark) {
  if (child.nodeType !== Node.ELEMENT_NODE) {
    child.remove();
    return false;
  }
  if (child.matches(SKIPPED)) return false;
  const kept = keyOf(child) && here.hasAttribute("data-refresh-gone");
  if (kept) return markGone(child, mark);
  const inside = [...child.querySelectorAll("[data-refresh-gone]")];
  const lists = child.hasAttribute("data-refresh-gone") ? [child] : inside;
  const rows = lists.flatMap((list) => [...list.children].filter(keyOf));
  if (!rows.length) {
    child.remove();
    return true;
  }
  child.dataset.gone = "";
  return rows.map((row) => markGone(row, mark)).some(Boolean);
}

function markGone(row, mark) {
  if ("gone" in row.dataset) return false;
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
  return true;
}

// The last row takes the emptied list with it, if the list was to go too.
function removeWithShell(row) {
  const shell = row.parentElement?.closest("[data-gone]:not(.is-gone)");
  row.remove();
  if (shell && !shell.querySelector("[data-gone]")) shell.remove();
}

function comeBack(element) {
  if (!("gone" in element.dataset)) return;
  delete element.dataset.gone;
  element.querySelector("[data-gone-mark]")?.remove();
}

// What has gone stays where it is, so the walk passes over it.
function next(node) {
  let at = node;
  while (at?.nodeType === Node.ELEMENT_NODE && "gone" in at.dataset) at = at.nextSibling;
  return at;
}

function alike(here, one) {
  return here.nodeType === one.nodeType && here.nodeName === one.nodeName && !keyOf(here);
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || "" : "";
}

// The element itself if it only moved, else the one that took its place, else the part itself.
function refocus(here, lost) {
  const href = lost.getAttribute?.("href");
  const again = lost.isConnected
    ? lost
    : (lost.id && document.getElementById(lost.id)) ||
      (href && [...here.querySelectorAll("a")].find((one) => one.getAttribute("href") === href));
  const place = again || here;
  if (place === here && !here.hasAttribute("tabindex")) here.tabIndex = -1;
  place.focus({ preventScroll: true });
}
