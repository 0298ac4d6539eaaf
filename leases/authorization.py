"""The second gate: do policy and leases allow this action now? (contract §6).

Each decision reads the policy in force, the kill switch and the leases as they stand, in the
transaction of its caller. Nothing of it is kept for the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Q, prefetch_related_objects

from leases.capabilities import Action, Resource
from leases.decisions import Allow, Decision, Deny, LeaseFacts, lease_decision
from leases.halting import halt_waits
from leases.models import Lease, User
from leases.policy.compiled import Answer
from leases.policy.judgement import judge_with_answer, needed_capability
from leases.policy.question import Question, is_telemetry, question_of
from leases.services.decision_log import decision_record
from leases.services.policy_loading import control_now

# The nearest miss is wanted, not the whole past.
_PAST_LEASES_READ = 50


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision with all that it was taken from, so that it can be logged and replayed.

    ``leases`` are the live ones of the subject and of ``local``, and after a refusal the newest
    past ones of the capability that was needed. ``answer`` is what Cedar said.
    """

    decision: Decision
    question: Question
    policy_revision: str
    leases: tuple[LeaseFacts, ...]
    halted: bool
    answer: Answer = field(default_factory=Answer)


def question_for(actor: User, action: Action, resource: Resource) -> Question:
    """The question with the groups that ``actor`` is in.

    Groups are read once per ``actor`` object, which is to say once per request, as Django reads
    permissions: both gates see the same membership.
    """
    prefetch_related_objects([actor], "groups")
    groups = tuple(group.name for group in actor.groups.all())
    return question_of(str(actor.id), groups, action, resource)


def judged(*, actor: User, action: Action, resource: Resource, now: datetime) -> Judgement:
    """Judge ``action`` from what stands in the database; nothing is written or logged."""
    policy, halted = control_now()
    question = question_for(actor, action, resource)
    leases = leases_live(actor, now)
    decision, answer = judge_with_answer(question, policy, leases, now=now, halted=halted)
    if isinstance(decision, Deny) and decision.reason.startswith("lease_"):
        needed = decision.required_capability
        leases += _leases_past(actor, needed, now)
        decision = lease_decision(needed, resource, leases, now=now)
    return Judgement(decision, question, policy.revision, leases, halted, answer)


def action_decision(*, actor: User, action: Action, resource: Resource, now: datetime) -> Decision:
    """The decision of ``judged``; nothing is spent, written or logged."""
    return judged(actor=actor, action=action, resource=resource, now=now).decision


def action_decisions(
    *, actor: User, wanted: Sequence[tuple[Action, Resource]], now: datetime
) -> list[Decision]:
    """``action_decision`` for many at once: policy, switch and leases are read once for all.

    A refusal tells the reason that the live leases give; past ones are not looked at.
    """
    policy, halted = control_now()
    leases = leases_live(actor, now)
    return [
        judge_with_answer(
            question_for(actor, action, resource), policy, leases, now=now, halted=halted
        )[0]
        for action, resource in wanted
    ]


def action_spend(*, actor: User, action: Action, resource: Resource, now: datetime) -> Decision:
    """Judge ``action`` and take one use from the budget of the lease that allows it.

    Call it inside the transaction of the write that the lease pays for, so that a refusal costs
    nothing. The budget is taken by a conditional update: of any number of concurrent uses,
    exactly as many pass as the budget holds. What policy allows costs nothing. An Allow is in
    the decision log when that transaction commits.
    """
    return judged_spend(actor=actor, action=action, resource=resource, now=now).decision


def judged_spend(*, actor: User, action: Action, resource: Resource, now: datetime) -> Judgement:
    """As ``action_spend``, with what the decision was taken from."""
    if is_telemetry(action):
        halt_waits()
    while True:
        judgement = judged(actor=actor, action=action, resource=resource, now=now)
        decision = judgement.decision
        if not isinstance(decision, Allow) or decision.via is None or _spend(decision.via, now):
            if decision:
                decision_record(judgement, now=now)
            return judgement


def action_possible(*, actor: User, action: Action, now: datetime) -> bool:
    """Whether there could be a resource on which ``actor`` may do ``action``.

    For what is judged before the body says which resource it is. True may still be refused by
    ``action_decision``; False never would be allowed.
    """
    policy, halted = control_now()
    if halted and is_telemetry(action):
        return False
    if policy.may_permit(question_for(actor, action, Resource("", "", ""))):
        return True
    needed = needed_capability(action, policy)
    held = Lease.objects.active_at(now).for_subject(actor.id).filter(capability=needed)
    return not policy.broken and held.exists()


def leases_live(actor: User, now: datetime) -> tuple[LeaseFacts, ...]:
    """The leases that ``actor`` holds at ``now``, of any capability."""
    return _facts(Lease.objects.active_at(now).for_subject(actor.id))


def _leases_past(actor: User, capability: str, now: datetime) -> tuple[LeaseFacts, ...]:
    rows = Lease.objects.for_subject(actor.id).filter(
        ~Q(pk__in=Lease.objects.active_at(now).values("pk")), capability=capability
    )
    return _facts(rows.order_by("-ttl_until", "-id")[:_PAST_LEASES_READ])


def _facts(rows: Iterable[Lease]) -> tuple[LeaseFacts, ...]:
    return tuple(row.facts() for row in rows)


def _spend(lease_id: str, now: datetime) -> bool:
    live = Lease.objects.active_at(now).filter(pk=lease_id)
    if live.filter(budget__isnull=True).exists():
        return True
    return live.filter(Q(budget__gt=F("used"))).update(used=F("used") + 1) == 1
