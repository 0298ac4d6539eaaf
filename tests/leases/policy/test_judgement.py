"""The judgement as a table: kill switch, forbid, allow_all, permit, lease, else no (contract §6)."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leases.capabilities import PERSONA_MANAGE, SHARE_PERSONA, Action, telemetry_action
from leases.decisions import Allow, Decision, Deny, LeaseFacts
from leases.policy.compiled import EMPTY_POLICY, Policy
from leases.policy.judgement import judge, needed_capability
from leases.policy.rules import PolicyDocument
from tests.leases.policy.rules import (
    FORBID,
    FORBID_ERROR,
    HELD,
    LEASES,
    PERMIT,
    PERMIT_ERROR,
    ask,
    policy_of,
)
from tests.people import NOW

RULES = [None, {"persona.": "records:change"}, {"telemetry.": "records:change"}]
CEDAR: dict[str, tuple[str, ...]] = {
    "none": (),
    "permit": (PERMIT,),
    "forbid": (FORBID,),
    "permit and forbid": (PERMIT, FORBID),
    "permit that errors": (PERMIT_ERROR,),
    "forbid that errors": (FORBID_ERROR,),
    "permit and forbid that errors": (PERMIT, FORBID_ERROR),
    "permit that errors and permit": (PERMIT_ERROR, PERMIT),
}


def expected(allow_all: bool, rule: dict[str, str] | None, cedar: str, lease: str) -> Decision:
    """The contract's order, written down a second time."""
    matches = bool(rule and "persona." in rule)
    needed = "records:change" if matches else "persona:manage"
    if "forbid" in cedar:
        return Deny("policy_forbid", needed)
    if allow_all:
        return Allow("allow_all")
    if cedar in ("permit", "permit that errors and permit"):
        return Allow("policy_permit")
    if lease == "lease_satisfied" and not matches:
        return Allow("lease_satisfied", "held")
    return Deny("lease_required" if matches else lease, needed)


@pytest.mark.parametrize("cedar", CEDAR)
@pytest.mark.parametrize("lease", LEASES)
def test_it_decides_every_combination_as_the_contract_says(cedar: str, lease: str) -> None:
    facts = LEASES[lease]
    held = [] if facts is None else [facts]
    for allow_all, rule in product((False, True), RULES):
        if allow_all and CEDAR[cedar]:
            continue  # a contradiction, refused when the file is read
        policy = policy_of(*CEDAR[cedar], allow_all=allow_all, rules=rule)
        decision = judge(ask(), policy, held, now=NOW)
        assert decision == expected(allow_all, rule, cedar, lease), (allow_all, rule)


def test_it_denies_without_any_policy_or_lease() -> None:
    assert judge(ask(), EMPTY_POLICY, [], now=NOW) == Deny("lease_required", "persona:manage")
    assert judge(ask(), EMPTY_POLICY, [HELD], now=NOW) == Allow("lease_satisfied", "held")


def test_it_takes_the_first_rule_that_matches_and_grants_nothing_by_it() -> None:
    policy = policy_of(rules={"persona.manage": "first", "persona.": "second", "": "any"})
    lent = replace(HELD, capability="second")
    assert needed_capability(PERSONA_MANAGE, policy) == "first"
    assert needed_capability(Action("persona.read", "x"), policy) == "second"
    assert needed_capability(SHARE_PERSONA, policy) == "any"
    assert judge(ask(), policy, [lent, HELD], now=NOW) == Deny("lease_required", "first")
    assert judge(ask(), policy, [replace(HELD, capability="first")], now=NOW)


@pytest.mark.parametrize("cedar", [(), (PERMIT,), (FORBID,)])
def test_it_stops_telemetry_and_nothing_else_while_halted(cedar: tuple[str, ...]) -> None:
    policy = policy_of(*cedar)
    telemetry = telemetry_action("workspace")
    held = [HELD, replace(HELD, capability=telemetry.capability)]
    stopped = judge(ask(telemetry), policy, held, now=NOW, halted=True)
    assert stopped == Deny("kill_switch", "telemetry:persona:workspace")
    running = judge(ask(), policy, held, now=NOW, halted=True)
    assert running == judge(ask(), policy, held, now=NOW)


