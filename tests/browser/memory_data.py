"""Memory for the browser tests: two personas, suggestions about them, evidence that is gone.

Made through the services in the server's own process environment, after `desk_data.seed()`.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from leases.models import User
from leases.services.granting import lease_grant
from leases.services.revoking import lease_revoke
from personas.services.decisions import proposal_approve
from personas.services.records import persona_create
from telemetry.memory.bridge import worldview_suggest
from telemetry.memory.items import item_erase, item_upsert

OWNER = {"owner_kind": "project", "owner_ref": "harbour"}
TIDES = "Tide tables are checked twice before anybody sails."
REPORTS = "Long reports are read to the end."
LONG = "for: " + "A watch that is handed over in writing is remembered longer. " * 4
NORA: dict[str, Any] = {
    **OWNER,
    "id": "persona.nora",
    "name": "Nora Vale",
    "archetype": "Harbour pilot",
    "worldview": {
        "summary": "The sea keeps no minutes, so somebody has to.",
        "beliefs": [{"id": "reports", "statement": REPORTS, "confidence": 0.8}],
    },
}


def seed() -> dict[str, str]:
    """Addresses by name: ``review`` and ``gone`` of proposals, three items, two personas."""
    now = timezone.now()
    alice, bob, dana, erin = (
        User.objects.get(username=name) for name in ("alice", "bob", "dana", "erin")
    )
    nora = persona_create(actor=dana, fields=NORA, now=now)
    olaf = persona_create(
        actor=dana, fields={**NORA, "id": "persona.olaf", "name": "Olaf Brand"}, now=now
    )
    lent = {"actor": dana, "capability": "share:persona", "now": now}
    lease_grant(**lent, scope="persona:persona.nora")
    short = lease_grant(**lent, scope="persona:persona.olaf")

    def keep(actor: User, text: str = "", **more: Any) -> Any:
        return item_upsert(actor=actor, text=text, now=now, **{"lane": "episodic", **OWNER, **more})

    first = keep(alice, TIDES, lane="semantic", confidence=0.9, tags=["tides", "safety"])
    erased = keep(alice, "for: Fog is forecast by the gulls.")
    asked = {"actor": alice, "now": now}
    for persona in (nora, olaf):
        made = worldview_suggest(persona_id=persona.pk, **asked)
        assert made is not None
        proposal_approve(actor=bob, proposal_id=made.pk, now=now)
    keep(bob, value={"belief": TIDES, "stance": "for"}, confidence=0.8)
    keep(erin, f"against: {REPORTS}", confidence=0.9, tags=["retrospective"])
    keep(bob, LONG, lane="procedural")
    gone = worldview_suggest(persona_id=olaf.pk, **asked)
    item_erase(actor=alice, item_id=erased.pk, now=now)
    pending = worldview_suggest(persona_id=nora.pk, **asked)
    lease_revoke(actor=dana, lease_id=short.pk, now=now)
    hidden = item_upsert(
        actor=alice, text="Nobody else's.", lane="episodic", now=now, owner_kind="project", owner_ref="none"
    )  # fmt: skip
    assert pending is not None
    assert gone is not None
    return {
        "review": pending.get_absolute_url(),
        "gone": gone.get_absolute_url(),
        "item": f"/admin/memory/{first.pk}/",
        "erased": f"/admin/memory/{erased.pk}/",
        "hidden": f"/admin/memory/{hidden.pk}/",
        "nora": nora.get_absolute_url(),
        "olaf": olaf.get_absolute_url(),
    }


def main() -> None:
    """Prints what was made, as one line of JSON."""
    print(json.dumps(seed()))  # noqa: T201  read by the test that ran it
