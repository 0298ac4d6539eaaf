// What is kept in this browser: single keys and the colour scheme. And the button that copies.
import { setSingleKeys, singleKeysOn } from "./keys.js";
import { toast } from "./toast.js";

const SCHEME = "theme"; // the admin's own switch reads and writes the same

function startPreferences(root) {
  if (!root) return;
  root.hidden = false;
  const keys = root.querySelector("[name=keys]");
  keys.checked = singleKeysOn();
  keys.addEventListener("change", () => {
    setSingleKeys(keys.checked);
    toast(root.dataset.kept, { kind: "success" });
  });
  const schemes = [...root.querySelectorAll("[name=scheme]")];
  const current = document.documentElement.dataset.theme || "auto";
  for (const scheme of schemes) {
    scheme.checked = scheme.value === current;
    scheme.addEventListener("change", () => choose(scheme.value, root.dataset.kept));
  }
}

function choose(scheme, words) {
  document.documentElement.dataset.theme = scheme;
  try {
    localStorage.setItem(SCHEME, scheme);
    toast(words, { kind: "success" });
  } catch {
    // nothing to keep it in: it holds until the next page
  }
}

// A secret that is shown once: copied by a button, or selected where a page may not copy.
function startSecret(root) {
  if (!root) return;
  const field = root.querySelector(".secret-text");
  const button = root.querySelector("[data-copy]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      toast(root.dataset.copied, { kind: "success" });
    } catch {
      toast(root.dataset.select, { kind: "info" });
    }
  });
}

startPreferences(document.querySelector("[data-preferences]"));
startSecret(document.querySelector("[data-secret]"));
