"""A receipt for every move of what lets memory influence personas, whoever moves it (§10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from leases.capabilities import SHARE_PERSONA
from leases.instants import to_milliseconds
from leases.models import Lease, User
from leases.signals import lease_notice_asked, leases_moving
from telemetry.memory.sharing import sharing_capability
from telemetry.memory.sharing_notice import current_sharing_notice
from telemetry.models import SharingReceipt
from telemetry.notices import Notice


@receiver(lease_notice_asked)
def show_notice(*, capability: str, **_: Any) -> Notice | None:
    """The notice, where a lease of ``capability`` shares memory."""
    return current_sharing_notice() if capability and capability in _sharing() else None


@receiver(leases_moving)
def write_receipts(*, leases: list[Lease], move: str, actor: User, now: datetime, **_: Any) -> None:
    """Write what was shared or taken back, in the transaction that moves it."""
    sharing = _sharing()
    notice = current_sharing_notice()
    for lease in leases:
        if lease.capability in sharing:
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


def _sharing() -> set[str]:
    # Its own name counts even where a lease rule names another one today: the rule may go.
    return {SHARE_PERSONA.capability, sharing_capability()}
