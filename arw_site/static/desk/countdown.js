// Keeps the time that leases have left fresh, and how long ago things were: by the server's clock and
// not the browser's.
const SOON = 5 * 60;
const [DAY, HOUR, MINUTE] = [86400, 3600, 60];
const SHOWN = "time[data-countdown]";
const MOMENTS = "time[title]:not([data-countdown], .livetime)";
const SPOKEN = "[aria-live], [role=status], [role=alert], [role=log]"; // a change there is read out
const INSTANT = /^\d{4}-.* UTC$/;
const SPANS = [
  [1, "second", 60],
  [MINUTE, "minute", 3570],
  [HOUR, "hour", 2 * DAY],
  [DAY, "day", Infinity],
];

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
  startMoments(root, root.querySelector("[data-time-words]"));
}

// Not at once: what the server has just drawn is right for as long as its words say.
function startMoments(root, words) {
  if (!words) return;
  const say = new Intl.RelativeTimeFormat(document.documentElement.lang);
  const behind = Number(words.dataset.now) - Date.now();
  const tick = () => {
    for (const element of root.querySelectorAll(MOMENTS)) {
      if (element.closest(SPOKEN)) continue;
      const moment = Date.parse(element.dateTime);
      age(element, relative(moment, Date.now() + behind, say, words.dataset.justNow));
    }
  };
  setInterval(tick, MINUTE * 1000);
  document.addEventListener("visibilitychange", tick);
}

// Whoever prefers instants has the words as the tooltip.
function age(element, words) {
  const place = INSTANT.test(element.textContent) ? "title" : "textContent";
  if (element[place] !== words) element[place] = words;
}

// As the server writes it (leases/relative_time.py), halves included: 150 seconds are 2 minutes.
function relative(moment, now, say, justNow) {
  const distance = Math.abs(now - moment) / 1000;
  if (distance < 10) return justNow;
  const [length, unit] = SPANS.find(([, , most]) => distance < most);
  const count = length > 1 ? halfEven(Math.floor(distance) / length) : Math.floor(distance);
  return say.format(moment > now ? count : -count, unit);
}

function halfEven(number) {
  const whole = Math.floor(number);
  return number - whole === 0.5 ? whole + (whole % 2) : Math.round(number);
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
