// The editor of a proposal: form, record and patch are three views of one edit, kept in step.
import { draftNote, draftOf } from "./drafts.js";
import { RecordForm } from "./editor_form.js";
import { Previews } from "./editor_preview.js";
import { Side } from "./editor_side.js";
import { startTabs } from "./editor_tabs.js";

const root = document.querySelector("[data-editor]");
if (root) new Editor(root).start();

function Editor(form) {
  const read = (name) => JSON.parse(form.dataset[name]);
  const find = (name) => form.querySelector(`[data-editor-${name}]`);
  const words = read("words");
  const version = form.elements.namedItem("version");
  const digest = form.elements.namedItem("digest"); // the revision that is edited, if one is
  const opened = digest?.value;
  const record = document.getElementById("record");
  const patch = document.getElementById("diff");
  const submit = find("submit");
  const reset = find("reset");
  const draft = draftOf(form);
  const side = new Side(form, { words, limits: read("limits"), signIn: form.dataset.signIn });
  let base = read("base");
  let edited = base;
  let source = "form";
  let answer = null;
  let dirty = false;
  let leaving = false; // by a way on which nothing is lost
  const proposed = patch.value.trim();

  const fields = new RecordForm(find("form"), {
    fields: read("fields"),
    words,
    say: (text) => side.say(text),
    changed: () => {
      edited = fields.record;
      touched("form");
    },
  });
  const previews = new Previews({
    read: () => ({ version: version.value, source: source === "patch" ? "patch" : "document", text: text() }),
    asking: () => side.working(),
    shown: (now) => show(now),
    failed: (why) => side.failed(why),
  });
  const tabs = startTabs(form.querySelector("[role=tablist]"), {
    // A text that cannot be read stays in view until it can be.
    leave: () => source === "form" || readable(),
    enter: (name) => draw(name),
  });

  function text() {
    if (source === "patch") return patch.value;
    return source === "record" ? record.value : JSON.stringify(edited);
  }

  function readable() {
    const value = parsed(text());
    const wrong = value === undefined || (source === "patch" && answer?.patch === null && previews.current);
    if (wrong) side.say(words.unreadable);
    return !wrong;
  }

  function touched(from) {
    source = from;
    dirty = true;
    if (from === "record") {
      const value = parsed(record.value);
      if (value !== undefined && value !== null && typeof value === "object") edited = value;
    }
    reset.hidden = false;
    keep();
    previews.later();
  }

  // With what it was written on: brought back on anything newer, it is refused as outdated.
  function keep() {
    draft.write({ version: version.value, digest: digest?.value, source, text: text() });
  }

  // What the server made of the edit; the view that is being typed in is left as it is.
  function show(now) {
    answer = now;
    if (now.document !== null && source !== "form") edited = now.document;
    if (now.patch !== null && source !== "patch") patch.value = now.patch;
    if (now.base) base = now.base;
    if (source === "patch" && tabs.current() !== "patch") draw(tabs.current());
    const marked = source === "patch" ? now.faults : fields.mark(now.faults);
    side.show(now, marked, source);
    const changed = now.sizes.operations > 0 || now.faults.length > 0;
    if (changed || proposed || now.moved) return;
    clean();
  }

  function clean() {
    dirty = false;
    reset.hidden = true;
    draft.forget();
  }

  function draw(name) {
    if (name === "form") fields.show(edited);
    if (name === "record" && source !== "record") record.value = JSON.stringify(edited, null, 2);
    if (name === "patch" && source !== "patch" && answer?.patch) patch.value = answer.patch;
    if (name === "form" && answer && source !== "patch") fields.mark(answer.faults);
  }

  async function carry() {
    const now = await previews.now({ carry: "yes" });
    if (!now) return;
    version.value = now.version;
    edited = now.document ?? edited;
    source = "form";
    patch.value = now.patch ?? patch.value;
    record.value = JSON.stringify(edited, null, 2);
    fields.show(edited);
    keep();
    document.getElementById("record-moved")?.focus();
  }

  function undo() {
    source = "patch";
    patch.value = proposed || "[]";
    if (digest) digest.value = opened;
    clean();
    previews.now();
    tabs.focus();
  }

  // Whether what the preview shows can be sent, and puts it into the form.
  function ready({ faults, html, moved, base: carried, patch: shown }) {
    if (faults.length || !html || (moved && !carried)) return false;
    patch.value = shown;
    leaving = true;
    return true;
  }

  async function send(event) {
    if (leaving || event.submitter !== submit) return;
    const known = previews.current ? answer : null;
    if (known && ready(known)) return;
    event.preventDefault();
    const now = known ?? (await previews.now());
    if (!now) return;
    if (ready(now)) form.requestSubmit(submit);
    else side.refuse(now, source);
  }

  function restore() {
    const kept = draft.read();
    if (!kept) return false;
    // The server has carried it over to a newer version meanwhile.
    if (document.getElementById("record-moved")) {
      source = "patch";
      keep();
      dirty = true;
      return false;
    }
    dirty = true;
    reset.hidden = false;
    ({ source } = kept);
    version.value = kept.version;
    const refused = "refused" in form.dataset;
    // A page that refused the edit has said so if somebody else revised it meanwhile.
    if (digest) digest.value = refused ? opened : (kept.digest ?? "");
    if (source === "patch") patch.value = kept.text;
    else if (source === "record") record.value = kept.text;
    edited = source === "patch" ? base : (parsed(kept.text) ?? base);
    if (refused) keep();
    else draftNote(form.querySelector(".editor-edit").firstElementChild, undo);
    return true;
  }

  this.start = () => {
    for (const part of form.querySelectorAll("[data-editor-script]:not([role=tabpanel])")) part.hidden = false;
    for (const part of document.querySelectorAll("[data-editor-plain]")) part.hidden = true;
    form.dataset.live = "";
    submit.classList.add("button-primary");
    patch.required = false;
    const kept = restore();
    if (!kept && proposed) source = "patch";
    tabs.start(source === "patch" && find("patch").querySelector(".has-error") ? "patch" : "form");
    if (kept || proposed) previews.now();
    else side.sizes({ document: new TextEncoder().encode(JSON.stringify(base)).length, diff: 2, operations: 0 });
    record.addEventListener("input", () => touched("record"));
    patch.addEventListener("input", () => touched("patch"));
    reset.addEventListener("click", undo);
    form.addEventListener("submit", send);
    form.addEventListener("click", (event) => {
      if (event.target.closest("[data-editor-carry]")) carry();
      if (event.target.closest("[data-editor-lost] a")) leaving = true;
    });
    window.addEventListener("beforeunload", (event) => {
      if (dirty && !leaving) event.preventDefault();
    });
    window.addEventListener("pageshow", () => {
      leaving = false;
    });
  };
}

function parsed(value) {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
