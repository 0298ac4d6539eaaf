"""Budgets: spent one by one, and never beyond what they hold (contract §6)."""

import pytest
from django.db import transaction

from leases.authorization import action_decision, action_spend
from leases.capabilities import PERSONA_MANAGE, Resource
from leases.decisions import Allow, Deny
from leases.models import Lease, User
from tests.people import NOW, SECOND, grant
from tests.telemetry.threads import at_once

ALPHA = Resource("persona.alpha", "workspace", "local")


def spend(actor: User) -> bool:
    with transaction.atomic():
        return bool(action_spend(actor=actor, action=PERSONA_MANAGE, resource=ALPHA, now=NOW))


@pytest.mark.django_db
def test_it_takes_one_use_each_time(alice: User) -> None:
    lease = grant(now=NOW, budget=2)
    assert [spend(alice) for _ in range(3)] == [True, True, False]
    lease.refresh_from_db()
    assert lease.used == 2


@pytest.mark.django_db
def test_it_costs_nothing_to_ask(alice: User) -> None:
    lease = grant(now=NOW, budget=1)
    for _ in range(3):
        assert isinstance(
            action_decision(actor=alice, action=PERSONA_MANAGE, resource=ALPHA, now=NOW), Allow
        )
    lease.refresh_from_db()
    assert lease.used == 0


@pytest.mark.django_db
def test_it_spares_budgets_while_another_lease_holds(alice: User) -> None:
    paid, free = grant(now=NOW, budget=1, ttl_secs=7200), grant(now=NOW)
    assert spend(alice)
    paid.refresh_from_db()
    free.refresh_from_db()
    assert (paid.used, free.used) == (0, 0)


@pytest.mark.django_db
def test_it_goes_on_to_the_next_lease_when_one_is_used_up(alice: User) -> None:
    grant(now=NOW, budget=1)
    grant(now=NOW, budget=2, ttl_secs=60)
    assert [spend(alice) for _ in range(4)] == [True, True, True, False]


@pytest.mark.django_db
def test_it_takes_nothing_for_a_refusal(alice: User, bob: User) -> None:
    elsewhere = grant(now=NOW, budget=5, scope="agent")
    somebodys = grant(now=NOW, budget=5, subject="bob")
    expired = grant(now=NOW - SECOND, budget=5, ttl_secs=1)
    assert not spend(alice)
    assert not Lease.objects.exclude(used=0).exists()
    assert spend(bob)
    for lease in (elsewhere, somebodys, expired):
        lease.refresh_from_db()
    assert (elsewhere.used, somebodys.used, expired.used) == (0, 1, 0)


@pytest.mark.django_db
def test_it_says_that_the_budget_is_used_up(alice: User) -> None:
    grant(now=NOW, budget=1)
    spend(alice)
    decision = action_decision(actor=alice, action=PERSONA_MANAGE, resource=ALPHA, now=NOW)
    assert decision == Deny("lease_exhausted", "persona:manage")


@pytest.mark.django_db(transaction=True)
def test_it_gives_the_use_back_when_the_change_fails(alice: User) -> None:
    lease = grant(now=NOW, budget=1)
    with transaction.atomic():
        assert action_spend(actor=alice, action=PERSONA_MANAGE, resource=ALPHA, now=NOW)
        transaction.set_rollback(True)
    lease.refresh_from_db()
    assert lease.used == 0


@pytest.mark.django_db(transaction=True)
def test_it_lets_exactly_as_many_pass_as_the_budget_holds(alice: User) -> None:
    """A hundred uses at once, each on a thread of its own, of a budget of forty."""
    lease = grant(now=NOW, budget=40)
    passed = at_once([lambda: spend(alice)] * 100)
    lease.refresh_from_db()
    assert (passed.count(True), passed.count(False), lease.used) == (40, 60, 40)
