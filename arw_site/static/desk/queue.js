// j and k move along the queue; Enter opens, since the focus is on the link itself.
import { onSingleKeys } from "./keys.js";

const LINKS = "tbody th a";

// Rows come and go while the page is open, and so does the whole table: all is looked up when used.
function startQueue(list) {
  if (!list) return;

  function move(step) {
    const links = [...list.querySelectorAll(LINKS)];
    if (!links.length) return false;
    const at = links.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
    links[Math.max(0, Math.min(links.length - 1, next))].focus();
    return true;
  }

  onSingleKeys({ j: () => move(1), k: () => move(-1) });
}

startQueue(document.getElementById("queue-list"));
