// Single keys (WCAG 2.1.4): never while something is typed, and they can be turned off.
const PREFERENCE = "desk.single-keys";
const TYPING = "input, textarea, select, [contenteditable]";

export function singleKeysOn() {
  try {
    return localStorage.getItem(PREFERENCE) !== "off";
  } catch {
    return true; // storage may be forbidden; then the keys are simply on
  }
}

export function setSingleKeys(on) {
  try {
    localStorage.setItem(PREFERENCE, on ? "on" : "off");
  } catch {
    // nothing to keep it in: it holds until the next page
  }
}

// Calls actions[key] when that key alone is pressed outside of fields and open dialogs.
export function onSingleKeys(actions) {
  document.addEventListener("keydown", (event) => {
    const busy = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey;
    if (busy || event.isComposing || !singleKeysOn()) return;
    if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
    const action = actions[event.key];
    if (action && action(event) !== false) event.preventDefault();
  });
}

export function startHelp() {
  const help = document.getElementById("keys-help");
  if (!help) return;
  const box = document.getElementById("single-keys");
  box.checked = singleKeysOn();
  box.addEventListener("change", () => setSingleKeys(box.checked));
  for (const button of document.querySelectorAll("[data-help-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  }
  // When single keys are off, the button that every page shows opens it.
  onSingleKeys({ "?": () => help.showModal() });
}
