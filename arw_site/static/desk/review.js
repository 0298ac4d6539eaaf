// The review screen: n and p walk the changes, a and r open the confirmations.
import { onSingleKeys } from "./keys.js";

export function startReview(root) {
  if (!root) return;
  const changes = [...root.querySelectorAll(".change")];

  function walk(step) {
    const here = changes.findIndex((change) => change.contains(document.activeElement));
    const next = here < 0 ? (step > 0 ? 0 : changes.length - 1) : here + step;
    const change = changes[Math.max(0, Math.min(changes.length - 1, next))];
    change?.focus();
    return Boolean(change);
  }

  function open(name) {
    const dialog = document.getElementById(`confirm-${name}`);
    if (!dialog) return false;
    dialog.showModal();
    dialog.querySelector("textarea").focus();
    return true;
  }

  for (const button of root.querySelectorAll("[data-opens]")) {
    button.addEventListener("click", (event) => {
      if (open(button.value)) event.preventDefault();
    });
  }
  for (const button of root.querySelectorAll("[data-close-dialog]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  shareRationale([...root.querySelectorAll("dialog textarea[name=rationale]")]);
  focusWhenShown(root.querySelector("[data-confirm-open] textarea"));
  onSingleKeys({
    n: () => walk(1),
    p: () => walk(-1),
    a: () => open("approve"),
    r: () => open("reject"),
  });
}

// After the browser has gone to the fragment of the address, which takes the focus away.
function focusWhenShown(field) {
  if (!field) return;
  const focus = () => requestAnimationFrame(() => field.focus());
  if (document.readyState === "complete") focus();
  else window.addEventListener("load", focus, { once: true });
}

// Whoever changes their mind in the middle keeps what was typed.
function shareRationale(fields) {
  for (const field of fields) {
    field.addEventListener("input", () => {
      for (const other of fields) other.value = field.value;
    });
  }
}
