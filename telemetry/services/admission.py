"""Who may give and read a persona's feedback now: role, consent, lease (contract §1, §2, §7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leases.authorization import Judgement, action_decisions, judged
from leases.capabilities import telemetry_action
from leases.decisions import Deny
from leases.models import User
from leases.roles import Right
from personas.models import Persona
from personas.selectors import persona_get
from telemetry.errors import PersonaTelemetryForbidden, TelemetryDisabled
from telemetry.services.idempotency import is_remembered

_NEEDED = {
    Right.FEEDBACK: "giving feedback needs the role of a member",
    Right.READ: "reading feedback needs the role of a member",
}


def feedback_admit(
    *, actor: User, persona_id: str, now: datetime, repeat_of: str | None = None
) -> Persona:
    """Everything that is judged before the body of feedback is looked at, in contract §2's order.

    ``repeat_of`` is the request's idempotency key: a repeat passes under a lease whose budget
    is used up, since it costs nothing. Raises ``PersonaNotFound``,
    ``PersonaTelemetryForbidden``, ``TelemetryDisabled``.
    """
    persona = persona_get(persona_id)
    repeats = repeat_of is not None and is_remembered(actor, persona_id, repeat_of, now)
    require_telemetry(actor=actor, persona=persona, now=now, exhausted_too=repeats)
    return persona


def telemetry_read_admit(*, actor: User, persona_id: str, now: datetime) -> Persona:
    """The same checks for reading samples, metrics and feedback events."""
    persona = persona_get(persona_id)
    require_telemetry(actor=actor, persona=persona, now=now, right=Right.READ)
    return persona


def require_telemetry(
    *,
    actor: User,
    persona: Persona,
    now: datetime,
    right: Right = Right.FEEDBACK,
    exhausted_too: bool = False,
) -> None:
    """Role, consent, lease, in this order; nothing is spent.

    ``exhausted_too`` lets a lease pass whose budget is used up. Raises
    ``PersonaTelemetryForbidden``, ``TelemetryDisabled``.
    """
    if not actor.has_right(right):
        raise PersonaTelemetryForbidden(_NEEDED[right], code="role_required")
    if not persona.consent.enabled:
        raise TelemetryDisabled
    judgement = _judged(actor, persona, now)
    if exhausted_too and judgement.decision.reason == "lease_exhausted":
        return
    _refuse_unless(judgement)


def may_read_telemetry(*, actor: User, persona: Persona, now: datetime) -> bool:
    """Whether ``telemetry_read_admit`` would let ``actor`` pass."""
    return (
        actor.has_right(Right.READ)
        and persona.consent.enabled
        and bool(_judged(actor, persona, now).decision)
    )


def telemetry_allowed(*, actor: User, personas: Sequence[Persona], now: datetime) -> list[bool]:
    """Whether policy or a lease covers each persona's consent scope, with few queries for all."""
    wanted = [(telemetry_action(one.consent.scope), one.resource) for one in personas]
    return [bool(one) for one in action_decisions(actor=actor, wanted=wanted, now=now)]


def _judged(actor: User, persona: Persona, now: datetime) -> Judgement:
    action = telemetry_action(persona.consent.scope)
    return judged(actor=actor, action=action, resource=persona.resource, now=now)


def _refuse_unless(judgement: Judgement) -> None:
    decision = judgement.decision
    if isinstance(decision, Deny):
        raise PersonaTelemetryForbidden(
            code=decision.reason, required_capability=decision.required_capability
        ).because(judgement)
