// What is typed is kept in this browser until the server has taken it: a lost session, a crash or a
// closed tab costs no text. Kept per person and form; it is forgotten when that person signs out,
// when another signs in, and half a day after it was typed. Every form says whom its page was drawn
// for: what one person opened is never sent as another.
const PREFIX = "desk.draft:";
const LIFE = 12 * 3600 * 1000;
const ANSWERED_WITHIN = 2 * 60 * 1000;
const TOKEN = /(?:^|;\s*)arw_csrf=([^;]+)/;
const DRAWN_FOR = "drawn_for"; // the server refuses what another person's page sends
// Sentences everywhere; names and numbers where the form says so, as it is sent once and then done.
const FIELD = ":is(textarea, form[data-draft=all] :is([type=text], [type=number]))";
const KEPT = `${FIELD}[id]:not([readonly], [data-draft=off])`;
const ABOUT_SENDING = ["csrfmiddlewaretoken", "kept", DRAWN_FOR];

export function startDrafts(notes) {
  if (!notes) return;
  const owner = notes.dataset.owner;
  forgetOld();
  if (!owner) {
    // The sign-in page came in place of an answer: nothing of what was sent has been taken.
    change(PREFIX, (draft) => ({ ...draft, sent: 0, lost: draft.lost || draft.sent }));
    return;
  }
  forgetOthers(owner);
  if (document.querySelector(".notices .callout-success")) forgetTaken(owner);
  const forms = [...document.querySelectorAll("form[method=post]")];
  for (const form of forms) restore(form, owner);
  // Only now: several forms may be sent to the same address.
  for (const form of forms) settle(keyOf(form, owner));
  document.addEventListener("input", (event) => keep(event.target, owner));
  // Before any script reads the form that it sends by itself.
  document.addEventListener("submit", (event) => freshen(event.target), true);
  document.addEventListener("submit", (event) => send(event, owner));
  // A script that sent a form by itself says so when the server has taken it.
  document.addEventListener("desk:taken", (event) => save(keyOf(event.target, owner), {}));
}

// Whom the page was drawn for, as a script tells the server: by a field or by a header.
export function drawnFor() {
  return { [DRAWN_FOR]: pageOwner() };
}

export function drawnForHeader() {
  return { "X-Desk-Drawn-For": pageOwner() };
}

// The token of the newest session: a form that is older than the last sign-in would be refused.
export function freshToken() {
  return TOKEN.exec(document.cookie)?.[1] ?? "";
}

// Where a script keeps more than the fields of its form: `read()`, `write(value)`, `forget()`.
export function draftOf(form) {
  const key = keyOf(form, pageOwner());
  return {
    read: () => load(key).more ?? null,
    write: (more) => save(key, { ...load(key), more, at: Date.now() }),
    forget: () => save(key, { ...load(key), more: undefined }),
  };
}

// Says that something typed was brought back; `discard()` takes it away again. `kind` is "moved"
// where the page shows something else than what it was typed on.
export function draftNote(before, discard, kind = "restored") {
  const template = document.getElementById("draft-notes");
  const note = template.content.querySelector(`[data-note=${kind}]`).cloneNode(true);
  note.querySelector("button").addEventListener("click", () => {
    note.remove();
    discard();
  });
  before.before(note);
}

export function signInAddress(address) {
  return `${address}?next=${encodeURIComponent(location.pathname + location.search)}`;
}

function pageOwner() {
  return document.getElementById("draft-notes")?.dataset.owner ?? "";
}

function keyOf(form, owner) {
  // Not form.action: a field of the form may be called so.
  const action = new URL(form.getAttribute("action") || location.href, location.href);
  // One address may ask about many things: what is typed about one of them is no draft of another.
  const about = form.dataset.draftAbout ? `#${form.dataset.draftAbout}` : "";
  return `${PREFIX}${owner}:${action.pathname}${about}`;
}

function fieldsOf(form) {
  return [...form.querySelectorAll(KEPT)];
}

