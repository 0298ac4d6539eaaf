// j and k move along the queue; Enter opens, since the focus is on the link itself.
import { onSingleKeys } from "./keys.js";

export function startQueue(table) {
  if (!table) return;
  const rows = [...table.tBodies[0].rows];
  const links = rows.map((row) => row.querySelector("th a"));

  function move(step) {
    const at = links.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
    links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
  }

  for (const [index, link] of links.entries()) {
    link.addEventListener("focus", () => rows[index].classList.add("is-current"));
    link.addEventListener("blur", () => rows[index].classList.remove("is-current"));
  }
  onSingleKeys({ j: () => move(1), k: () => move(-1) });
}
