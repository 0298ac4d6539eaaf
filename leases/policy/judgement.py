"""The judgement: question, policy, leases and time become a decision (contract §6). Pure.

The order: the kill switch stops telemetry; a Cedar ``forbid`` refuses; ``allow_all`` allows; a
Cedar ``permit`` allows; a lease allows; nothing else does. So taking away a lease, a permit or
``allow_all`` never turns a refusal into an Allow.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from leases.capabilities import Action
from leases.decisions import Allow, Decision, Deny, LeaseFacts, lease_decision, lease_miss
from leases.policy.compiled import Answer, Policy
from leases.policy.question import Question, is_telemetry

# Refusals that no lease can change: asking for one would be in vain.
BEYOND_LEASES = frozenset({"kill_switch", "policy_error", "policy_forbid"})


def needed_capability(action: Action, policy: Policy) -> str:
    """What a lease must lend: the first matching lease rule says it, else the action itself."""
    for rule in policy.document.lease_rules:
        if action.name.startswith(rule.kind_prefix):
            return rule.capability
    return action.capability


def capabilities_held(
    question: Question, leases: Iterable[LeaseFacts], *, now: datetime
) -> tuple[str, ...]:
    """The capabilities of the live leases that cover the resource, in order, each once."""
    return tuple(
        sorted(
            {
                lease.capability
                for lease in leases
                if lease_miss(lease, question.resource, now) is None
            }
        )
    )


def judge(
    question: Question,
    policy: Policy,
    leases: Iterable[LeaseFacts],
    *,
    now: datetime,
    halted: bool = False,
) -> Decision:
    """Allow or Deny, with the reason. ``leases`` are those of the subject and of ``local``."""
    return judge_with_answer(question, policy, leases, now=now, halted=halted)[0]


def judge_with_answer(
    question: Question,
    policy: Policy,
    leases: Iterable[LeaseFacts],
    *,
    now: datetime,
    halted: bool = False,
) -> tuple[Decision, Answer]:
    """As ``judge``, with what Cedar answered; that is empty where Cedar was not asked."""
    held = tuple(leases)
    needed = needed_capability(question.action, policy)
    if halted and is_telemetry(question.action):
        return Deny("kill_switch", needed), Answer()
    if policy.broken:
        return Deny("policy_error", needed), Answer()
    answer = policy.answer(question, capabilities_held(question, held, now=now))
    if answer.failed:
        return Deny("policy_error", needed), answer
    if answer.forbids:
        return Deny("policy_forbid", needed), answer
    if policy.document.allow_all:
        return Allow("allow_all"), answer
    if answer.permits:
        return Allow("policy_permit"), answer
    return lease_decision(needed, question.resource, held, now=now), answer
