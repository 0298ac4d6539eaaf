"""Taking feedback away for good: on request, and by age (contract §7, §13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from leases.errors import Fault, InvalidInput
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from leases.signals import send_after_commit
from personas.models import Persona
from personas.selectors import persona_get
from personas.services.rights import require_role, role_sufficed
from telemetry.memory.vibe_summary import summaries_withdraw
from telemetry.models import IdempotencyRecord, VibeSample
from telemetry.retention import horizon
from telemetry.services.idempotency import REMEMBERED
from telemetry.services.locking import persona_locked
from telemetry.signals import samples_erased


def erasure_admit(*, actor: User, persona_id: str) -> Persona:
    """The persona, and the role: erasing is for admins and needs no lease.

    Raises ``PersonaNotFound``, ``PersonaManageForbidden``.
    """
    persona = persona_get(persona_id)
    require_role(actor, Right.MANAGE)
    return persona


@refusals_kept
def samples_erase(
    *, actor: User, persona_id: str, now: datetime, principal: str | None = None
) -> int:
    """Delete the persona's samples, of one ``principal`` (name or id) or of all; returns how many.

    What was derived goes with them: the persona's counters start anew, and its feedback events
    leave the replay window, and a summary that is still pending is withdrawn. Which keys were used stays known until their 24 hours are over, so
    that a late retry does not bring back what was erased. Raises ``PersonaNotFound``,
    ``PersonaManageForbidden``, ``InvalidInput``.
    """
    persona = erasure_admit(actor=actor, persona_id=persona_id)
    giver = None if principal is None else _principal(principal)
    with transaction.atomic():
        # Before the record, as approvals do; else two could wait for each other.
        summaries_withdraw(persona_id=persona.id, now=now)
        # Feedback that is being stored at this moment is waited for, and goes too.
        persona_locked(persona.id)
        samples = VibeSample.objects.filter(persona=persona)
        if giver is not None:
            samples = samples.filter(principal=giver)
        erased, _ = samples.delete()
        if erased:
            role_sufficed(actor=actor, persona_id=persona.id, now=now)
        send_after_commit(
            samples_erased,
            VibeSample,
            persona_id=persona.id,
            principal_id=None if giver is None else giver.id,
            actor=actor,
            now=now,
        )
    return erased


def telemetry_prune(*, now: datetime) -> dict[str, int]:
    """Delete samples past the maximum age and keys past their 24 hours, on personas at rest too."""
    # Persona by persona, as the one index of the samples goes.
    old = VibeSample.objects.filter(persona__in=Persona.objects.values("pk"))
    samples, _ = old.filter(recorded_at__lt=horizon(now)).delete()
    keys, _ = IdempotencyRecord.objects.filter(created_at__lte=now - REMEMBERED).delete()
    return {"samples": samples, "keys": keys}


def _principal(name_or_id: str) -> User:
    found = User.objects.named(name_or_id)
    if found is None:
        message = "the parameter principal names nobody; give a user name or an id"
        raise InvalidInput(message, errors=[Fault("?principal", message, "unknown_principal")])
    return found
