"""Those who change leases at the same moment (contract §6)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from leases.errors import LeaseNotLive, LeaseRequestNotPending
from leases.models import Control, Lease, LeaseRequest, User
from leases.services.granting import lease_grant
from leases.services.kill_switch import kill_switch_set
from leases.services.renewing import lease_renew
from leases.services.requests import lease_request, lease_request_deny, lease_request_grant
from leases.services.revoking import lease_revoke, leases_revoke_prefix
from telemetry.errors import PersonaTelemetryForbidden
from telemetry.models import VibeSample
from telemetry.services.feedback import feedback_record
from tests.people import grant, make_persona, someone
from tests.telemetry.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TELEMETRY = "telemetry:persona:workspace"
CONSENT = {"telemetry": {"vibe": {"enabled": True}}}


@pytest.fixture
def dana(transactional_db: None) -> User:
    return someone("dana")


def test_it_grants_a_request_once(dana: User) -> None:
    alice = someone("alice")
    for _ in range(5):
        asked = lease_request(
            actor=alice, capability="persona:manage", reason="x", now=timezone.now()
        )
        answers = at_once(
            [lambda pk=asked.pk: lease_request_grant(actor=dana, request_id=pk, now=timezone.now())]
            * 3
            + [
                lambda pk=asked.pk: lease_request_deny(
                    actor=dana, request_id=pk, reason="no", now=timezone.now()
                )
            ]
        )
        refused = [one for one in answers if isinstance(one, LeaseRequestNotPending)]
        (won,) = [one for one in answers if not isinstance(one, Exception)]
        assert len(refused) == 3
        asked.refresh_from_db()
        if isinstance(won, Lease):
            assert (asked.status, asked.lease_id) == ("granted", won.pk)
        else:
            assert (asked.status, asked.lease_id) == ("denied", None)
    granted = LeaseRequest.objects.filter(status="granted").count()
    assert Lease.objects.count() == granted


def test_it_never_revives_a_revoked_lease_by_a_renewal(dana: User) -> None:
    for _ in range(10):
        lease = grant(ttl_secs=60)

        def renew(pk: Any = lease.pk) -> Lease:
            return lease_renew(actor=dana, lease_id=pk, ttl_secs=7200, now=timezone.now())

        def revoke(pk: Any = lease.pk) -> Lease:
            return lease_revoke(actor=dana, lease_id=pk, now=timezone.now())

        renewals = at_once([renew, revoke, renew])
        assert isinstance(renewals[1], Lease)
        others = [one for one in (renewals[0], renewals[2]) if isinstance(one, Exception)]
        assert all(isinstance(one, LeaseNotLive) for one in others)
        lease.refresh_from_db()
        assert lease.revocation == "single"
        assert not Lease.objects.active_at(timezone.now()).exists()


def test_it_takes_by_prefix_what_was_granted_before_and_nothing_twice(dana: User) -> None:
    def granting() -> list[Lease]:
        return [
            lease_grant(actor=dana, capability=f"test:{number}", now=timezone.now())
            for number in range(10)
        ]

    def taking() -> list[Lease]:
        return leases_revoke_prefix(actor=dana, prefix="test:", now=timezone.now())

    before = granting()
    answers = at_once([granting, taking, taking, granting])
    assert not [one for one in answers if isinstance(one, Exception)]
    taken = [lease.pk for lease in (*answers[1], *answers[2])]
    assert len(taken) == len(set(taken))
    assert {lease.pk for lease in before} <= set(taken)
    assert set(Lease.objects.filter(revocation="prefix").values_list("pk", flat=True)) == set(taken)
    assert Lease.objects.count() == 30


def test_it_stores_nothing_after_a_stop_was_answered(dana: User) -> None:
    persona, alice = make_persona(preferences=CONSENT), someone("alice")
    grant(TELEMETRY)

    def give_until_refused() -> int:
        given = 0
        try:
            while True:
                body = {"signal": "warmer"}
                given += feedback_record(
                    actor=alice, persona_id=persona.id, body=body, now=timezone.now()
                )
        except PersonaTelemetryForbidden:
            return given

    def stop() -> list[Any]:
        kill_switch_set(actor=dana, engaged=True, reason="drill", now=timezone.now())
        return list(VibeSample.objects.order_by("pk").values_list("pk", flat=True))

    first, second, at_stop = at_once([give_until_refused, give_until_refused, stop])
    assert list(VibeSample.objects.order_by("pk").values_list("pk", flat=True)) == at_stop
    assert min(first + second, 50) == len(at_stop)


def test_it_stops_once_when_two_stop(dana: User) -> None:
    leases = [grant(TELEMETRY) for _ in range(5)]

    def stopping(reason: str) -> Callable[[], Any]:
        return lambda: kill_switch_set(actor=dana, engaged=True, reason=reason, now=timezone.now())

    switches = at_once([stopping("one"), stopping("two")])
    assert sorted(switch.revoked for switch in switches) == [0, 5]
    assert {switch.reason for switch in switches} == {Control.objects.get().halt_reason}
    times = set(Lease.objects.values_list("revoked_at", flat=True))
    assert times == {Control.objects.get().halted_at}
    lifted = at_once(
        [
            lambda: kill_switch_set(
                actor=dana, engaged=False, restore_leases=True, now=timezone.now()
            )
        ]
        * 2
    )
    assert sorted(switch.restored for switch in lifted) == [0, 5]
    assert Lease.objects.active_at(timezone.now()).count() == len(leases)
