"""The kill switch: telemetry stops at once, and starts again (contract §6)."""

from datetime import timedelta

import pytest

from leases.authorization import action_decision
from leases.capabilities import Resource, telemetry_action
from leases.decisions import Deny
from leases.errors import InvalidInput, LeaseManageForbidden
from leases.models import Control, Lease, User
from leases.services.granting import lease_grant
from leases.services.kill_switch import kill_switch_set
from leases.services.revoking import lease_revoke
from tests.fixtures import ApiFor
from tests.leases.news import heard
from tests.people import NOW, SECOND, grant, make_persona, pointers, problem

pytestmark = pytest.mark.django_db
TELEMETRY = "telemetry:persona:workspace"
ALPHA = Resource("persona.alpha", "workspace", "local")
CONSENT = {"telemetry": {"vibe": {"enabled": True}}}


def rows() -> list[object]:
    return [*Lease.objects.order_by("pk").values(), *Control.objects.values()]


def stop(dana: User, **more: object) -> None:
    kill_switch_set(**{"actor": dana, "engaged": True, "reason": "drill", "now": NOW, **more})


def test_it_stops_telemetry_and_takes_its_leases(dana: User, alice: User) -> None:
    taken = [grant(TELEMETRY, now=NOW), grant("telemetry:persona:agent", now=NOW, budget=3)]
    kept = grant(now=NOW)
    with heard() as news:
        switch = kill_switch_set(actor=dana, engaged=True, reason=" drill ", now=NOW)
    assert (switch.engaged, switch.at, switch.by, switch.reason) == (True, NOW, dana, "drill")
    assert (switch.revoked, switch.restored) == (2, 0)
    for lease in taken:
        lease.refresh_from_db()
        assert (lease.revocation, lease.revoked_at, lease.revoked_by) == ("kill_switch", NOW, dana)
    kept.refresh_from_db()
    assert kept.revoked_at is None
    assert news[-1] == ("kill_switch_moved", True, dana)
    assert sorted(news[:-1]) == sorted(("lease_revoked", lease.id, dana) for lease in taken)
    lease_grant(actor=dana, capability=TELEMETRY, now=NOW)
    decision = action_decision(
        actor=alice, action=telemetry_action("workspace"), resource=ALPHA, now=NOW
    )
    assert decision == Deny("kill_switch", TELEMETRY)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_it_needs_a_reason_to_stop(dana: User, reason: str) -> None:
    grant(TELEMETRY, now=NOW)
    before = rows()
    with pytest.raises(InvalidInput) as refused:
        kill_switch_set(actor=dana, engaged=True, reason=reason, now=NOW)
    assert [fault.pointer for fault in refused.value.errors] == ["/reason"]
    assert rows() == before


def test_it_changes_nothing_the_second_time(dana: User) -> None:
    stop(dana)
    late = grant(TELEMETRY, now=NOW)
    before = rows()
    with heard() as news:
        again = kill_switch_set(actor=dana, engaged=True, reason="again", now=NOW + SECOND)
    assert (again.reason, again.at, again.revoked) == ("drill", NOW, 0)
    assert (rows(), news) == (before, [])
    late.refresh_from_db()
    assert late.revoked_at is None


def test_it_lifts_what_is_not_engaged_without_effect(dana: User) -> None:
    with heard() as news:
        switch = kill_switch_set(actor=dana, engaged=False, restore_leases=True, now=NOW)
    assert (switch.engaged, switch.at, switch.restored, news) == (False, None, 0, [])


def test_it_keeps_the_leases_revoked_unless_asked(dana: User) -> None:
    lease = grant(TELEMETRY, now=NOW)
    stop(dana)
    switch = kill_switch_set(actor=dana, engaged=False, now=NOW + SECOND)
    assert (switch.engaged, switch.restored) == (False, 0)
    lease.refresh_from_db()
    assert lease.revocation == "kill_switch"


def test_it_gives_back_exactly_what_this_stop_took(dana: User) -> None:
    earlier = grant(TELEMETRY, now=NOW - SECOND)
    stop(dana, now=NOW - SECOND)
    kill_switch_set(actor=dana, engaged=False, now=NOW - SECOND)
    single = grant(TELEMETRY, now=NOW)
    lease_revoke(actor=dana, lease_id=single.id, now=NOW)
    short = grant(TELEMETRY, now=NOW, ttl_secs=60)
    taken = grant(TELEMETRY, now=NOW, ttl_secs=61, budget=5)
    stop(dana)
    end = NOW + timedelta(seconds=60)
    with heard() as news:
        switch = kill_switch_set(actor=dana, engaged=False, restore_leases=True, now=end)
    assert (switch.engaged, switch.restored) == (False, 1)
    assert news == [("lease_renewed", taken.id, dana), ("kill_switch_moved", False, dana)]
    back = Lease.objects.get(pk=taken.pk)
    assert (back.revoked_at, back.revoked_by, back.revocation) == (None, None, "")
    assert (back.ttl_until, back.budget) == (taken.ttl_until, 5)
    assert set(Lease.objects.filter(revoked_at__isnull=False)) == {earlier, single, short}


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_it_is_a_right_of_admins(who: str, request: pytest.FixtureRequest, api: ApiFor) -> None:
    actor = request.getfixturevalue(who)
    grant(TELEMETRY)
    before = rows()
    for engaged in (True, False):
        with pytest.raises(LeaseManageForbidden):
            kill_switch_set(actor=actor, engaged=engaged, reason="x", now=NOW)
    problem(api(actor).post("/policy/kill-switch", b"{"), 403, "Lease Manage Forbidden")
    assert rows() == before


def test_it_refuses_feedback_until_it_is_lifted(api: ApiFor, alice: User, dana: User) -> None:
    persona = make_persona(preferences=CONSENT)
    grant(TELEMETRY)
    path, admin = f"/persona/{persona.id}/feedback", api(dana)
    assert api(alice).post(path, {"signal": "warmer"}).status_code == 202
    stopped = admin.post("/policy/kill-switch", {"engaged": True, "reason": "drill"})
    assert stopped.status_code == 200
    shown = stopped.json()
    assert (shown["engaged"], shown["revoked"], shown["reason"]) == (True, 1, "drill")
    assert shown["halted_by"] == str(dana.id)
    refused = problem(api(alice).post(path, {}), 403, "Persona Telemetry Forbidden")
    assert refused["code"] == "kill_switch"
    problem(api(dana).get(f"/state/persona/{persona.id}/vibe_history"), 403)
    assert persona.vibe_samples.count() == 1
    lifted = admin.post("/policy/kill-switch", {"engaged": False, "restore_leases": True})
    assert lifted.json() == {
        "engaged": False,
        "halted_at": None,
        "halted_by": None,
        "reason": "",
        "revoked": 0,
        "restored": 1,
    }
    assert api(alice).post(path, {"signal": "warmer"}).status_code == 202
    assert persona.vibe_samples.count() == 2


def test_it_points_at_faults_of_the_body(api: ApiFor, dana: User) -> None:
    for body, where in (
        ({}, ["/engaged"]),
        ({"engaged": "yes", "reason": "x"}, ["/engaged"]),
        ({"engaged": True}, ["/reason"]),
        ({"engaged": False, "restore_leases": 1}, ["/restore_leases"]),
    ):
        assert pointers(problem(api(dana).post("/policy/kill-switch", body), 400)) == where
    assert not Control.objects.filter(halted_at__isnull=False).exists()
