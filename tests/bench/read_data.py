"""`python -m tests.bench.read_data PERSONAS WITH_SAMPLES VERSIONS`: rows for the bench of reads.

Fills the database that the environment names up to so many personas, 50 samples for each of the
first WITH_SAMPLES, and so many rows of history for the very first. The rows are written as they are: no history
here proves anything. Lends the leases that reading takes.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any

import django

SAMPLES = 50


def main(personas: int, with_samples: int, versions: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "arw_site.settings")
    django.setup()
    from django.db.models import QuerySet
    from django.utils import timezone

    from leases.models import Lease, User
    from personas.models import HistoryEntry, Persona
    from telemetry.models import VibeSample

    now = timezone.now()
    dana = User.objects.get(username="dana")
    if not Lease.objects.exists():
        Lease.objects.create(
            capability="telemetry:persona:workspace",
            ttl_until=now + timedelta(days=1),
            granted_by=dana,
            created=now,
            updated=now,
        )
    known = Persona.objects.count()
    Persona.objects.bulk_create(
        [Persona(**record(at)) for at in range(known, personas)], batch_size=500
    )
    for at in range(with_samples):
        persona_id = name(at)
        if not VibeSample.objects.filter(persona_id=persona_id).exists():
            VibeSample.objects.bulk_create(
                VibeSample(
                    persona_id=persona_id,
                    kind="vibe",
                    signal=f"signal{place % 5}",
                    strength=0.5,
                    note=f"note {place} of a reader who liked it",
                    metadata={"run": f"r{place}", "turn": place},
                    principal=dana,
                    recorded_at=now - timedelta(seconds=place),
                )
                for place in range(SAMPLES)
            )
    before = HistoryEntry.objects.filter(persona_id=name(0)).count()
    rows = [HistoryEntry(**entry(name(0), at, dana, now)) for at in range(before, versions)]
    QuerySet(HistoryEntry).bulk_create(rows, batch_size=500)  # ours refuses: history is written


def name(at: int) -> str:
    return f"persona.{at:05d}"


def record(at: int) -> dict[str, Any]:
    return {
        "id": name(at),
        "owner_kind": "workspace",
        "owner_ref": f"team{at % 7}",
        "name": f"Companion {at}",
        "archetype": "guide",
        "traits": {"tone": "warm", "pace": 3, "topics": ["a", "b", "c"], "humour": 0.25},
        "preferences": {
            "telemetry": {"vibe": {"enabled": True, "scope": "workspace"}},
            "context": {"lane_weights": {"docs": 0.5}, "slot_budgets": {"evidence": 3}},
        },
        "worldview": {"beliefs": [{"text": "clarity matters", "cites": ["m1", "m2"]}]},
        "vibe_profile": {"summary": "calm"},
        "calibration": {"confidence": 0.5},
        "updated_at": 1_760_000_000_000 + at,
        "version": 1,
    }


def entry(persona_id: str, at: int, by: Any, now: Any) -> dict[str, Any]:
    digest = f"{at:064x}"
    return {
        "persona_id": persona_id,
        "version": at + 1,
        "kind": "consent",
        "diff": [{"op": "replace", "path": "/traits/pace", "value": at}],
        "inverse": [{"op": "replace", "path": "/traits/pace", "value": at - 1}],
        "applied_by": by,
        "applied_at": now,
        "document_digest": digest,
        "prev_hash": digest,
        "entry_hash": digest,
    }


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
