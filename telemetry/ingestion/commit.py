"""Many requests, one transaction: judged and stored together, each answered for itself."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.backends.base.base import BaseDatabaseWrapper
from rest_framework.exceptions import AuthenticationFailed

from leases.decisions import Allow, Deny
from leases.instants import to_milliseconds
from leases.signals import send_after_commit
from personas.errors import PersonaNotFound
from telemetry.errors import (
    IdempotencyConflict,
    PersonaTelemetryForbidden,
    RateLimited,
    StoreUnavailable,
    TelemetryDisabled,
)
from telemetry.ingestion.clamp import clamp, give_back
from telemetry.ingestion.judging import Judge, Standing, is_exhausted
from telemetry.ingestion.personas import Subject, subjects
from telemetry.ingestion.quota import SampleQuota, sample_quota
from telemetry.ingestion.reading_ahead import read_ahead
from telemetry.ingestion.recall import Recall
from telemetry.ingestion.repeats import Repeats
from telemetry.ingestion.rows import write_samples
from telemetry.ingestion.session import Session
from telemetry.ingestion.submission import Outcome, Recorded, Submission
from telemetry.models import VibeSample
from telemetry.signals import feedback_recorded, samples_recorded

logger = logging.getLogger(__name__)

_RACES = 3
_LOST = (OperationalError, InterfaceError)
ROLE_NEEDED = "giving feedback needs the role of a member"


class _UsedUp(Exception):
    """Another process used up a budget or a quota between the reading and the writing."""


def commit_group(
    submissions: Sequence[Submission], now: datetime, recall: Recall | None = None
) -> list[Outcome]:
    """Judge and store the submissions in one transaction; their outcomes, in order.

    What was accepted is committed when this returns. A refusal of one harms no other, and where
    the database refuses the group, each is tried for itself. A database that does not answer is
    the outcome ``StoreUnavailable`` of all. ``recall`` is for a thread that does nothing else on
    its connection.
    """
    waits = clamp(submissions, now)
    outcomes = _stored(submissions, waits, now, recall)
    if outcomes is None:
        alone = [
            _stored([one], [wait], now, recall)
            for one, wait in zip(submissions, waits, strict=True)
        ]
        outcomes = [StoreUnavailable() if one is None else one[0] for one in alone]
    give_back(submissions, waits, outcomes, now)
    return outcomes


def _stored(
    submissions: Sequence[Submission],
    waits: Sequence[float | None],
    now: datetime,
    recall: Recall | None,
) -> list[Outcome] | None:
    """The outcomes, or None when the database refused something in it."""
    races = 0
    reconnected = connection.in_atomic_block  # no connection can be changed inside a transaction
    while True:
        group = Group(submissions, waits, now, recall)
        try:
            return group.run()
        except _UsedUp:
            races += 1
            if races == _RACES:
                return [StoreUnavailable() for _ in submissions]
        except _LOST as error:
            # A connection may have died while nobody used it, and a new one may live. What fails
            # at the commit itself is not tried again: nobody can tell whether it happened.
            if group.judged or reconnected:
                logger.error("ingestion_database_unavailable", exc_info=error)
                _close()
                return [StoreUnavailable() for _ in submissions]
            reconnected = True
            _close()
        except DatabaseError as error:
            logger.error("ingestion_group_refused", exc_info=error)
            return None


def _close() -> None:
    if not connection.in_atomic_block:
        connection.close()


class Group:
    """One attempt to judge and store a group; ``judged`` once only the commit is missing."""

    def __init__(
        self,
        submissions: Sequence[Submission],
        waits: Sequence[float | None],
        now: datetime,
        recall: Recall | None,
    ) -> None:
        self._submissions = submissions
        self._waits = waits
        self._now = now
        self._recall = recall
        self._recorded: list[Recorded] = []
        self._quota: SampleQuota | None = None
        self.judged = False

    def run(self) -> list[Outcome]:
        """The outcomes, committed."""
        database = connections[DEFAULT_DB_ALIAS]
        try:
            with transaction.atomic(), database.cursor() as cursor:
                return self.fill(database, cursor)
        except BaseException:
            if self._recall is not None:
                self._recall.clear()
            raise

    def fill(self, database: BaseDatabaseWrapper, cursor: Any) -> list[Outcome]:
        """The same in a transaction that has begun, and that the caller ends."""
        session = Session(database, cursor, self._now, self._recall)
        read_ahead(session, self._submissions)
        judge, repeats = Judge(session), Repeats(session)
        self._quota = sample_quota(session)
        outcomes = self._judge(session, judge, repeats)
        if self._recorded:
            self._write(session)
        repeats.write()
        if not judge.settle() or (self._quota is not None and not self._quota.settle()):
            raise _UsedUp
        try:
            session.finish()
        finally:
            self.judged = session.in_doubt
        return outcomes

    def _judge(self, session: Session, judge: Judge, repeats: Repeats) -> list[Outcome]:
        about = subjects(session, {one.persona_id for one in self._submissions})
        judge.read_standings(one.claim for one in self._submissions)
        judge.read_leases(one.consent.scope for one in about.values() if one.consent.enabled)
        standings = [judge.standing(one.claim) for one in self._submissions]
        repeats.read(
            (who.principal_id, one)
            for who, one in zip(standings, self._submissions, strict=True)
            if who is not None and one.repeat is not None
        )
        return [
            self._outcome(judge, repeats, who, about.get(one.persona_id), one, wait)
            for who, one, wait in zip(standings, self._submissions, self._waits, strict=True)
        ]

    def _outcome(
        self,
        judge: Judge,
        repeats: Repeats,
        who: Standing | None,
        about: Subject | None,
        one: Submission,
        wait: float | None,
    ) -> Outcome:
        """What becomes of one submission, in the order of contract §2."""
        if who is None:
            return AuthenticationFailed("Invalid token.")
        if about is None:
            return PersonaNotFound()
        if not who.permitted:
            return PersonaTelemetryForbidden(ROLE_NEEDED, code="role_required")
        if not about.consent.enabled:
            return TelemetryDisabled()
        judgement = judge.judgement(who, about.consent, about.resource)
        decision = judgement.decision
        # A repeat costs nothing, and passes under a lease whose budget is used up.
        is_repeat = is_exhausted(judgement) and repeats.is_known(who.principal_id, one)
        if isinstance(decision, Deny) and not is_repeat:
            return PersonaTelemetryForbidden(
                code=decision.reason, required_capability=decision.required_capability
            ).because(judgement)
        if wait is not None:
            return RateLimited(wait)
        try:
            answered = repeats.answered(who.principal_id, one)
            if answered is not None:
                return answered
            fresh = repeats.unseen(who.principal_id, one)
        except IdempotencyConflict as conflict:
            return conflict
        if fresh and isinstance(decision, Allow):
            if self._quota is not None:
                exceeded = self._quota.take(one.persona_id, len(fresh))
                if exceeded is not None:
                    return exceeded
            judge.spend(judgement)
            samples = one.samples
            if len(fresh) != len(samples):
                samples = tuple([samples[place] for place in fresh])
            self._recorded.append(Recorded(one.persona_id, who.principal_id, samples))
        repeats.remember(who.principal_id, one, fresh)
        return len(one.samples)

    def _write(self, session: Session) -> None:
        moment = to_milliseconds(self._now)
        write_samples(session, self._recorded, moment)
        persona_ids = {one.persona_id for one in self._recorded}
        samples_recorded.send(VibeSample, persona_ids=persona_ids, now=moment, session=session)
        send_after_commit(
            feedback_recorded, VibeSample, recorded=tuple(self._recorded), now=self._now
        )
