"""A receipt for every move of what lets memory influence personas, whoever moves it (§10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from leases.capabilities import SHARE_PERSONA
from leases.instants import to_milliseconds
from leases.models import Lease, User
from leases.signals import lease_notice_asked, leases_moving
from telemetry.memory.sharing import noticed_leases, sharing_capability
from telemetry.memory.sharing_notice import current_sharing_notice
from telemetry.models import SharingReceipt
from telemetry.notices import Notice


@receiver(lease_notice_asked)
def show_notice(*, capability: str, **_: Any) -> Notice | None:
    """The notice, where a lease of ``capability`` shares memory."""
    return current_sharing_notice() if capability and capability in _sharing() else None


@receiver(leases_moving)
def write_receipts(
    *, leases: list[Lease], move: str, actor: User, now: datetime, again: bool, **_: Any
) -> None:
    """Write what was shared or taken back, in the transaction that moves it.

    Nobody reads a notice while a lease is taken, or given back by lifting the kill switch: then
    only what was lent in order to share moves.
    """
    notice = current_sharing_notice()
    for lease in _shared(leases, lent_now=move == "grant" and not again):
        SharingReceipt.objects.create(
            lease_id=lease.id,
            subject=lease.subject,
            scope=lease.scope or "",
            move=move,
            principal=actor,
            notice_version=notice.version,
            notice_sha256=notice.sha256,
            recorded_at=to_milliseconds(now),
        )


def _shared(leases: list[Lease], *, lent_now: bool) -> list[Lease]:
    if lent_now:
        sharing = _sharing()
        return [lease for lease in leases if lease.capability in sharing]
    noticed = noticed_leases([lease.id for lease in leases])
    return [lease for lease in leases if lease.id in noticed]


def _sharing() -> set[str]:
    # Its own name counts even where a lease rule names another one today: the rule may go.
    return {SHARE_PERSONA.capability, sharing_capability()}
