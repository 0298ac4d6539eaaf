// One value of a record as one control: text, number with a slider, tick box, choice.
const LONG = 56;

// Returns {element, input}: `change(value)` is called with every value that is typed.
export function control(value, place, change) {
  const { described, id, words } = place;
  if (described.enum) return choice(value, place, change);
  if (typeof value === "boolean") return tick(value, id, change);
  if (typeof value === "number") return number(value, place, change);
  if (value === null && !(described.types ?? []).includes("string")) return nothing(words, id);
  return text(value, place, change);
}

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function plus() {
  return make("span", { "aria-hidden": "true" }, "+");
}

function text(value, { described, id }, change) {
  const nullable = (described.types ?? []).includes("null");
  const shown = value ?? "";
  const long = described.long || shown.length > LONG || shown.includes("\n");
  const bounds = { maxlength: described.maxLength ?? null };
  const input = long ? make("textarea", { id, rows: 2, "data-draft": "off", ...bounds }) : make("input", { id, type: "text", ...bounds });
  input.value = shown;
  input.addEventListener("input", () => change(nullable && input.value === "" ? null : input.value));
  return { element: input, input };
}

function number(value, { described, id, label }, change) {
  const { minimum, maximum, step } = described;
  const input = make("input", { id, type: "number", step: "any", min: minimum ?? null, max: maximum ?? null, inputmode: "decimal" });
  input.value = String(value);
  let slider = null;
  const read = () => {
    if (input.value === "" || !Number.isFinite(input.valueAsNumber)) return;
    if (slider) slider.value = input.value;
    change(input.valueAsNumber);
  };
  input.addEventListener("input", read);
  if (!described.slider || value < minimum || value > maximum) return { element: input, input };
  slider = make("input", { type: "range", min: minimum, max: maximum, step: step ?? "any", "aria-label": label });
  slider.value = String(value);
  slider.addEventListener("input", () => {
    input.value = slider.value;
    change(Number(slider.value));
  });
  return { element: make("div", { class: "editor-slider" }, slider, input), input };
}

function tick(value, id, change) {
  const input = make("input", { id, type: "checkbox" });
  input.checked = value;
  input.addEventListener("change", () => change(input.checked));
  return { element: input, input };
}

function choice(value, { described, id }, change) {
  const options = described.enum.map((one) => make("option", { value: one, selected: one === value }, one));
  const input = make("select", { id }, ...options);
  input.addEventListener("change", () => change(input.value));
  return { element: input, input };
}

function nothing(words, id) {
  const input = make("input", { id, type: "text", readonly: true });
  input.value = words.noValue;
  return { element: input, input };
}

// A number among numbers that all lie between 0 and 1 (or -1 and 1) is set by a slider.
export function sliderAmong(siblings) {
  const numbers = siblings.filter((one) => typeof one === "number");
  if (numbers.length < 2 || numbers.length !== siblings.length) return {};
  if (numbers.some((one) => Math.abs(one) > 1) || numbers.every(Number.isInteger)) return {};
  return { minimum: numbers.some((one) => one < 0) ? -1 : 0, maximum: 1, step: 0.01, slider: true };
}
