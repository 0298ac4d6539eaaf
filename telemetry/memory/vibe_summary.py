"""What the feedback amounts to, proposed for the record's ``vibe_profile`` (contract §7, spec 001).

Aggregates are never written into a record by themselves: the bridge proposes, people decide.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leases.errors import Fault
from leases.instants import to_milliseconds
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from leases.signals import send_after_commit
from personas.documents.canonical import Json, Op, json_equal
from personas.errors import InvalidDiff
from personas.models import Persona, Proposal
from personas.selectors import persona_get, proposal_get
from personas.services.rights import require_manage, require_role
from personas.signals import proposal_withdrawn
from telemetry.errors import TelemetryDisabled
from telemetry.memory.bridge import bridge_propose
from telemetry.memory.bridge_principal import BRIDGE_ID, bridge_principal
from telemetry.memory.drift_watch import drift_hold
from telemetry.memory.suggestion import signed
from telemetry.selectors import vibe_aggregates
from telemetry.services.admission import require_telemetry

NUMBERS = ("sentiment_avg", "sentiment_volatility", "response_tempo", "confirmation_rate")
_SAID = {
    "sentiment_avg": "mean sentiment {:.2f} on a scale from −1 to 1",
    "sentiment_volatility": "its spread {:.2f}",
    "response_tempo": "{:.2f} seconds for a thousand tokens",
    "confirmation_rate": "a share of {:.2f} confirmed",
}
AXES = 8
PLACE = "/vibe_profile/summary"
ERASED = "Feedback that the summary counts was erased."


@refusals_kept
def vibe_summary_suggest(*, actor: User, persona_id: str, now: datetime) -> Proposal | None:
    """Propose a summary of the persona's feedback as ``vibe_profile.summary``.

    Needs consent and the telemetry lease for who asks, beside what proposing needs. None without
    feedback, and when the record holds that summary already. Pending ones are treated as those of
    ``worldview_suggest``. Raises ``PersonaNotFound``, ``PersonaManageForbidden``,
    ``PersonaTelemetryForbidden``, ``TelemetryDisabled``, and what ``proposal_submit`` raises.
    """
    summary_admit(actor=actor, persona_id=persona_id, now=now)

    def make(record: Persona, _pending: Proposal | None) -> tuple[list[Op], str]:
        return summary_operations(record, now=now)

    return bridge_propose(
        actor=actor, persona_id=persona_id, field="vibe_profile", make=make, now=now
    )


def summary_operations(record: Persona, *, now: datetime) -> tuple[list[Op], str]:
    """What is to be proposed for ``record``, with the rationale.

    Raises ``TelemetryDisabled``: consent may have gone since who asks was admitted.
    """
    if not record.consent.enabled:
        raise TelemetryDisabled
    ops = _operations(record.vibe_profile, vibe_aggregates(record.pk, now=now))
    return ops, signed(_rationale(ops), ops)


def summaries_withdraw(*, persona_id: str, now: datetime) -> int:
    """Withdraw what is pending of summaries, for samples that they count are erased; how many.

    Call it in the transaction that erases, before anything else: no summary is made until it ends.
    """
    now = to_milliseconds(now)
    drift_hold(persona_id, now)
    pending = Proposal.objects.pending_at(now).filter(persona=persona_id, submitted_by=BRIDGE_ID)
    withdrawn = 0
    for one in list(pending):
        if not any(op["path"].startswith("/vibe_profile") for op in one.diff):
            continue
        moved = pending.filter(pk=one.pk).update(
            status=Proposal.Status.WITHDRAWN,
            decided_by=BRIDGE_ID,
            decided_at=now,
            updated_at=now,
            decision_rationale=ERASED,
        )
        if moved:
            fresh, bridge = proposal_get(one.pk), bridge_principal()
            send_after_commit(proposal_withdrawn, Proposal, proposal=fresh, actor=bridge, now=now)
        withdrawn += moved
    return withdrawn


def summary_admit(*, actor: User, persona_id: str, now: datetime) -> Persona:
    """What is judged before the feedback is looked at, in contract §2's order.

    The role, consent, the lease for proposing, the lease for the telemetry.
    """
    persona = persona_get(persona_id)
    require_role(actor, Right.PROPOSE)
    if not persona.consent.enabled:
        raise TelemetryDisabled
    require_manage(actor=actor, resource=persona.resource, now=now)
    require_telemetry(actor=actor, persona=persona, now=now, right=Right.READ)
    return persona


def summary_of(aggregates: dict[str, Any]) -> dict[str, Any]:
    """The aggregates in few numbers, to two places; people are counted and never named."""
    summary: dict[str, Any] = {name: _rounded(aggregates[name]) for name in NUMBERS}
    flags = aggregates["misalignment_flags"] or []
    summary["misalignment_flags"] = {one["flag"]: one["people"] for one in flags}
    summary["axes"] = {
        one["axis"]: {
            "balance": _rounded(one["balance"]),
            "disagreement": _rounded(one["disagreement"]),
        }
        for one in aggregates["axes"][:AXES]
    }
    return {**summary, "people": aggregates["people"], "samples": aggregates["samples"]}


def _operations(profile: Json, aggregates: dict[str, Any]) -> list[Op]:
    if not aggregates["samples"]:
        return []
    if not isinstance(profile, dict):
        message = "vibe_profile is a list, which has no place for a summary"
        raise InvalidDiff(message, errors=[Fault("/vibe_profile", message, "not_an_object")])
    summary = summary_of(aggregates)
    if json_equal(profile.get("summary"), summary):
        return []
    kind = "replace" if "summary" in profile else "add"
    return [{"op": kind, "path": PLACE, "value": summary}]


def _rationale(ops: list[Op]) -> str:
    if not ops:
        return ""
    summary = ops[0]["value"]
    counted = _amount(summary["samples"], "sample", "samples")
    people = _amount(summary["people"], "person", "people")
    known = [name for name in NUMBERS if summary[name] is not None]
    told = [_SAID[name].format(summary[name]) for name in known]
    facts = f"{'; '.join(told).capitalize()}." if told else "It says nothing of sentiment."
    return f"Summary of the feedback that is kept: {counted} of {people}. {facts}"


def _amount(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2) + 0.0
