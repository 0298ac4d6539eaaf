"""Feedback that was let through, counted in the decision log by the hour (contract §6)."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import Any

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
        rows = [self._row(newest[key], times[key]) for key in sorted(times)]
        session = self._session
        if session.is_postgresql:
            if rows:
                session.insert(_statement_of_rows(), _COLUMNS, rows)
            return
        recent = session.stamp(session.now - GRAIN)
        for row in rows:
            own = row[2 : 2 + len(_KEY)]
            session.execute(_again(), [row[1], *own, row[-1], recent])
            if session.rowcount == 0:
                session.execute(_statement(), row)

    def _row(self, judgement: Judgement, times: int) -> tuple[Any, ...]:
        session = self._session
        question, decision = judgement.question, judgement.decision
        resource = question.resource
        return (
            session.moment,
            times,
            session.stamp(session.now.replace(minute=0, second=0, microsecond=0)),
            session.identity(question.subject),
            question.action.name[:200],
            resource.persona_id[:128],
            True,
            decision.reason,
            judgement.policy_revision,
            _via(judgement),
            resource.owner_kind[:16],
            resource.owner_ref[:300],
            session.document(self._inputs(judgement).encode()),
        )

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
def _again() -> str:
    """The same from the same, not long after: nothing but the count moves."""
    key = " AND ".join(f"{name} = %s" for name in _KEY)
    return (
        f"UPDATE {DecisionEntry._meta.db_table} SET count = count + %s"
        f" WHERE {key} AND inputs = %s AND at > %s"
    )


_COLUMNS = ["at", "count", *_KEY, "owner_kind", "owner_ref", "inputs"]


@functools.cache
def _statement() -> str:
    table = DecisionEntry._meta.db_table
    newer = f"excluded.at >= {table}.at"
    return (
        f"INSERT INTO {table} ({', '.join(_COLUMNS)}, required_capability)"
        f" VALUES ({', '.join(['%s'] * len(_COLUMNS))}, '')"
        + _ON_CONFLICT.format(table=table, newer=newer)
    )


@functools.cache
def _statement_of_rows() -> str:
    """PostgreSQL: all rows with one statement."""
    table = DecisionEntry._meta.db_table
    kinds = "timestamptz int timestamptz uuid text text bool text text text text text jsonb".split()
    names = ", ".join(_COLUMNS)
    typed = ", ".join(map(" ".join, zip(_COLUMNS, kinds, strict=True)))
    # No column of an index moves with the same from the same, not long after.
    newer = (
        f"excluded.at >= {table}.at AND (excluded.inputs <> {table}.inputs"
        f" OR excluded.at > {table}.at + interval '{GRAIN.total_seconds()} seconds')"
    )
    return (
        f"INSERT INTO {table} ({names}, required_capability)"
        f" SELECT {names}, '' FROM json_to_recordset(%s) AS r({typed})"
        + _ON_CONFLICT.format(table=table, newer=newer)
    )


_ON_CONFLICT = (
    f" ON CONFLICT ({', '.join(_KEY)}) WHERE hour IS NOT NULL DO UPDATE SET"
    " count = {table}.count + excluded.count,"
    " inputs = CASE WHEN {newer} THEN excluded.inputs ELSE {table}.inputs END,"
    " at = CASE WHEN {newer} THEN excluded.at ELSE {table}.at END"
)
