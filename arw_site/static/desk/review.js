// The review screen and its relatives: n and p walk the changes, a and r open the confirmations.
import { onSingleKeys } from "./keys.js";
import { toast } from "./toast.js";

const TOLD = 0.4; // how far down the window a change counts as the one that is read
const ROOM = 0.8; // the part of the window that a change may fill and still be shown whole

function startReview(root) {
  if (!root) return;
  const changes = [...root.querySelectorAll(".change")];
  const walk = startWalk(root, changes);
  // Buttons and dialogs come and go with what others do: they are looked up when used.
  root.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-opens]");
    if (opens && open(opens.value)) event.preventDefault();
    event.target.closest("[data-close-dialog]")?.closest("dialog").close();
  });
  shareRationale(root);
  startNews();
  focusWhenShown(root.querySelector("[data-confirm-open] textarea"));
  startCopying(root);
  startFolds(root);
  onSingleKeys({
    n: () => walk(1),
    p: () => walk(-1),
    a: () => open("approve") || tellWhyNot("approve"),
    r: () => open("reject") || tellWhyNot("reject"),
    s: () => follow(root.querySelector("[data-swap]")),
  });
}

function open(name) {
  const dialog = document.getElementById(`confirm-${name}`);
  if (!dialog) return false;
  dialog.showModal();
  dialog.querySelector("textarea").focus();
  return true;
}

// A decision that cannot be taken now: its reasons stand beside its button.
function tellWhyNot(name) {
  const reasons = document.getElementById(`${name}-off`);
  if (!reasons) return false;
  reasons.tabIndex = -1;
  reasons.focus({ preventScroll: true });
  reasons.scrollIntoView({ block: "center" });
  return true;
}

function follow(link) {
  link?.click();
  return Boolean(link);
}

// Where one is: the change with the focus, else the one that an address led to, else the one read.
function startWalk(root, changes) {
  const bar = root.querySelector("[data-walk]");
  const position = root.querySelector("[data-position]");
  let here = changes.findIndex((change) => change.matches(".is-linked, :target"));

  function at(index) {
    here = index;
    if (!position || index < 0) return;
    position.textContent = position.dataset.words.replace("{n}", index + 1);
  }

  function walk(step) {
    if (!changes.length) return false;
    const next = here < 0 ? (step > 0 ? 0 : changes.length - 1) : here + step;
    const change = changes[Math.max(0, Math.min(changes.length - 1, next))];
    change.focus({ preventScroll: true });
    // What is taller than the window is read from its head on.
    const tall = change.offsetHeight > innerHeight * ROOM;
    change.scrollIntoView({ block: tall ? "start" : "nearest" });
    return true;
  }

  for (const list of new Set(changes.map((change) => change.parentElement))) {
    list.addEventListener("focusin", (event) => {
      const change = event.target.closest(".change");
      if (change) at(changes.indexOf(change));
    });
  }
  if (bar) {
    bar.hidden = false;
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-step]");
      if (button) walk(Number(button.dataset.step));
    });
    followScroll(changes, changes[here], at);
  }
  at(here);
  return walk;
}

// The position follows the eye, too, but never takes a walk away from the focus, nor from the change
// that an address led to, as long as that is seen.
function followScroll(changes, led, at) {
  let seenLed = false;
  function stays() {
    if (!led) return false;
    const { top, bottom } = led.getBoundingClientRect();
    const isSeen = bottom > 0 && top < innerHeight;
    if (seenLed && !isSeen) led = null;
    seenLed = isSeen;
    return Boolean(led);
  }

  const margin = `-${TOLD * 100}% 0px -${(1 - TOLD) * 100}% 0px`;
  const watching = new IntersectionObserver((entries) => {
    const seen = entries.find((entry) => entry.isIntersecting);
    const focused = document.activeElement?.closest(".change");
    if (seen && !stays() && !focused) at(changes.indexOf(seen.target));
  }, { rootMargin: margin });
  for (const change of changes) watching.observe(change);
}

// After the browser has gone to the fragment of the address, which takes the focus away.
function focusWhenShown(field) {
  if (!field) return;
  const focus = () => requestAnimationFrame(() => field.focus());
  if (document.readyState === "complete") focus();
  else window.addEventListener("load", focus, { once: true });
}

// Whoever changes their mind in the middle keeps what was typed.
function shareRationale(root) {
  const fields = "dialog textarea[name=rationale]";
  root.addEventListener("input", ({ target }) => {
    if (!target.matches(fields)) return;
    for (const other of root.querySelectorAll(fields)) if (other !== target) other.value = target.value;
  });
}

// What others did meanwhile is said once, beside the page, and in the confirmation that is open.
function startNews() {
  let said = "";
  document.addEventListener("desk:refreshed", ({ target }) => {
    if (target.id !== "review-news" || target.textContent.trim() === said) return;
    said = target.textContent.trim();
    const news = target.querySelector("[data-news]");
    if (!news) return;
    const link = news.querySelector("a");
    const action = { href: link.href, label: link.textContent };
    toast(news.querySelector("span").textContent, { kind: "warning", lasts: 0, action });
    const dialog = document.querySelector(".review dialog[open]");
    dialog?.querySelector("[data-news]")?.remove();
    dialog?.querySelector("h2").after(news.cloneNode(true));
  });
}

// Links to one change are copied; where nothing can be copied they are links like any other.
function startCopying(root) {
  if (!navigator.clipboard) return;
  root.addEventListener("click", (event) => {
    const link = event.target.closest(".change-link");
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
    if (!link || !plain) return;
    event.preventDefault();
    copy(link.href, root.dataset.copied, () => location.assign(link.href));
  });
  for (const button of root.querySelectorAll("[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", () => {
      copy(field.value, button.dataset.done, () => field.select());
    });
  }
}

async function copy(text, said, otherwise) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said, { kind: "success" });
  } catch {
    otherwise(); // copying may be forbidden
  }
}

// The same words are folded on both sides: they open and close together.
function startFolds(root) {
  root.addEventListener("toggle", (event) => {
    const fold = event.target;
    if (!fold.matches?.(".fold")) return;
    const sides = [...fold.closest(".change").querySelectorAll(".words")];
    const index = [...fold.parentElement.querySelectorAll(".fold")].indexOf(fold);
    for (const side of sides) {
      const twin = side.querySelectorAll(".fold")[index];
      if (twin && twin.open !== fold.open) twin.open = fold.open;
    }
  }, true);
}

startReview(document.querySelector("[data-review]"));
