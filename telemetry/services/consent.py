"""Turning consent on and off (contract §7). Consent lives in the record and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from personas.models import HistoryEntry, Persona
from personas.selectors import persona_get
from personas.services.records import record_apply
from personas.services.rights import require_manage, require_role, spend_manage
from telemetry.errors import ConsentMoved
from telemetry.notices import current_notice
from telemetry.services.locking import persona_locked
from telemetry.toggles import Toggle, consent_ops


def consent_admit(*, actor: User, persona_id: str, now: datetime) -> Persona:
    """What is judged before the body is looked at: the persona, the role, the lease (contract §2).

    Raises ``PersonaNotFound``, ``PersonaManageForbidden``.
    """
    persona = persona_get(persona_id)
    require_role(actor, Right.MANAGE)
    require_manage(actor=actor, resource=persona.resource, now=now)
    return persona


class Moved(NamedTuple):
    """The record as it is now, and whether this call changed it."""

    persona: Persona
    changed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody saw who consents: the hash of the notice, and the scope of the record."""

    notice_sha256: str
    scope: str

    def check(self, persona: Persona) -> None:
        """Raise ``ConsentMoved`` where either is another by now."""
        if self.notice_sha256 != current_notice().sha256:
            raise ConsentMoved(_("the notice is another one than the one that was shown"))
        if self.scope != persona.consent.scope:
            text = _("the scope of the record is %(now)s by now; %(shown)s was shown")
            raise ConsentMoved(text % {"now": persona.consent.scope, "shown": self.scope or "—"})


def consent_set(
    *,
    actor: User,
    persona_id: str,
    enabled: bool,
    now: datetime,
    scope: str | None = None,
    accessibility_attested: bool = False,
    shown: Shown | None = None,
) -> Persona:
    """Turn the persona's telemetry on or off; returns the record as it is then.

    Without ``scope`` the one in the record stays, or the owner kind is written. Asking for what
    is already so changes nothing: no version, no receipt, no use of a lease. Otherwise the
    version rises by one and a receipt is written with it. A grant on what was ``shown`` is
    refused where that is no longer so. Raises ``PersonaNotFound``, ``PersonaManageForbidden``,
    ``InvalidConsent``, ``ConsentMoved``, ``AccessibilityCheckRequired``.
    """
    return consent_move(
        actor=actor,
        persona_id=persona_id,
        enabled=enabled,
        scope=scope,
        accessibility_attested=accessibility_attested,
        shown=shown,
        now=now,
    ).persona


@refusals_kept
def consent_move(
    *,
    actor: User,
    persona_id: str,
    enabled: bool,
    now: datetime,
    scope: str | None = None,
    accessibility_attested: bool = False,
    shown: Shown | None = None,
) -> Moved:
    """The same; says too whether it was this call that changed the record."""
    toggle = Toggle(enabled, scope)
    persona = consent_admit(actor=actor, persona_id=persona_id, now=now)
    toggle.check()
    if not consent_ops(persona.document, toggle):
        return Moved(persona, changed=False)
    if enabled and shown is not None:
        shown.check(persona)
    with transaction.atomic():
        spend_manage(actor=actor, resource=persona.resource, now=now)
        # Held from here on, so that no edit comes between reading the record and writing it.
        persona = persona_locked(persona_id)
        ops = consent_ops(persona.document, toggle)
        if not ops:
            transaction.set_rollback(True)  # somebody else was quicker: it costs nothing
            return Moved(persona, changed=False)
        if enabled and shown is not None:
            shown.check(persona)
        record_apply(
            persona_id=persona.id,
            base_version=persona.version,
            ops=ops,
            kind=HistoryEntry.Kind.CONSENT,
            actor=actor,
            now=now,
            accessibility_attested=accessibility_attested,
        )
    return Moved(persona_get(persona_id), changed=True)
