"""Replaying logged decisions under another policy: which would flip? (contract §6). Pure.

What is replayed is a line of the decision log's export: the question, the leases as they stood,
the kill switch and the time. What the role alone refused is no question of policy, and a
decision that was counted stands for all of its hour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leases.capabilities import Action, Resource
from leases.decisions import Decision, LeaseFacts
from leases.policy.compiled import Policy
from leases.policy.judgement import judge
from leases.policy.question import Question, question_of


@dataclass(frozen=True, slots=True)
class Logged:
    """A logged decision that policy and leases took, ``count`` times."""

    id: int
    at: datetime
    question: Question
    leases: tuple[LeaseFacts, ...]
    halted: bool
    allowed: bool
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Flip:
    """A logged decision that two policies answer differently."""

    logged: Logged
    old: Decision
    new: Decision


@dataclass(frozen=True, slots=True)
class FlipGroup:
    """Flips that are alike, and how many decisions they stand for."""

    action: str
    actor: str
    persona_id: str
    now_allowed: bool
    old_reason: str
    new_reason: str
    count: int


def logged_decision(line: Mapping[str, Any]) -> Logged | None:
    """The decision of one line of the export; None for what the role alone decided.

    Raises ValueError where the line is none of the export's.
    """
    try:
        inputs = line["inputs"]
        if not inputs:
            return None
        action = Action(str(line["action"]), str(inputs["capability"]))
        resource = Resource(
            line["persona_id"] or "", line["owner_kind"] or "", line["owner_ref"] or ""
        )
        groups = tuple(str(name) for name in inputs["groups"])
        return Logged(
            id=int(line["id"]),
            at=_instant(line["at"]),
            question=question_of(str(line["actor"]), groups, action, resource),
            leases=tuple(_lease(one) for one in inputs["leases"]),
            halted=inputs["halted"] is True,
            allowed=line["allowed"] is True,
            reason=str(line["reason"]),
            count=int(line["count"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no line of a decision log: {error!r}") from None


def replay(logged: Logged, policy: Policy) -> Decision:
    """What ``policy`` would have said at that moment."""
    return judge(logged.question, policy, logged.leases, now=logged.at, halted=logged.halted)


def flips(log: Iterable[Logged], old: Policy, new: Policy) -> Iterator[Flip]:
    """The decisions that ``old`` allows and ``new`` refuses, or the other way round."""
    for logged in log:
        before, after = replay(logged, old), replay(logged, new)
        if bool(before) is not bool(after):
            yield Flip(logged, before, after)


def flip_groups(found: Iterable[Flip]) -> list[FlipGroup]:
    """Flips by action, actor and persona with their reasons, the most frequent first."""
    counts: Counter[tuple[str, str, str, bool, str, str]] = Counter()
    for flip in found:
        question = flip.logged.question
        key = (
            question.action.name,
            question.subject,
            question.resource.persona_id,
            bool(flip.new),
            flip.old.reason,
            flip.new.reason,
        )
        counts[key] += flip.logged.count
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [FlipGroup(*key, count) for key, count in ordered]


def _lease(facts: Mapping[str, Any]) -> LeaseFacts:
    remaining = facts["remaining"]
    return LeaseFacts(
        id=str(facts["id"]),
        subject=str(facts["subject"]),
        capability=str(facts["capability"]),
        scope=None if facts["scope"] is None else str(facts["scope"]),
        ttl_until=_instant(facts["ttl_until"]),
        remaining=None if remaining is None else int(remaining),
        revoked=facts["revoked"] is True,
    )


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"no line of a decision log: {text!r} has no offset")
    return moment
