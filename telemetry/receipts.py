"""A receipt for every move of consent, whatever moved it (contract §7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.dispatch import receiver

from leases.instants import to_milliseconds
from leases.models import User
from personas.documents.consent import Consent
from personas.models import HistoryEntry
from personas.signals import consent_moving
from telemetry.errors import AccessibilityCheckRequired
from telemetry.models import ConsentReceipt
from telemetry.notices import current_notice

_METHODS = {
    HistoryEntry.Kind.CREATE: ConsentReceipt.Method.CREATE,
    HistoryEntry.Kind.PROPOSAL: ConsentReceipt.Method.PROPOSAL,
    HistoryEntry.Kind.CONSENT: ConsentReceipt.Method.SWITCH,
}


@receiver(consent_moving)
def write_receipts(
    *,
    persona_id: str,
    before: Consent,
    after: Consent,
    entry: HistoryEntry,
    actor: User,
    now: datetime,
    accessibility_attested: bool,
    **_: Any,
) -> None:
    """Write what was withdrawn and what was granted, in the transaction that moves it.

    Another scope while consent is on is both: what was agreed to is over, and something else is
    agreed to. Raises ``AccessibilityCheckRequired``, which rolls the change back, for a grant
    that attests nothing on a server that asks for it.
    """
    notice = current_notice()
    moves = _moves(before, after)
    granted = any(move == ConsentReceipt.Move.GRANT for move, _scope in moves)
    if granted and settings.ARW_PERSONA_ACCESSIBILITY == "attest" and not accessibility_attested:
        raise AccessibilityCheckRequired
    for move, scope in moves:
        ConsentReceipt.objects.create(
            persona_id=persona_id,
            history=entry,
            scope=scope,
            move=move,
            method=_METHODS[HistoryEntry.Kind(entry.kind)],
            principal=actor,
            notice_version=notice.version,
            notice_sha256=notice.sha256,
            recorded_at=to_milliseconds(now),
        )


def _moves(before: Consent, after: Consent) -> list[tuple[ConsentReceipt.Move, str]]:
    if before == after:
        return []
    moves: list[tuple[ConsentReceipt.Move, str]] = []
    if before.enabled:
        moves.append((ConsentReceipt.Move.WITHDRAWAL, before.scope))
    if after.enabled:
        moves.append((ConsentReceipt.Move.GRANT, after.scope))
    return moves
