"""A review at the upper limits, for the bench of pages: `manage.py shell -c` runs `main()`."""

from __future__ import annotations

import json

from django.utils import timezone

from leases.models import User
from personas.services.proposals import proposal_submit
from personas.services.records import persona_create
from tests.bench.bench_changes import large_record

PERSONA = "persona.large"


def main() -> None:
    """Prints the proposal's id as JSON. Comes after `tests.browser.desk_data.main()`."""
    traits, diff = large_record()
    now = timezone.now()
    record = {"id": PERSONA, "owner_kind": "workspace", "owner_ref": "atlas", "traits": traits}
    persona_create(actor=User.objects.get(username="dana"), fields=record, now=now)
    proposal = proposal_submit(
        actor=User.objects.get(username="alice"),
        persona_id=PERSONA,
        diff=diff,
        rationale="Five hundred traits in fewer words.",
        now=now,
    )
    print(json.dumps(str(proposal.pk)))  # noqa: T201  read by the bench that ran it
