"""The feedback widget: what its form holds, what it means, and what a refusal says beside it."""

from __future__ import annotations

import contextlib
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leases.errors import Conflict, DomainError, Forbidden, TooMany
from leases.page_errors import sentence
from telemetry.errors import (
    IdempotencyConflict,
    Overloaded,
    RateLimited,
    StoreUnavailable,
    TelemetryDisabled,
)
from telemetry.samples import NOTE_MAX

KIND = "vibe"
Word = str | Promise


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the buttons: ``signal`` is the reason code that is sent, empty for none."""

    signal: str
    label: Word


@dataclass(frozen=True, slots=True)
class Direction:
    """A question with three answers, of which the middle one says nothing."""

    name: str
    label: Word
    less: Choice
    more: Choice

    @property
    def choices(self) -> tuple[Choice, ...]:
        return (self.less, Choice("", gettext_lazy("as it is")), self.more)


DIRECTIONS: Final = (
    Direction(
        "warmth",
        gettext_lazy("Warmth"),
        Choice("cooler", gettext_lazy("cooler")),
        Choice("warmer", gettext_lazy("warmer")),
    ),
    Direction(
        "pace",
        gettext_lazy("Pace"),
        Choice("slower", gettext_lazy("slower")),
        Choice("faster", gettext_lazy("faster")),
    ),
    Direction(
        "formality",
        gettext_lazy("Formality"),
        Choice("less_formal", gettext_lazy("less formal")),
        Choice("more_formal", gettext_lazy("more formal")),
    ),
)
STRENGTHS: Final = (
    ("0.2", gettext_lazy("barely")),
    ("0.4", gettext_lazy("a little")),
    ("0.6", gettext_lazy("clearly")),
    ("0.8", gettext_lazy("strongly")),
    ("1", gettext_lazy("completely")),
)
USUAL: Final = "0.6"


@dataclass(slots=True)
class FeedbackForm:
    """The widget as it is shown or was sent. ``key`` makes a form that is sent twice count once."""

    signals: dict[str, str] = field(default_factory=dict)
    strength: str = USUAL
    note: str = ""
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    signal_error: str = ""
    strength_error: str = ""
    note_error: str = ""
    error: str = ""
    given: str = ""
    wait: int | None = None
    status: int = 200

    directions = DIRECTIONS
    strengths = STRENGTHS
    note_max = NOTE_MAX

    @property
    def chosen(self) -> list[Choice]:
        """The answers that say something, in the order of the questions."""
        return [
            choice
            for direction in DIRECTIONS
            for choice in direction.choices
            if choice.signal and self.signals.get(direction.name) == choice.signal
        ]

    @property
    def answered(self) -> set[str]:
        """The names of the questions that were answered."""
        signals = {one.signal for one in self.chosen}
        return {one.name for one in DIRECTIONS if {one.less.signal, one.more.signal} & signals}

    def samples(self) -> list[dict[str, Any]]:
        """One sample for each answer, as ``feedback_record`` takes them."""
        note = {"note": self.note} if self.note.strip() else {}
        return [
            {"kind": KIND, "signal": one.signal, "strength": float(self.strength), **note}
            for one in self.chosen
        ]

    def complete(self) -> bool:
        """Whether there is something to send; says beside the field what is missing."""
        if not self.chosen:
            self.signal_error = _("Choose a direction: at least one is needed.")
        if self.strength not in dict(STRENGTHS):
            self.strength, self.strength_error = USUAL, _("Choose one of these.")
        return not (self.signal_error or self.strength_error)

    def thank(self) -> None:
        """Begin anew, and say what was given."""
        words = ", ".join(str(one.label) for one in self.chosen)
        self.signals, self.note, self.strength = {}, "", USUAL
        self.key, self.given = (
            str(uuid.uuid4()),
            _("Stored: %(words)s. Thank you.") % {"words": words},
        )

    def refuse(self, error: DomainError, now: datetime) -> None:
        """Put what ``error`` says beside the field that it is about, and keep what was typed."""
        self.status = feedback_status(error)
        for fault in error.errors:
            name = fault.pointer.rpartition("/")[2]
            if name in {"note", "strength", "signal"}:
                setattr(self, f"{name}_error", _capital(fault.message))
        if isinstance(error, IdempotencyConflict):
            self.key = str(uuid.uuid4())
            self.error = _("This form was sent before with other answers. Send again to add these.")
        elif isinstance(error, RateLimited):
            self.wait = max(1, math.ceil(error.wait))
            self.error = _too_many(self.wait, now)
        elif isinstance(error, TooMany):
            self.wait = max(1, math.ceil(error.wait))
            self.error = _("Nothing was stored. %(why)s") % {"why": sentence(error)}
        elif isinstance(error, TelemetryDisabled):
            self.error = _("Consent was withdrawn: nothing was stored.")
        elif not (self.note_error or self.strength_error or self.signal_error):
            self.error = _("Nothing was stored. %(why)s") % {"why": sentence(error)}


def read_feedback(data: Mapping[str, str]) -> FeedbackForm:
    """The form as it was sent. Answers that no button sends count as none."""
    known = {name: data.get(name, "") for name in (one.name for one in DIRECTIONS)}
    form = FeedbackForm(
        signals=known, strength=data.get("strength", USUAL), note=data.get("note", "")
    )
    key = data.get("key", "")
    # A key from elsewhere is replaced: then a repeat cannot be told from new feedback.
    with contextlib.suppress(ValueError):
        form.key = str(uuid.UUID(key))
    return form


def feedback_status(error: DomainError) -> int:
    """The status that the API would answer with (contract §2)."""
    statuses: tuple[tuple[type[DomainError], int], ...] = (
        (TelemetryDisabled, 412),
        (RateLimited, 429),
        (TooMany, 429),
        (Overloaded, 503),
        (StoreUnavailable, 503),
        (Forbidden, 403),
        (Conflict, 409),
    )
    return next((status for known, status in statuses if isinstance(error, known)), 400)


def _too_many(wait: int, now: datetime) -> str:
    when = (now + timedelta(seconds=wait)).strftime("%H:%M:%S UTC")
    said = ngettext(
        "Too much at once; nothing was stored. Try again in %(n)d second, at %(when)s.",
        "Too much at once; nothing was stored. Try again in %(n)d seconds, at %(when)s.",
        wait,
    )
    return said % {"n": wait, "when": when}


def _capital(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}."
