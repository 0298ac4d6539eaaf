"""Feedback that was let through, counted in the decision log by the hour (contract §6)."""

from __future__ import annotations

import functools
from collections import Counter
from typing import Any

import msgspec

from leases.authorization import Judgement
from leases.decisions import Allow
from leases.models import DecisionEntry
from leases.services.decision_log import decision_inputs
from telemetry.ingestion.session import Session

_KEY = "hour, actor_id, action, persona_id, allowed, reason, policy_revision, lease_id"


class LetThrough:
    """The Allows of one transaction, written at its end: one row for each kind of them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._times: Counter[tuple[str, str, str]] = Counter()
        self._newest: dict[tuple[str, str, str], Judgement] = {}

    def count(self, judgement: Judgement) -> None:
        """Count one request that ``judgement`` let through."""
        question, decision = judgement.question, judgement.decision
        via = decision.via if isinstance(decision, Allow) else None
        # Within a transaction the policy is one, and an Allow by the same lease is the same.
        key = (question.subject, question.resource.persona_id, via or decision.reason)
        self._times[key] += 1
        self._newest[key] = judgement

    def write(self) -> None:
        """Add the counts to the rows of the hour, or begin them; whoever else counts there."""
        statement = _statement(self._session.is_postgresql)
        # In one order everywhere, so that two nodes never wait for each other crosswise.
        for key in sorted(self._times):
            row = self._row(self._newest[key], self._times[key])
            self._session.execute(statement, row)

    def _row(self, judgement: Judgement, times: int) -> list[Any]:
        question, decision, session = judgement.question, judgement.decision, self._session
        resource = question.resource
        hour = session.now.replace(minute=0, second=0, microsecond=0)
        return [
            session.moment,
            session.stamp(hour),
            times,
            session.identity(question.subject),
            question.action.name[:200],
            resource.persona_id[:128],
            resource.owner_kind[:16],
            resource.owner_ref[:300],
            True,
            decision.reason,
            judgement.policy_revision,
            (decision.via or "") if isinstance(decision, Allow) else "",
            _inputs(judgement),
        ]


@functools.lru_cache(maxsize=1024)
def _inputs(judgement: Judgement) -> str:
    """What a replay needs; most requests of an hour are judged from the same."""
    return msgspec.json.encode(decision_inputs(judgement)).decode()


@functools.cache
def _statement(is_postgresql: bool) -> str:
    table = DecisionEntry._meta.db_table
    inputs = "%s::jsonb" if is_postgresql else "%s"
    newer = f"excluded.at >= {table}.at"
    return (
        f"INSERT INTO {table} (at, hour, count, actor_id, action, persona_id, owner_kind,"
        " owner_ref, allowed, reason, policy_revision, lease_id, inputs, required_capability)"
        f" VALUES ({', '.join(['%s'] * 12)}, {inputs}, '')"
        f" ON CONFLICT ({_KEY}) WHERE hour IS NOT NULL DO UPDATE SET"
        f" count = {table}.count + excluded.count,"
        f" inputs = CASE WHEN {newer} THEN excluded.inputs ELSE {table}.inputs END,"
        f" at = CASE WHEN {newer} THEN excluded.at ELSE {table}.at END"
    )