def test_it_stops_telemetry_even_where_everything_is_allowed() -> None:
    policy = policy_of(allow_all=True)
    asked = ask(telemetry_action("workspace"))
    assert judge(asked, policy, [], now=NOW) == Allow("allow_all")
    assert judge(asked, policy, [], now=NOW, halted=True).reason == "kill_switch"


def test_it_denies_everything_while_the_policy_cannot_be_used() -> None:
    broken = Policy("0" * 64, PolicyDocument(allow_all=True), broken=True)
    assert judge(ask(), broken, [HELD], now=NOW) == Deny("policy_error", "persona:manage")


@pytest.mark.parametrize(
    ("before_end", "allowed"),
    [
        (timedelta(seconds=1), True),
        (timedelta(microseconds=1), True),
        (timedelta(0), False),
        (timedelta(microseconds=-1), False),
    ],
)
@pytest.mark.parametrize("policy", [EMPTY_POLICY, policy_of(PERMIT_ERROR)], ids=["none", "cedar"])
def test_it_ends_a_lease_at_its_exact_second(
    policy: Policy, before_end: timedelta, allowed: bool
) -> None:
    decision = judge(ask(), policy, [HELD], now=HELD.ttl_until - before_end)
    assert bool(decision) is allowed
    if not allowed:
        assert decision == Deny("lease_expired", "persona:manage")


def test_it_tells_cedar_of_a_lease_until_its_exact_second() -> None:
    policy = policy_of(
        "permit(principal, action, resource)"
        ' when { context.capabilities.contains("share:persona") };'
    )
    lent = replace(HELD, capability="share:persona")
    moment = timedelta(microseconds=1)
    assert judge(ask(), policy, [lent], now=lent.ttl_until - moment) == Allow("policy_permit")
    assert not judge(ask(), policy, [lent], now=lent.ttl_until)
    assert not judge(ask(), policy, [replace(lent, scope="agent")], now=NOW)
    assert not judge(ask(), policy, [replace(lent, revoked=True)], now=NOW)


POLICIES = st.lists(
    st.sampled_from(
        [
            PERMIT,
            FORBID,
            PERMIT_ERROR,
            FORBID_ERROR,
            'permit(principal, action == Action::"persona.manage", resource);',
            'permit(principal, action in Action::"telemetry", resource);',
            'forbid(principal in Group::"approvers", action, resource);',
        ]
    ),
    max_size=4,
)
HOLDINGS = st.lists(
    st.builds(
        LeaseFacts,
        id=st.sampled_from(["a", "b", "c"]),
        subject=st.just("local"),
        capability=st.sampled_from(["persona:manage", "telemetry:persona:workspace", "other"]),
        scope=st.sampled_from([None, "workspace", "agent", "persona:persona.alpha"]),
        ttl_until=st.sampled_from([NOW - timedelta(1), NOW, NOW + timedelta(1)]),
        remaining=st.sampled_from([None, 0, 1]),
        revoked=st.booleans(),
    ),
    max_size=4,
)


@given(
    policies=POLICIES,
    allow_all=st.booleans(),
    leases=HOLDINGS,
    action=st.sampled_from([PERSONA_MANAGE, telemetry_action("workspace")]),
    groups=st.sampled_from([(), ("members",), ("approvers", "members")]),
    rule=st.sampled_from(RULES),
    halted=st.booleans(),
)
def test_it_never_allows_more_for_having_less(
    policies: list[str],
    allow_all: bool,
    leases: list[LeaseFacts],
    action: Action,
    groups: tuple[str, ...],
    rule: dict[str, str] | None,
    halted: bool,
) -> None:
    allow_all = allow_all and not policies

    def decide(policies: list[str], leases: list[LeaseFacts], *, allow_all: bool) -> Decision:
        policy = policy_of(*policies, allow_all=allow_all, rules=rule)
        return judge(ask(action, groups=groups), policy, leases, now=NOW, halted=halted)

    if decide(policies, leases, allow_all=allow_all):
        return
    for at in range(len(leases)):
        assert not decide(policies, leases[:at] + leases[at + 1 :], allow_all=allow_all)
    for at, policy in enumerate(policies):
        if "permit" in policy:
            assert not decide(policies[:at] + policies[at + 1 :], leases, allow_all=allow_all)
    assert not decide(policies, leases, allow_all=False)
