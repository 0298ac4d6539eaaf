"""Feedback that was let through, counted in the decision log by the hour (contract §6)."""

from __future__ import annotations

import functools
from datetime import timedelta

import msgspec

from leases.authorization import Judgement
from leases.decisions import Allow
from leases.models import DecisionEntry
from leases.services.decision_log import decision_inputs
from telemetry.ingestion.session import Session

_KEY = "hour actor_id action persona_id allowed reason policy_revision lease_id".split()
# The time of a row's newest request is exact to this. It stands in three indexes: to move it with
# each commit would cost as much as all the rest of the row.
GRAIN = timedelta(seconds=1)


class LetThrough:
    """The Allows of one transaction, written at its end: one row for each kind of them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._times: dict[int, int] = {}
        self._judgements: dict[int, Judgement] = {}

    def count(self, judgement: Judgement) -> None:
        """Count one request that ``judgement`` let through."""
        which = id(judgement)  # held below, so that it stays the only one of that name
        self._judgements[which] = judgement
        self._times[which] = self._times.get(which, 0) + 1

    def write(self) -> None:
        """Add the counts to the rows of the hour, or begin them; whoever else counts there."""
        times: dict[tuple[str, str, str], int] = {}
        newest: dict[tuple[str, str, str], Judgement] = {}
        for which, judgement in self._judgements.items():
            # Within a transaction the policy is one, and an Allow by the same lease is the same.
            key = (*_whose(judgement), _via(judgement) or judgement.decision.reason)
            times[key] = times.get(key, 0) + self._times[which]
            newest[key] = judgement
        # In one order everywhere, so that two nodes never wait for each other crosswise.
        for key in sorted(times):
            self._write(newest[key], times[key])

    def _write(self, judgement: Judgement, times: int) -> None:
        session = self._session
        question, decision = judgement.question, judgement.decision
        hour = session.stamp(session.now.replace(minute=0, second=0, microsecond=0))
        inputs = self._inputs(judgement)
        key = [
            hour,
            session.identity(question.subject),
            question.action.name[:200],
            question.resource.persona_id[:128],
            True,
            decision.reason,
            judgement.policy_revision,
            _via(judgement),
        ]
        recent = session.stamp(session.now - GRAIN)
        session.execute(_again(session.is_postgresql), [times, *key, inputs, recent])
        if session.cursor.rowcount == 0:
            resource = question.resource
            more = [resource.owner_kind[:16], resource.owner_ref[:300]]
            row = [session.moment, times, *key, *more, inputs]
            session.execute(_statement(session.is_postgresql), row)

    def _inputs(self, judgement: Judgement) -> str:
        """What a replay needs; most requests of an hour are judged from the same."""
        known = self._session.recall.inputs.get(id(judgement))
        if known is None:
            text = msgspec.json.encode(decision_inputs(judgement)).decode()
            known = self._session.recall.inputs[id(judgement)] = judgement, text
        return known[1]


def _whose(judgement: Judgement) -> tuple[str, str]:
    return judgement.question.subject, judgement.question.resource.persona_id


def _via(judgement: Judgement) -> str:
    decision = judgement.decision
    return (decision.via or "") if isinstance(decision, Allow) else ""


@functools.cache
def _again(is_postgresql: bool) -> str:
    """The same from the same, not long after: nothing but the count moves."""
    inputs = "%s::jsonb" if is_postgresql else "%s"
    key = " AND ".join(f"{name} = %s" for name in _KEY)
    return (
        f"UPDATE {DecisionEntry._meta.db_table} SET count = count + %s"
        f" WHERE {key} AND inputs = {inputs} AND at > %s"
    )


@functools.cache
def _statement(is_postgresql: bool) -> str:
    table = DecisionEntry._meta.db_table
    inputs = "%s::jsonb" if is_postgresql else "%s"
    newer = f"excluded.at >= {table}.at"
    return (
        f"INSERT INTO {table} (at, count, {', '.join(_KEY)}, owner_kind, owner_ref, inputs,"
        f" required_capability) VALUES ({', '.join(['%s'] * 12)}, {inputs}, '')"
        f" ON CONFLICT ({', '.join(_KEY)}) WHERE hour IS NOT NULL DO UPDATE SET"
        f" count = {table}.count + excluded.count,"
        f" inputs = CASE WHEN {newer} THEN excluded.inputs ELSE {table}.inputs END,"
        f" at = CASE WHEN {newer} THEN excluded.at ELSE {table}.at END"
    )
