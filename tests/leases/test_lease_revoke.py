"""Taking leases back, one or by prefix (contract §6)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from leases.authorization import action_decision
from leases.capabilities import PERSONA_MANAGE, Resource
from leases.decisions import Deny
from leases.errors import InvalidLease, LeaseManageForbidden, LeaseNotFound
from leases.models import Lease, User
from leases.services.revoking import lease_revoke, leases_revoke_prefix
from tests.fixtures import ApiFor
from tests.leases.news import heard
from tests.people import NOW, SECOND, grant, pointers, problem

pytestmark = pytest.mark.django_db
MISSING = "00000000-0000-0000-0000-000000000000"
ALPHA = Resource("persona.alpha", "workspace", "local")


def rows() -> list[dict[str, object]]:
    return list(Lease.objects.order_by("pk").values())


def test_it_takes_a_lease_back_at_once(dana: User, alice: User) -> None:
    lease, other = grant(now=NOW), grant("telemetry:persona:workspace", now=NOW)
    with heard() as news:
        revoked = lease_revoke(actor=dana, lease_id=lease.id, reason=" left ", now=NOW + SECOND)
    assert (revoked.revoked_at, revoked.revoked_by) == (NOW + SECOND, dana)
    assert (revoked.revocation, revoked.revoke_reason) == ("single", "left")
    assert revoked.ttl_until == lease.ttl_until
    decision = action_decision(actor=alice, action=PERSONA_MANAGE, resource=ALPHA, now=NOW + SECOND)
    assert decision == Deny("lease_revoked", "persona:manage")
    assert news == [("lease_revoked", lease.id, dana)]
    other.refresh_from_db()
    assert other.revoked_at is None


def test_it_changes_nothing_the_second_time(dana: User) -> None:
    lease = grant(now=NOW)
    lease_revoke(actor=dana, lease_id=lease.id, reason="first", now=NOW)
    before = rows()
    with heard() as news:
        again = lease_revoke(actor=dana, lease_id=lease.id, reason="second", now=NOW + SECOND)
        assert leases_revoke_prefix(actor=dana, prefix="persona:", now=NOW + SECOND) == []
    assert (again.revoke_reason, rows(), news) == ("first", before, [])


def test_it_leaves_what_has_expired_as_it_is(dana: User) -> None:
    lease = grant(now=NOW, ttl_secs=5)
    before = rows()
    with heard() as news:
        lease_revoke(actor=dana, lease_id=lease.id, now=NOW + 5 * SECOND)
    assert (rows(), news) == (before, [])
    lease_revoke(actor=dana, lease_id=lease.id, now=NOW + timedelta(seconds=4.999999))
    assert Lease.objects.get().revocation == "single"


def test_it_takes_every_live_lease_of_a_prefix(dana: User) -> None:
    taken = [grant(f"telemetry:persona:{kind}", now=NOW) for kind in ("workspace", "agent")]
    others = [
        grant(capability, now=NOW)
        for capability in ("telemetry", "Telemetry:persona:agent", "persona:manage", "tele%:x")
    ]
    over = grant("telemetry:persona:agent", now=NOW - SECOND, ttl_secs=1)
    with heard() as news:
        found = leases_revoke_prefix(actor=dana, prefix="telemetry:", reason="drill", now=NOW)
    assert {lease.id for lease in found} == {lease.id for lease in taken}
    assert {(lease.revocation, lease.revoke_reason) for lease in found} == {("prefix", "drill")}
    assert sorted(news) == sorted(("lease_revoked", lease.id, dana) for lease in taken)
    assert set(Lease.objects.filter(revoked_at=None)) == {*others, over}


def test_it_takes_wildcards_at_their_word(dana: User) -> None:
    grant("telemetry:persona:agent", now=NOW)
    odd = grant("tele%:x", now=NOW)
    assert leases_revoke_prefix(actor=dana, prefix="tele_", now=NOW) == []
    assert leases_revoke_prefix(actor=dana, prefix="tele%", now=NOW) == [odd]


@pytest.mark.parametrize("prefix", ["", "   ", "x" * 201, "a\x00"])
def test_it_refuses_a_prefix_that_is_none(dana: User, prefix: str) -> None:
    grant(now=NOW)
    before = rows()
    with pytest.raises(InvalidLease) as refused:
        leases_revoke_prefix(actor=dana, prefix=prefix, now=NOW)
    assert [fault.pointer for fault in refused.value.errors] == ["/prefix"]
    assert rows() == before


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_it_is_a_right_of_admins(who: str, request: pytest.FixtureRequest, api: ApiFor) -> None:
    actor = request.getfixturevalue(who)
    lease = grant(subject=str(actor.id))
    before = rows()
    with pytest.raises(LeaseManageForbidden):
        lease_revoke(actor=actor, lease_id=lease.id, now=timezone.now())
    with pytest.raises(LeaseManageForbidden):
        leases_revoke_prefix(actor=actor, prefix="persona", now=timezone.now())
    problem(api(actor).delete(f"/leases/{lease.id}"), 403, "Lease Manage Forbidden")
    problem(api(actor).post("/leases/revoke", b"{"), 403, "Lease Manage Forbidden")
    assert rows() == before


def test_it_answers_over_http(api: ApiFor, dana: User) -> None:
    lease, client = grant(), api(dana)
    for _ in range(2):
        gone = client.delete(f"/leases/{lease.id}")
        assert (gone.status_code, gone.content) == (204, b"")
    problem(client.delete(f"/leases/{MISSING}"), 404, "Lease Not Found")
    with pytest.raises(LeaseNotFound):
        lease_revoke(actor=dana, lease_id=MISSING, now=NOW)
    assert client.get("/state/leases").json()["items"] == []
    (shown,) = client.get("/state/leases?all=true").json()["items"]
    assert (shown["state"], shown["revocation"]) == ("revoked", "single")
    assert shown["revoked_by"] == str(dana.id)
    assert shown["revoked_at"].endswith("Z")


def test_it_answers_with_what_the_prefix_took(api: ApiFor, dana: User) -> None:
    lease, client = grant(), api(dana)
    answer = client.post("/leases/revoke", {"prefix": "persona", "reason": "drill"})
    assert answer.status_code == 200
    assert answer.json()["revoked"] == 1
    (item,) = answer.json()["items"]
    assert (item["id"], item["state"], item["revoke_reason"]) == (str(lease.id), "revoked", "drill")
    assert client.post("/leases/revoke", {"prefix": "persona"}).json() == {
        "revoked": 0,
        "items": [],
    }
    for body, where in (({}, "/prefix"), ({"prefix": ""}, "/prefix"), ({"prefix": 1}, "/prefix")):
        refused = problem(client.post("/leases/revoke", body), 400, "Invalid Lease")
        assert pointers(refused) == [where]
