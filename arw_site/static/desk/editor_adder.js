// The small form that adds a field to an object: a name, a kind, and what it begins with.
import { make, plus } from "./editor_controls.js";

const KINDS = [
  ["kindText", ""],
  ["kindNumber", 0],
  ["kindYesNo", false],
  ["kindList", []],
  ["kindGroup", {}],
];

export function adder({ pointer, name, suggested, taken, words, add }) {
  const opener = make("button", { type: "button", class: "button button-quiet button-small", "data-act": "add", "aria-expanded": "false" }, plus(), name);
  const box = make("div", { class: "editor-adder" }, opener);
  let form = null;

  const close = () => {
    form?.remove();
    form = null;
    opener.hidden = false;
    opener.focus();
  };
  opener.addEventListener("click", () => {
    const free = suggested.filter(({ key }) => !taken(key));
    form = fields({ pointer, free, taken, words, add, close });
    opener.hidden = true;
    box.append(form);
    form.querySelector("input").focus();
  });
  return box;
}

function fields({ pointer, free, taken, words, add, close }) {
  const id = `new-${pointer}`;
  const key = make("input", { id, type: "text", list: `${id}-known`, autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-error` });
  const known = make("datalist", { id: `${id}-known` }, ...free.map((one) => make("option", { value: one.key })));
  const kind = make("select", { id: `${id}-kind` }, ...KINDS.map(([word], at) => make("option", { value: at }, words[word])));
  const error = make("p", { class: "field-error", id: `${id}-error`, hidden: true });
  const done = make("button", { type: "button", class: "button button-small" }, words.add);
  const cancel = make("button", { type: "button", class: "button button-quiet button-small" }, words.cancel);

  const usual = () => free.find((one) => one.key === key.value.trim());
  key.addEventListener("input", () => {
    error.hidden = true;
    kind.disabled = Boolean(usual());
    if (usual()) kind.value = String(kindOf(usual().value));
  });
  const submit = () => {
    const wanted = key.value.trim();
    const problem = !wanted ? words.keyNeeded : taken(wanted) ? words.keyTaken : "";
    if (problem) {
      error.textContent = problem;
      error.hidden = false;
      key.focus();
      return;
    }
    add(wanted, usual()?.value ?? KINDS[Number(kind.value)][1]);
  };
  done.addEventListener("click", submit);
  cancel.addEventListener("click", close);
  const box = make(
    "div",
    { class: "editor-new" },
    make("div", { class: "field" }, make("label", { for: id }, words.key), error, key, known),
    make("div", { class: "field" }, make("label", { for: `${id}-kind` }, words.kind), kind),
    make("div", { class: "actions" }, done, cancel),
  );
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    // Enter adds the field; it does not send the proposal.
    else if (event.key === "Enter" && event.target.matches("input, select")) submit();
    else return;
    event.preventDefault();
  });
  return box;
}

function kindOf(value) {
  if (Array.isArray(value)) return 3;
  return { string: 0, number: 1, boolean: 2, object: 4 }[typeof value];
}
