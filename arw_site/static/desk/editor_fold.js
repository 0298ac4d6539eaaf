// Groups in a long list are drawn when they are opened, so that large records stay quick.
import { make } from "./editor_controls.js";

const MANY = 10;
const GLIMPSE = 90;

export function foldsAmong(list) {
  return list.length > MANY;
}

// `build()` draws what is inside, once. The buttons stay outside, for whoever only reorders.
export function folded({ pointer, label, item, tools, build }) {
  const glimpse = Object.values(item).find((one) => typeof one === "string" && one.includes(" ")) ?? "";
  const summary = make("summary", {}, make("span", {}, label), make("span", { class: "editor-glimpse" }, glimpse.slice(0, GLIMPSE)));
  const details = make("details", { class: "editor-fold" }, summary);
  details.addEventListener("toggle", () => fill(details, build));
  details.addEventListener("desk:unfold", () => {
    details.open = true;
    fill(details, build);
  });
  return make("div", { class: "editor-folded", "data-pointer": pointer }, make("div", { class: "editor-tools" }, ...tools), details);
}

// Opens the group at once where it is folded.
export function unfold(row) {
  row?.querySelector(":scope > .editor-fold")?.dispatchEvent(new Event("desk:unfold"));
}

function fill(details, build) {
  if (details.open && details.children.length === 1) details.append(build());
}
