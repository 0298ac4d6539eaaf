"""A journal to look at: alice is asked about three personas, and has answered some of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from leases.models import User
from telemetry.journal.answering import journal_answer
from telemetry.journal.rhythm import DAILY, WEEKLY
from telemetry.journal.rhythms import journal_rhythm_set

RHYTHMS = {"persona.mara": WEEKLY, "persona.tomas": DAILY, "persona.ilse": DAILY}
WRITTEN = (
    (
        "persona.mara",
        timedelta(days=15),
        "weekly.boundary",
        (
            "When the deploy stuck on Thursday she should have asked who was on call before she "
            "listed what could be rolled back.\n\nShe did so the second time, unasked."
        ),
    ),
    (
        "persona.ilse",
        timedelta(days=3),
        "daily.tone",
        "The footnote was the kindest part of the answer. More of those, fewer apologies.",
    ),
    (
        "persona.mara",
        timedelta(days=8),
        "weekly.sure",
        (
            "Sure and wrong about the retention of the build cache; right and unsure about everything "
            "that concerned people."
        ),
    ),
    ("persona.tomas", timedelta(0), "daily.helped", "He waited until I had finished the sentence."),
)


def reflect(alice: User, now: datetime) -> str:
    """The id of the newest reflection; Mara and Ilse wait for an answer, Tomás has his."""
    for persona_id, cadence in RHYTHMS.items():
        journal_rhythm_set(actor=alice, persona_id=persona_id, cadence=cadence, now=now)
    for persona_id, before, prompt, text in WRITTEN:
        kept = journal_answer(
            actor=alice, persona_id=persona_id, prompt=prompt, text=text, now=now - before
        )
    return str(kept.item_id)
