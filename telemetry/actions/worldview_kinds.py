"""Asking the bridge what shared memory says, and what feedback amounts to (contract §7, §10)."""

from __future__ import annotations

from leases.capabilities import PERSONA_MANAGE
from leases.roles import Right
from personas.services.rights import require_any_manage, require_role
from telemetry.actions.kind import Call, Done, Kind
from telemetry.actions.schemas import PERSONA_ID, record
from telemetry.memory.bridge import suggestion_admit, worldview_propose
from telemetry.memory.looking import Seen, worldview_look
from telemetry.memory.vibe_summary import summary_admit, vibe_summary_suggest


def _admit(call: Call) -> None:
    persona_id = call.text("persona_id")
    if persona_id is None:
        require_role(call.actor, Right.PROPOSE)
        require_any_manage(actor=call.actor, now=call.now)
        return
    suggestion_admit(actor=call.actor, persona_id=persona_id, now=call.now)


def _look(call: Call) -> Seen:
    return worldview_look(call.input["persona_id"], call.now)


def _suggest(call: Call) -> Done:
    made = worldview_propose(actor=call.actor, seen=call.seen, now=call.now)
    return Done({"proposal_id": None if made is None else str(made.proposal_id)})


def _admit_summary(call: Call) -> None:
    persona_id = call.text("persona_id")
    if persona_id is None:
        _admit(call)
    else:
        summary_admit(actor=call.actor, persona_id=persona_id, now=call.now)


def _summarise(call: Call) -> Done:
    persona_id = call.input["persona_id"]
    made = vibe_summary_suggest(actor=call.actor, persona_id=persona_id, now=call.now)
    return Done({"proposal_id": None if made is None else str(made.proposal_id)})


_PROPOSED = record(
    {
        "proposal_id": {
            "type": ["string", "null"],
            "format": "uuid",
            "description": "Null where nothing should change.",
        }
    },
    ["proposal_id"],
)

SUGGEST = Kind(
    "worldview.suggest",
    "Propose what the memory that is shared with a persona says about its beliefs.",
    Right.PROPOSE,
    record({"persona_id": PERSONA_ID}, ["persona_id"]),
    _PROPOSED,
    _admit,
    _suggest,
    action=PERSONA_MANAGE,
    look=_look,
)

SUMMARISE = Kind(
    "vibe.summarise",
    "Propose what a persona's feedback amounts to, for its vibe profile; with consent and lease.",
    Right.PROPOSE,
    record({"persona_id": PERSONA_ID}, ["persona_id"]),
    _PROPOSED,
    _admit_summary,
    _summarise,
    action=PERSONA_MANAGE,
)

WORLDVIEW_KINDS = (SUGGEST, SUMMARISE)
