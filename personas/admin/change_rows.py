"""Changes as rows for a template: what stands left and right, sign, label, folded words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from personas.documents.canonical import Json, json_equal
from personas.documents.compare import FieldChange, Summary
from personas.documents.consent import Consent
from personas.documents.elements import naming_of
from personas.documents.pointer import split
from personas.documents.words import Words, word_places
from personas.models import Comment

SIGNS = {"added": "+", "removed": "−", "changed": "~", "moved": "→"}
LABELS = {
    "added": gettext_lazy("added"),
    "removed": gettext_lazy("removed"),
    "changed": gettext_lazy("changed"),
    "moved": gettext_lazy("moved"),
}
FOLD_ABOVE_WORDS = 44
CONTEXT_WORDS = 14
FOLD_ABOVE_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One changed path. The word lists hold ``(mark, text)`` and are empty unless both are texts.

    Marks are ``same``, ``removed``, ``added``, and ``folded`` for words that are the same and far
    from every change. ``item`` is what the list element calls itself that the path leads into.
    ``edited`` says of a moved element that it was changed too, in rows of its own. ``comments`` are
    those that were written about this path; ``link`` is an address that leads here, ``target``
    whether one did.
    """

    number: int
    kind: str
    sign: str
    label: str
    path: str
    from_path: str
    before: Json
    after: Json
    before_words: list[tuple[str, str]]
    after_words: list[tuple[str, str]]
    item: str = ""
    edited: bool = False
    comments: tuple[Comment, ...] = ()
    link: str = ""
    target: bool = False

    @property
    def has_before(self) -> bool:
        return self.kind != "added"

    @property
    def has_after(self) -> bool:
        return self.kind != "removed"

    @property
    def place(self) -> int:
        """Where a moved element stands now, counted from 1."""
        return _place(self.path)

    @property
    def from_place(self) -> int:
        """Where a moved element came from, counted from 1."""
        return _place(self.from_path)

    @property
    def is_long(self) -> bool:
        """Whether the value is too long to be shown where only its place changed."""
        return len(str(self.after)) > FOLD_ABOVE_CHARACTERS


def change_rows(
    changes: Sequence[FieldChange], *, before: Json = None, after: Json = None
) -> list[ChangeRow]:
    """One row for each change, numbered from 1.

    Rows that lead into a list element say which one, where the documents are given.
    """
    return [
        ChangeRow(
            number=number,
            kind=change.kind,
            sign=SIGNS[change.kind],
            label=str(LABELS[change.kind]),
            path=change.path,
            from_path=change.from_path,
            before=change.before,
            after=change.after,
            before_words=list(_side(change.words, "added")),
            after_words=list(_side(change.words, "removed")),
            item=_item(before if change.kind == "removed" else after, change.path),
            edited=change.kind == "moved" and not json_equal(change.before, change.after),
        )
        for number, change in enumerate(changes, start=1)
    ]


def summary_text(summary: Summary, before: Consent, after: Consent) -> str:
    """``3 changed, 1 added; telemetry turned ON``: what happens, in one line."""
    counts = [
        ngettext("%(n)d changed", "%(n)d changed", summary.changed) % {"n": summary.changed}
        if summary.changed
        else "",
        ngettext("%(n)d added", "%(n)d added", summary.added) % {"n": summary.added}
        if summary.added
        else "",
        ngettext("%(n)d removed", "%(n)d removed", summary.removed) % {"n": summary.removed}
        if summary.removed
        else "",
        ngettext("%(n)d moved", "%(n)d moved", summary.moved) % {"n": summary.moved}
        if summary.moved
        else "",
    ]
    counted = ", ".join(count for count in counts if count) or _("nothing changes")
    consent = consent_text(before, after)
    return f"{counted}; {consent}" if consent else counted


def consent_text(before: Consent, after: Consent) -> str:
    """What happens to telemetry, or nothing when it stays as it is."""
    if after.enabled and not before.enabled:
        return _("telemetry turned ON")
    if before.enabled and not after.enabled:
        return _("telemetry turned OFF")
    if after.enabled and before.scope != after.scope:
        return _("telemetry scope changed")
    return ""


def _side(words: Words, left_out: str) -> Iterator[tuple[str, str]]:
    """The runs of one side. Marked words with nothing but a space between them are one run.

    Unchanged runs stay apart where the other side has something between them, so that both sides
    fold the same words.
    """
    runs: list[tuple[str, str]] = []
    for mark, text in words:
        if mark == left_out:
            continue
        between = len(runs) > 1 and runs[-1][0] == "same" and not runs[-1][1].strip()
        if between and mark != "same" and runs[-2][0] == mark:
            space = runs.pop()[1]
            runs[-1] = (mark, runs[-1][1] + space + text)
        elif runs and mark != "same" and runs[-1][0] == mark:
            runs[-1] = (mark, runs[-1][1] + text)
        else:
            runs.append((mark, text))
    for run in runs:
        yield from _folded(run[1]) if run[0] == "same" else [run]


def _folded(text: str) -> Iterator[tuple[str, str]]:
    words = word_places(text)
    if len(words) <= FOLD_ABOVE_WORDS:
        yield "same", text
        return
    start, end = words[CONTEXT_WORDS].start, words[-CONTEXT_WORDS - 1].stop
    yield "same", text[:start]
    yield "folded", text[start:end]
    yield "same", text[end:]


def _item(document: Json, path: str) -> str:
    """What the innermost list element calls itself that ``path`` leads into; empty for none."""
    name, value = "", document
    for token in split(path)[:-1]:
        if isinstance(value, list) and token.isdigit() and int(token) < len(value):
            value = value[int(token)]
            name = naming_of(value).partition("=")[2] or name
        elif isinstance(value, dict):
            value = value.get(token)
        else:
            break
    return name


def _place(path: str) -> int:
    last = path.rpartition("/")[2]
    return int(last) + 1 if last.isdigit() else 0
