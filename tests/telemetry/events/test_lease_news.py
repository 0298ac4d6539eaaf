"""Events of leases, of requests for them and of the kill switch (contract §8)."""

from django.utils import timezone

from leases.models import Lease, User
from leases.pseudonyms import SYSTEM_ACTOR, actor_ref
from leases.services.expiry import leases_expire
from leases.services.kill_switch import kill_switch_set
from leases.services.renewing import lease_renew
from leases.services.requests import lease_request, lease_request_deny, lease_request_grant
from leases.services.revoking import lease_revoke
from telemetry.events.broadcaster import broadcaster
from tests.people import NOW, grant
from tests.telemetry.conftest import Committing
from tests.telemetry.events.test_catalog import Heard

QUIET = "hunter"


def terms(lease: Lease) -> dict[str, object]:
    lease.refresh_from_db()
    return {
        "id": str(lease.id),
        "subject": lease.subject if lease.subject == "local" else actor_ref(lease.subject),
        "capability": lease.capability,
        "scope": lease.scope,
    }


def test_it_tells_of_a_renewal(dana: User, alice: User, committing: Committing) -> None:
    lease = grant(ttl_secs=60, budget=3, subject="alice")
    heard, rights = Heard(), broadcaster.rights
    with committing():
        lease_renew(actor=dana, lease_id=lease.id, reason=QUIET, now=timezone.now())
    payload = heard.payload("leases.renewed")
    assert payload.pop("ttl_until") > payload.pop("created")
    assert payload == {**terms(lease), "budget": 3, "actor": actor_ref(dana.id)}
    assert QUIET not in str(heard.envelopes())
    assert broadcaster.rights > rights


def test_it_tells_of_a_revocation_once(dana: User, committing: Committing) -> None:
    lease = grant(scope="workspace")
    heard, rights = Heard(), broadcaster.rights
    with committing():
        for _ in range(2):
            lease_revoke(actor=dana, lease_id=lease.id, reason=QUIET, now=timezone.now())
    payload = heard.payload("leases.revoked")
    assert payload.pop("revoked_at").endswith("Z")
    assert payload == {**terms(lease), "revocation": "single", "actor": actor_ref(dana.id)}
    assert QUIET not in str(heard.envelopes())
    assert broadcaster.rights > rights


def test_it_tells_of_expiry_once(dana: User, committing: Committing) -> None:
    lease = grant(now=NOW, ttl_secs=1)
    heard = Heard()
    with committing():
        assert [leases_expire(now=timezone.now()) for _ in range(2)] == [1, 0]
    assert heard.payload("leases.expired") == {
        **terms(lease),
        "ttl_until": "2026-01-31T12:00:01.000Z",
        "actor": SYSTEM_ACTOR,
    }


def test_it_tells_of_requests_and_answers(alice: User, dana: User, committing: Committing) -> None:
    heard = Heard()
    with committing():
        asked = [
            lease_request(
                actor=alice, capability="a:b", ttl_secs=60, reason=QUIET, now=timezone.now()
            )
            for _ in range(2)
        ]
    assert [one["payload"] for one in heard.envelopes()] == [
        {
            "id": str(one.id),
            "capability": "a:b",
            "scope": None,
            "ttl_secs": 60,
            "budget": None,
            "actor": actor_ref(alice.id),
        }
        for one in asked
    ]
    heard = Heard()
    with committing():
        lease = lease_request_grant(actor=dana, request_id=asked[0].id, now=timezone.now())
        lease_request_deny(actor=dana, request_id=asked[1].id, reason=QUIET, now=timezone.now())
    kinds = [one["kind"] for one in heard.envelopes()]
    assert kinds == ["leases.created", "leases.request_decided", "leases.request_decided"]
    told = [one["payload"] for one in heard.envelopes()[1:]]
    assert [(one["status"], one["lease_id"]) for one in told] == [
        ("granted", str(lease.id)),
        ("denied", None),
    ]
    assert {one["requester"] for one in told} == {actor_ref(alice.id)}
    assert QUIET not in str(heard.envelopes())


def test_it_tells_of_the_kill_switch(dana: User, committing: Committing) -> None:
    grant("telemetry:persona:workspace")
    heard, rights = Heard(), broadcaster.rights
    with committing():
        kill_switch_set(actor=dana, engaged=True, reason=QUIET, now=timezone.now())
    assert heard.payload("policy.kill_switch") == {"engaged": True, "actor": actor_ref(dana.id)}
    assert heard.payload("leases.revoked")["revocation"] == "kill_switch"
    assert QUIET not in str(heard.envelopes())
    assert broadcaster.rights > rights
    heard = Heard()
    with committing():
        kill_switch_set(actor=dana, engaged=False, restore_leases=True, now=timezone.now())
    assert [one["kind"] for one in heard.envelopes()] == ["leases.renewed", "policy.kill_switch"]
