"""Turning consent on or off for many personas at once, each by the one service (contract §7)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError

from leases.errors import DomainError
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from personas.models import Persona
from personas.services.rights import require_role
from telemetry.errors import StoreUnavailable
from telemetry.services.consent import Shown, consent_move
from telemetry.toggles import Toggle

BULK_MAX = 100

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refused:
    """A persona that stayed as it was, and why."""

    persona_id: str
    error: DomainError


@dataclass(slots=True)
class BulkOutcome:
    """What became of each persona: ``changed`` by this call, ``already`` so, or ``refused``."""

    changed: list[Persona] = field(default_factory=list)
    already: list[Persona] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def consent_set_many(
    *,
    actor: User,
    persona_ids: Sequence[str],
    enabled: bool,
    now: datetime,
    scope: str | None = None,
    accessibility_attested: bool = False,
    shown: Mapping[str, Shown] | None = None,
) -> BulkOutcome:
    """Turn the telemetry of each persona on or off, in the order given, each id once.

    Every persona is decided for itself and in a transaction of its own: one that is refused stays
    as it is and holds none of the others back, and what was changed before it stays changed.
    ``shown`` is by id what whoever consents saw of each. Raises ``PersonaManageForbidden`` for the
    role and ``InvalidConsent`` for the scope, before anything is changed; everything else is in the
    outcome.
    """
    _admit(actor=actor, now=now)
    Toggle(enabled, scope).check()
    outcome = BulkOutcome()
    for persona_id in dict.fromkeys(persona_ids):
        try:
            moved = consent_move(
                actor=actor,
                persona_id=persona_id,
                enabled=enabled,
                scope=scope,
                accessibility_attested=accessibility_attested,
                shown=shown.get(persona_id) if shown is not None else None,
                now=now,
            )
        except DomainError as error:
            outcome.refused.append(Refused(persona_id, error))
        except DatabaseError:
            # What came before it is committed: whoever asked must hear of it all the same.
            logger.exception("bulk_consent_database_error", extra={"persona_id": persona_id})
            outcome.refused.append(Refused(persona_id, StoreUnavailable()))
        else:
            (outcome.changed if moved.changed else outcome.already).append(moved.persona)
    return outcome


@refusals_kept
def _admit(*, actor: User, now: datetime) -> None:
    """The role is the same for all of them, and refused once."""
    require_role(actor, Right.MANAGE)
