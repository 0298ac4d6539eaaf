"""The second gate as a table: deny unless a lease says yes (contract §6)."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leases.capabilities import PERSONA_MANAGE, Resource
from leases.decisions import Allow, Deny, LeaseFacts, lease_decision
from tests.people import NOW, SECOND

ALPHA = Resource("persona.alpha", "workspace", "local")
HELD = LeaseFacts("held", "local", "persona:manage", None, NOW + SECOND, None, revoked=False)
MISSES = {
    "lease_exhausted": replace(HELD, id="exhausted", remaining=0),
    "lease_expired": replace(HELD, id="expired", ttl_until=NOW),
    "lease_revoked": replace(HELD, id="revoked", revoked=True),
    "lease_out_of_scope": replace(HELD, id="elsewhere", scope="workspace:other"),
    "lease_required": replace(HELD, id="other", capability="persona:manage:all"),
}
ORDER = list(MISSES)


def test_it_denies_when_nothing_is_held() -> None:
    decision = lease_decision(PERSONA_MANAGE.capability, ALPHA, [], now=NOW)
    assert decision == Deny("lease_required", "persona:manage")
    assert not decision


def test_it_allows_by_a_lease_that_holds() -> None:
    decision = lease_decision(PERSONA_MANAGE.capability, ALPHA, [HELD], now=NOW)
    assert decision == Allow("lease_satisfied", "held")
    assert decision


@pytest.mark.parametrize("size", range(1, len(MISSES) + 1))
def test_it_names_the_nearest_miss_of_every_combination(size: int) -> None:
    for reasons in combinations(ORDER, size):
        leases = [MISSES[reason] for reason in reversed(reasons)]
        denied = lease_decision(PERSONA_MANAGE.capability, ALPHA, leases, now=NOW)
        assert denied == Deny(reasons[0], "persona:manage")
        assert lease_decision(PERSONA_MANAGE.capability, ALPHA, [*leases, HELD], now=NOW) == Allow(
            "lease_satisfied", "held"
        )


@pytest.mark.parametrize(
    ("after", "allowed"),
    [(timedelta(microseconds=-1), True), (timedelta(0), False), (SECOND, False)],
)
def test_it_ends_at_the_exact_moment(after: timedelta, allowed: bool) -> None:
    assert (
        bool(lease_decision(PERSONA_MANAGE.capability, ALPHA, [HELD], now=HELD.ttl_until + after))
        is allowed
    )


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (None, True),
        ("workspace", True),
        ("workspace:local", True),
        ("persona:persona.alpha", True),
        ("project", False),
        ("workspace:loca", False),
        ("workspace:local2", False),
        ("persona:persona.alph", False),
        ("persona:persona.alpha2", False),
        ("persona:PERSONA.ALPHA", False),
        ("Workspace", False),
    ],
)
def test_it_compares_scopes_exactly(scope: str | None, covers: bool) -> None:
    assert (
        bool(
            lease_decision(PERSONA_MANAGE.capability, ALPHA, [replace(HELD, scope=scope)], now=NOW)
        )
        is covers
    )


@pytest.mark.parametrize("capability", ["persona:manage ", "Persona:manage", "persona", "*", ""])
def test_it_compares_capabilities_exactly(capability: str) -> None:
    assert not lease_decision(
        PERSONA_MANAGE.capability, ALPHA, [replace(HELD, capability=capability)], now=NOW
    )


def test_it_keeps_scopes_of_consent_apart() -> None:
    lease = replace(HELD, capability="telemetry:persona:workspace")
    assert lease_decision("telemetry:persona:workspace", ALPHA, [lease], now=NOW)
    assert not lease_decision("telemetry:persona:project", ALPHA, [lease], now=NOW)
    assert not lease_decision(PERSONA_MANAGE.capability, ALPHA, [lease], now=NOW)


def test_it_spends_a_budget_last_and_the_longest_lease_first() -> None:
    longer = replace(HELD, id="longer", ttl_until=NOW + 9 * SECOND)
    paid = replace(HELD, id="paid", remaining=5, ttl_until=NOW + 99 * SECOND)
    chosen = lease_decision(PERSONA_MANAGE.capability, ALPHA, [paid, HELD, longer], now=NOW)
    assert chosen == Allow("lease_satisfied", "longer")
    assert lease_decision(PERSONA_MANAGE.capability, ALPHA, [paid], now=NOW) == Allow(
        "lease_satisfied", "paid"
    )


leases = st.lists(
    st.builds(
        LeaseFacts,
        id=st.uuids().map(str),
        subject=st.just("local"),
        capability=st.sampled_from(["persona:manage", "other"]),
        scope=st.sampled_from([None, "workspace", "agent", "persona:persona.alpha"]),
        ttl_until=st.integers(-2, 2).map(lambda seconds: NOW + seconds * SECOND),
        remaining=st.sampled_from([None, 0, 1]),
        revoked=st.booleans(),
    ),
    max_size=6,
)


@given(leases, st.data())
def test_it_never_allows_more_when_a_lease_is_gone(
    held: list[LeaseFacts], data: st.DataObject
) -> None:
    fewer = [lease for lease in held if data.draw(st.booleans(), label=lease.id)]
    if not lease_decision(PERSONA_MANAGE.capability, ALPHA, held, now=NOW):
        assert not lease_decision(PERSONA_MANAGE.capability, ALPHA, fewer, now=NOW)


@given(leases, st.integers(1, 5))
def test_it_never_allows_more_later(held: list[LeaseFacts], seconds: int) -> None:
    if not lease_decision(PERSONA_MANAGE.capability, ALPHA, held, now=NOW):
        assert not lease_decision(
            PERSONA_MANAGE.capability, ALPHA, held, now=NOW + seconds * SECOND
        )
