// Sends the feedback widget without leaving the page, and puts the server's answer in its place.
const HEADERS = { "X-Desk-Part": "feedback", Accept: "text/html" };
// After a lost session the server leads to the sign-in, or answers with a page that is no widget.
const ended = (answer) => answer.redirected || answer.status === 401 || answer.status === 403;

class Feedback {
  constructor(root) {
    this.root = root;
    this.words = root.dataset;
    this.said = root.querySelector("[data-feedback-said]");
    root.addEventListener("submit", (event) => this.send(event));
    root.addEventListener("change", () => this.preview());
    root.addEventListener("reset", () => queueMicrotask(() => this.preview()));
    this.preview();
  }

  get body() {
    return this.root.querySelector("[data-feedback-body]");
  }

  // What will be sent, in words: the answers that are ticked, and how strongly.
  preview() {
    const place = this.root.querySelector("[data-feedback-preview]");
    const form = this.root.querySelector("[data-feedback-form]");
    if (!place || !form) return;
    const ticked = [...form.querySelectorAll("input:checked")].filter((one) => one.value);
    const label = (one) => one.closest("label").textContent.trim().replace(/\s+/g, " ");
    const answers = ticked.filter((one) => one.name !== "strength").map(label);
    const strength = ticked.filter((one) => one.name === "strength").map(label);
    const { says, none } = place.dataset;
    place.textContent = answers.length ? `${says} ${answers.join(", ")}\u00a0· ${strength}` : none;
  }

  async send(event) {
    const form = event.target;
    if (!form.matches("[data-feedback-form]")) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.said.textContent = "";
    const request = { method: "POST", body: new FormData(form), headers: HEADERS };
    const answer = await fetch(form.action, request).catch(() => null);
    const text = answer && !answer.redirected ? await answer.text().catch(() => "") : "";
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-feedback]");
    this.busy = false;
    if (fresh) this.show(fresh);
    else if (answer?.status === 409) this.failed(this.words.another);
    else if (answer && ended(answer)) this.failed(this.words.ended, this.signIn());
    else this.failed(this.words.lost);
  }

  show(fresh) {
    const body = document.importNode(fresh.querySelector("[data-feedback-body]"), true);
    const said = fresh.querySelector("[data-feedback-said]").textContent;
    const sent = this.root.querySelector("[data-feedback-form]");
    if (said) sent?.dispatchEvent(new Event("desk:taken", { bubbles: true }));
    this.body.replaceWith(body);
    this.said.textContent = said;
    this.preview();
    this.focus(body);
  }

  // On what is wrong, else on the button that was pressed: never lost with what was replaced.
  focus(body) {
    const wrong = body.querySelector("[data-feedback-error]")?.dataset.feedbackError;
    const fields = [...body.querySelectorAll("input, textarea")];
    const place =
      fields.find((one) => one.name === wrong && (one.type !== "radio" || one.checked)) ??
      body.querySelector("[data-feedback-send]") ??
      this.root;
    place.focus({ preventScroll: place !== this.root });
  }

  // Nothing came back that could be shown: the form and all that was typed stay.
  failed(words, ...more) {
    let note = this.body.querySelector("[data-feedback-failed]");
    if (!note) {
      note = document.createElement("p");
      note.className = "callout callout-error";
      note.id = "feedback-failed"; // so that a live update takes no other paragraph for it
      note.dataset.feedbackFailed = "";
      note.dataset.refreshSkip = "";
      note.setAttribute("role", "alert");
      this.body.prepend(note);
    }
    note.replaceChildren(words, ...more.flatMap((one) => [" ", one]));
  }

  // In another tab, since the form stays as it is here.
  signIn() {
    const link = document.createElement("a");
    link.href = this.words.signIn;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = this.words.signInWords;
    return link;
  }
}

const root = document.querySelector("[data-feedback]");
if (root) new Feedback(root);
