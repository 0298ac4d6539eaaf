"""Writing down which leases time has ended (contract §6, §8)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from leases.models import Lease
from leases.signals import lease_expired, send_after_commit

BATCH = 500


def leases_expire(*, now: datetime) -> int:
    """Tell of each lease whose time is over, once; how many were told. At most 500 at a time.

    They allow nothing already; this writes it down. Each is marked by a conditional update, so
    that of any number of workers exactly one tells of it. A revoked lease does not expire.
    """
    due = Lease.objects.over_untold(now)
    told = 0
    for lease_id in list(due.order_by("ttl_until").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            if due.filter(pk=lease_id).update(expiry_told_at=now) != 1:
                continue
            told += 1
            lease = Lease.objects.get(pk=lease_id)
            send_after_commit(lease_expired, Lease, lease=lease, now=now)
    return told
