// Keeps the time that leases have left fresh, by the server's clock and not the browser's.
const SOON = 5 * 60;
const [DAY, HOUR, MINUTE] = [86400, 3600, 60];
const SHOWN = "time[data-countdown]";

// What was read of an element holds until the server says something else about it.
const known = new WeakMap();

export function startCountdowns(root) {
  const tick = () => {
    for (const element of root.querySelectorAll(SHOWN)) draw(element, read(element));
  };
  tick();
  setInterval(tick, 1000);
  // Timers sleep in hidden pages: what is seen again is right at once. So is what was fetched anew.
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("desk:refreshed", tick);
}

function read(element) {
  const said = `${element.dataset.now} ${element.dateTime}`;
  if (known.get(element)?.said === said) return known.get(element);
  const bar = element.closest("[data-lease]")?.querySelector(".lifebar-life");
  const behind = Number(element.dataset.now) - Date.now();
  const until = Date.parse(element.dateTime);
  const share = Number(bar?.dataset.share ?? 0);
  const left = until - Number(element.dataset.now);
  const fill = bar?.querySelector(".lifebar-left");
  known.set(element, { said, until, behind, fill, rate: left > 0 ? share / left : 0 });
  return known.get(element);
}

function draw(element, { until, behind, fill, rate }) {
  const left = Math.max(0, until - (Date.now() + behind));
  const seconds = Math.ceil(left / 1000);
  const words = seconds > 0 ? clock(seconds, element.dataset.day) : element.dataset.over;
  if (element.textContent !== words) element.textContent = words;
  element.classList.toggle("is-soon", seconds <= SOON);
  element.closest("[data-lease]")?.classList.toggle("has-run-out", seconds <= 0);
  fill?.setAttribute("width", String(Math.round(left * rate * 10000) / 100));
}

// As the server writes it (leases/templatetags/lease_time.py).
function clock(seconds, day) {
  const two = (number) => String(number).padStart(2, "0");
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor((seconds % DAY) / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  if (days) return `${day.replace("#", days)} ${two(hours)}:${two(minutes)}`;
  if (hours) return `${hours}:${two(minutes)}:${two(seconds % MINUTE)}`;
  return `${minutes}:${two(seconds % MINUTE)}`;
}
