"""Reports of agents on themselves, as actions (contract §10)."""

from __future__ import annotations

from leases.capabilities import PERSONA_MANAGE
from leases.roles import Right
from personas.selectors import persona_get
from personas.services.rights import require_any_manage, require_role
from telemetry.actions.kind import Call, Done, Kind
from telemetry.actions.schemas import COUNT, PERSONA_ID, SHARE, described, one_of, record, text
from telemetry.errors import InvalidSelfModelReport
from telemetry.self_model.drift import MEASURES
from telemetry.self_model.reporting import (
    COST_MAX,
    WINDOW_MAX,
    agent_persona,
    report_admit,
    self_model_report,
)

_COST = {"type": "number", "minimum": 0, "maximum": COST_MAX}


def _admit(call: Call) -> None:
    persona_id, agent = call.text("persona_id"), call.text("agent")
    if persona_id is not None:
        report_admit(actor=call.actor, persona=persona_get(persona_id), now=call.now)
    elif agent is not None:
        report_admit(actor=call.actor, persona=agent_persona(agent), now=call.now)
    else:
        require_role(call.actor, Right.FEEDBACK)
        require_any_manage(actor=call.actor, now=call.now)


def _report(call: Call) -> Done:
    given = call.input
    window = given.get("window")
    done = self_model_report(
        actor=call.actor,
        persona_id=given.get("persona_id"),
        agent=given.get("agent"),
        confidence=given.get("confidence"),
        competence=given.get("competence"),
        cost=given.get("cost"),
        window=None if window is None else int(window),
        now=call.now,
    )
    drift = {"score": done.score, "baseline": done.baseline, "outside": done.outside}
    return Done(
        {
            "persona_id": done.report.persona_id,
            "report_id": done.report.pk,
            "drift": drift,
            "version": None if done.entry is None else done.entry.version,
        }
    )


REPORT = Kind(
    "self_model.report",
    "Report how sure and how able an agent is, and at what cost; see docs/self-model.md.",
    Right.FEEDBACK,
    record(
        {
            "persona_id": PERSONA_ID,
            "agent": text(255, "Instead of the id: the agent that owns the persona.", shortest=1),
            "confidence": described(SHARE, "How sure it is."),
            "competence": described(SHARE, "How able it is."),
            "cost": described(_COST, "What it costs, in what the agent counts."),
            "window": {
                "type": "integer",
                "minimum": 1,
                "maximum": WINDOW_MAX,
                "description": "The seconds that the report is about.",
            },
        },
        oneOf=one_of("persona_id", "agent"),
        allOf=[{"anyOf": one_of(*MEASURES)}],
    ),
    record(
        {
            "persona_id": PERSONA_ID,
            "report_id": COUNT,
            "drift": {
                "type": "object",
                "properties": {
                    "score": SHARE,
                    "baseline": {
                        "type": "object",
                        "properties": {"confidence": SHARE, "competence": SHARE, "cost": _COST},
                    },
                    "outside": {"type": "boolean"},
                },
            },
            "version": {
                "type": ["integer", "null"],
                "description": "The version that mirrors it, or null within the interval.",
            },
        },
        ["persona_id", "report_id", "drift", "version"],
    ),
    _admit,
    _report,
    action=PERSONA_MANAGE,
    refusal=InvalidSelfModelReport,
)

SELF_MODEL_KINDS = (REPORT,)
