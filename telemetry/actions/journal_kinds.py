"""Answering the journal as an action (contract §10)."""

from __future__ import annotations

from leases.roles import Right
from personas.selectors import persona_get
from telemetry.actions.kind import Call, Done, Kind
from telemetry.actions.schemas import IDENTITY, PERSONA_ID, nullable, record, text
from telemetry.journal.answering import journal_answer
from telemetry.journal.errors import InvalidReflection, JournalForbidden


def _admit(call: Call) -> None:
    persona_id = call.text("persona_id")
    if persona_id is not None:
        persona_get(persona_id)
    if not call.actor.has_right(Right.FEEDBACK):
        raise JournalForbidden


def _answer(call: Call) -> Done:
    answer = journal_answer(
        actor=call.actor,
        persona_id=call.input["persona_id"],
        text=call.input["text"],
        prompt=call.input.get("prompt") or "",
        now=call.now,
    )
    kept = {"item_id": str(answer.item_id), "prompt": answer.prompt, "period": answer.period}
    return Done(kept)


ANSWER = Kind(
    "journal.answer",
    "Answer a prompt of the journal: a memory item of one's own, tagged `persona_reflection`.",
    Right.FEEDBACK,
    record(
        {
            "persona_id": PERSONA_ID,
            "text": text(8192, "The reflection; at most 8 KiB."),
            "prompt": nullable(text(64, "The prompt's name; the period's where none is given.")),
        },
        ["persona_id", "text"],
    ),
    record(
        {"item_id": IDENTITY, "prompt": {"type": "string"}, "period": {"type": "string"}},
        ["item_id", "prompt", "period"],
    ),
    _admit,
    _answer,
    refusal=InvalidReflection,
)

JOURNAL_KINDS = (ANSWER,)
