"""Replay of logged decisions: pure, and never another answer under the same policy."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leases.capabilities import PERSONA_MANAGE, Action, Resource, telemetry_action
from leases.decisions import LeaseFacts
from leases.policy.compiled import Policy, policy_compile
from leases.policy.judgement import judge
from leases.policy.question import question_of
from leases.policy.replay import FlipGroup, Logged, flip_groups, flips, logged_decision, replay
from leases.policy.rules import CedarSources, LeaseRule, PolicyDocument

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
PERSONA = Resource("persona.alpha", "workspace", "local")
FORBID = 'forbid (principal in Group::"members", action, resource);'
POLICIES = [
    policy_compile(document)
    for document in (
        PolicyDocument(),
        PolicyDocument(allow_all=True),
        PolicyDocument(lease_rules=(LeaseRule("telemetry.", "persona:manage"),)),
        PolicyDocument(cedar=CedarSources(FORBID)),
        PolicyDocument(cedar=CedarSources("permit (principal, action, resource);" + FORBID)),
    )
]

leases = st.builds(
    LeaseFacts,
    id=st.sampled_from(["l1", "l2"]),
    subject=st.just("local"),
    capability=st.sampled_from(["persona:manage", "telemetry:persona:workspace"]),
    scope=st.sampled_from([None, "workspace", "persona:persona.alpha", "agent"]),
    ttl_until=st.integers(-1, 1).map(lambda step: NOW + timedelta(microseconds=step)),
    remaining=st.sampled_from([None, 0, 1]),
    revoked=st.booleans(),
)


def line_of(
    action: Action, groups: list[str], held: list[LeaseFacts], halted: bool, policy: Policy
) -> dict[str, object]:
    question = question_of("someone", tuple(groups), action, PERSONA)
    decision = judge(question, policy, held, now=NOW, halted=halted)
    facts = [
        {
            "id": one.id,
            "subject": one.subject,
            "capability": one.capability,
            "scope": one.scope,
            "ttl_until": one.ttl_until.isoformat(),
            "remaining": one.remaining,
            "revoked": one.revoked,
        }
        for one in held
    ]
    return {
        "id": 1,
        "at": NOW.isoformat(),
        "actor": "someone",
        "action": action.name,
        "persona_id": PERSONA.persona_id,
        "owner_kind": PERSONA.owner_kind,
        "owner_ref": PERSONA.owner_ref,
        "allowed": bool(decision),
        "reason": decision.reason,
        "count": 3,
        "inputs": {
            "groups": groups,
            "capability": action.capability,
            "needed": "",
            "halted": halted,
            "leases": facts,
        },
    }


def logged(line: dict[str, object]) -> Logged:
    found = logged_decision(line)
    assert found is not None
    return found


@given(
    st.sampled_from([PERSONA_MANAGE, telemetry_action("workspace")]),
    st.lists(st.sampled_from(["members", "admins"]), unique=True),
    st.lists(leases, max_size=3),
    st.booleans(),
    st.sampled_from(POLICIES),
)
def test_it_flips_nothing_under_the_same_policy(
    action: Action, groups: list[str], held: list[LeaseFacts], halted: bool, policy: Policy
) -> None:
    found = logged(line_of(action, groups, held, halted, policy))
    again = replay(found, policy)

    assert (bool(again), again.reason) == (found.allowed, found.reason)
    assert list(flips([found], policy, policy)) == []


def test_it_groups_what_flips() -> None:
    line = line_of(PERSONA_MANAGE, ["members"], [], False, POLICIES[0])
    log = [logged(line), logged(line), logged({**line, "persona_id": "persona.beta"})]

    assert flip_groups(flips(log, POLICIES[0], POLICIES[1])) == [
        FlipGroup(
            "persona.manage", "someone", "persona.alpha", True, "lease_required", "allow_all", 6
        ),
        FlipGroup(
            "persona.manage", "someone", "persona.beta", True, "lease_required", "allow_all", 3
        ),
    ]
    assert flip_groups(flips(log, POLICIES[0], POLICIES[3])) == []


def test_it_leaves_out_what_the_role_decided() -> None:
    line = line_of(PERSONA_MANAGE, [], [], False, POLICIES[0])

    assert logged_decision({**line, "inputs": {}}) is None


@pytest.mark.parametrize(
    "line",
    [{}, [], {"inputs": {"x": 1}}, {"inputs": {"capability": 1}, "action": 1}],
)
def test_it_refuses_what_is_no_line(line: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no line of a decision log"):
        logged_decision(line)
