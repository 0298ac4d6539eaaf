"""Records for the tests of the review screen: beliefs with labels, a long text, a large change.

Made through the services in the server's own process environment, after `desk_data.seed()`.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from leases.models import Lease, User
from leases.services.revoking import lease_revoke
from personas.services.proposals import proposal_submit
from personas.services.records import persona_create
from tests.bench.bench_changes import large_record

ESSAY = " ".join(
    f"In year {year} he learned that patience is worth more than speed, and wrote it down."
    for year in range(1990, 2020)
)
BELIEFS: list[dict[str, Any]] = [
    {"label": "Most outages are organisational before they are technical.", "confidence": 0.6},
    {"label": "A runbook that was never rehearsed is a wish.", "confidence": 0.9},
    {"label": "Plain words travel farther than clever ones.", "confidence": 0.5},
]
HUGO: dict[str, Any] = {
    "id": "persona.hugo",
    "owner_kind": "workspace",
    "owner_ref": "observatory",
    "name": "Hugo Marsh",
    "traits": {"style": "Slow and exact.", "essay": ESSAY},
    "worldview": {"beliefs": BELIEFS},
}
REORDERED = [BELIEFS[2], {**BELIEFS[0], "confidence": 0.8}, BELIEFS[1]]
NEW_ESSAY = ESSAY.replace("In year 2004 he learned", "In year 2004 he was told")


def seed() -> dict[str, str]:
    """The ids of the proposals: ``beliefs`` (three changes) and ``large`` (five hundred)."""
    now = timezone.now()
    dana, alice = (User.objects.get(username=name) for name in ("dana", "alice"))
    traits, diff = large_record()
    persona_create(actor=dana, fields=HUGO, now=now)
    persona_create(
        actor=dana,
        fields={**HUGO, "id": "persona.large", "name": "Large", "traits": traits},
        now=now,
    )
    change = [
        {"op": "replace", "path": "/worldview/beliefs", "value": REORDERED},
        {"op": "replace", "path": "/traits/essay", "value": NEW_ESSAY},
    ]
    made = {"beliefs": ("persona.hugo", change), "large": ("persona.large", diff)}
    return {
        name: str(proposal_submit(actor=alice, persona_id=persona, diff=ops, now=now).pk)
        for name, (persona, ops) in made.items()
    }


def revoke() -> None:
    """Take every lease for deciding away, as an admin would while somebody reads."""
    now = timezone.now()
    dana = User.objects.get(username="dana")
    for lease in Lease.objects.active_at(now).filter(capability="persona:manage"):
        lease_revoke(actor=dana, lease_id=lease.pk, reason="Over.", now=now)


def main() -> None:
    """Prints what was made, as one line of JSON."""
    print(json.dumps(seed()))  # noqa: T201  read by the test that ran it