function restore(form, owner) {
  const draft = load(keyOf(form, owner));
  if (!draft.fields) return;
  const brought = fieldsOf(form).filter((field) => bringBack(field, draft.fields[field.id]));
  if (!brought.length) return;
  const first = brought[0];
  const discard = () => {
    for (const field of brought) put(field, field.defaultValue);
    first.focus();
  };
  const dialog = draft.lost ? first.closest("dialog") : null;
  // A confirmation opens by itself only on what it was opened on before.
  if (dialog && draft.seen !== seenBy(form)) {
    draftNote(dialog, discard, "moved");
    return;
  }
  draftNote(first.closest(".field") ?? first, discard);
  if (dialog && !dialog.open) {
    dialog.showModal();
    first.focus();
  }
}

// What a form is bound to: the revision and version that its page showed, and the like.
function seenBy(form) {
  const bound = [...form.querySelectorAll("input[type=hidden]")].filter((one) => !ABOUT_SENDING.includes(one.name));
  return JSON.stringify(bound.map((one) => [one.name, one.value]));
}

function settle(key) {
  const draft = load(key);
  if (draft.lost || draft.sent) save(key, { ...draft, lost: 0, sent: 0 });
}

// What the server filled in is newer than what was kept, unless it is what it was then. Nothing is
// newer than an empty field: it was filled in where the form was refused, which is another page.
function bringBack(field, kept) {
  const newer = field.defaultValue && kept?.base !== field.defaultValue;
  if (!kept || newer || kept.value === field.defaultValue) return false;
  put(field, kept.value);
  return true;
}

function put(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function keep(field, owner) {
  const form = field.form;
  if (!form || form.method !== "post" || !field.matches?.(KEPT)) return;
  const key = keyOf(form, owner);
  const draft = load(key);
  const fields = { ...draft.fields, [field.id]: { value: field.value, base: field.defaultValue } };
  if (field.value === field.defaultValue) delete fields[field.id];
  save(key, { ...draft, fields, at: Date.now() });
}

function freshen(form) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]");
  if (!token || !freshToken()) return;
  // Never the one without the other: the token alone would send it as whoever signed in last.
  hide(form, DRAWN_FOR, pageOwner());
  token.value = freshToken();
}

function send(event, owner) {
  const form = event.target;
  if (form.id === "logout-form") {
    change(`${PREFIX}${owner}:`, () => null);
    return;
  }
  if (event.defaultPrevented) return;
  const key = keyOf(form, owner);
  if (!load(key).at) return;
  save(key, { ...load(key), sent: Date.now(), seen: seenBy(form) });
  // Tells the server that nothing is lost where the session has ended.
  hide(form, "kept", "yes");
}

function hide(form, name, value) {
  if (form.elements.namedItem(name)) return;
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  form.append(field);
}

function forgetOthers(owner) {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX) && !key.startsWith(`${PREFIX}${owner}:`)) localStorage.removeItem(key);
    }
  } catch {
    // nothing is kept where storage is forbidden
  }
}

function forgetTaken(owner) {
  const recent = Date.now() - ANSWERED_WITHIN;
  change(`${PREFIX}${owner}:`, (draft) => (draft.sent > recent ? null : draft));
}

function forgetOld() {
  change(PREFIX, (draft) => (draft.at > Date.now() - LIFE ? draft : null));
}

function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {}; // storage may be forbidden, or hold what is not ours
  }
}

function save(key, { fields = {}, more, ...rest }) {
  const empty = !Object.keys(fields).length && more === undefined;
  try {
    if (empty) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify({ ...rest, fields, more }));
  } catch {
    // nothing to keep it in: it lasts as long as the page
  }
}

// Every kept draft whose key begins with `prefix`: `make(draft)` is what it becomes, null forgets it.
function change(prefix, make) {
  try {
    for (const key of Object.keys(localStorage).filter((one) => one.startsWith(prefix))) {
      const made = make(load(key));
      if (made === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(made));
    }
  } catch {
    // as above
  }
}
