"""Rows about capabilities in the server's own log (contract §9)."""

import json

import pytest
from django.utils import timezone

from leases.models import User
from leases.pseudonyms import actor_ref
from leases.services.renewing import lease_renew
from leases.services.revoking import lease_revoke
from telemetry.eventlog.paths import Home
from tests.people import grant
from tests.telemetry.audit.test_receivers import rows
from tests.telemetry.conftest import Committing

pytestmark = pytest.mark.django_db


def test_it_notes_what_was_revoked_once(home: Home, committing: Committing, dana: User) -> None:
    lease = grant("share:persona", scope="persona:x")
    with committing():
        for _ in range(2):
            lease_revoke(actor=dana, lease_id=lease.id, reason="Jordan", now=timezone.now())
    (row,) = rows(home)
    assert (row["event_type"], row["source"]) == ("capability.revoked", "api")
    assert row["data"] == {
        "capability": "share:persona",
        "scope": "persona:x",
        "revocation": "single",
    }
    assert row["actor"]["id"] == actor_ref(dana.id)
    assert not [word for word in ("dana", "Jordan") if word in json.dumps(row)]


def test_it_notes_a_renewal_as_granted_from_now(
    home: Home, committing: Committing, dana: User
) -> None:
    lease = grant("share:persona", ttl_secs=5)
    with committing():
        lease_renew(actor=dana, lease_id=lease.id, ttl_secs=90, now=timezone.now())
    (row,) = rows(home)
    assert row["event_type"] == "capability.granted"
    assert row["data"] == {"capability": "share:persona", "scope": None, "ttl_secs": 90}
