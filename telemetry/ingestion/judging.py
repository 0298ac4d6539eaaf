"""All that ingestion takes from the floor below: tokens, roles, policy, leases, their budgets.

A ``Judge`` lives for one transaction. It reads the policy in force and each token, principal and
lease once, judges every request of the group from that in memory, counts budgets down exactly,
and writes at the end what was used and what was let through (contract §1, §6).
"""

from __future__ import annotations

import functools
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from leases.authorization import Judgement, judged
from leases.capabilities import Resource, telemetry_action
from leases.decisions import LOCAL_SUBJECT, Allow, Deny, LeaseFacts
from leases.halting import HALT_WAITS
from leases.models import User
from leases.models.control import THE_ROW
from leases.policy.compiled import EMPTY_POLICY, Policy
from leases.policy.judgement import judge_with_answer, needed_capability
from leases.policy.question import question_of
from leases.roles import Right
from leases.services.policy_loading import policy_of
from personas.documents.consent import Consent
from telemetry.ingestion import rights_sql
from telemetry.ingestion.claims import Claim
from telemetry.ingestion.let_through import LetThrough
from telemetry.ingestion.session import Question, Session, as_utc, as_uuid


@dataclass(frozen=True, slots=True)
class Standing:
    """A principal as the database has it now; whether its role carries the right asked for."""

    principal_id: uuid.UUID
    subject: str
    permitted: bool


class Judge:
    """Judges the requests of one transaction, at one instant.

    ``right`` is what a role must carry. Who only reads spends nothing, and holds no row for it.
    What the session recalls is not read again.
    """

    def __init__(
        self, session: Session, right: Right = Right.FEEDBACK, *, spends: bool = True
    ) -> None:
        self._session = session
        self._recall = session.recall
        self._right = right
        self._spends = spends
        self._now = session.now
        self._here: dict[str, Standing] = {}
        self._used: Counter[str] = Counter()
        self._let_through = LetThrough(session)
        if spends and session.is_postgresql:
            # A stop waits for what is judged before it, and is seen by what is judged after it.
            session.rows(HALT_WAITS, ())
        if self._recall.control is None:
            self._recall.control = self._control()
        self._policy, self._halted = self._recall.control

    # --- reading ----------------------------------------------------------------------------

    def read_standings(self, claims: Iterable[Claim]) -> None:
        """Look up tokens and principals; whoever is not found, or not live, has no standing."""
        asked = sorted(set(claims))
        unread = [claim for claim in asked if claim not in self._recall.standings]
        session = self._session
        for kind, (statement, parameters) in questions_of(session, self._right, unread):
            rows = session.rows(statement, parameters)
            for value, expiry, principal_id, permitted in rows:
                name = str(as_uuid(value)) if kind == "principal" else value
                standing = _standing(principal_id, bool(permitted))
                until = None if expiry is None else as_utc(expiry)
                self._recall.standings[Claim(kind, name)] = standing, until
        for claim in asked:
            known = self.standing(claim)
            if known is not None:
                self._here[known.subject] = known

    def _control(self) -> tuple[Policy, bool]:
        """The policy in force and whether telemetry is stopped, as this transaction sees them."""
        rows = self._session.rows(rights_sql.CONTROL, [THE_ROW])
        if not rows:
            return EMPTY_POLICY, False
        revision, halted_at = rows[0]
        return (EMPTY_POLICY if revision is None else policy_of(revision)), halted_at is not None

    def read_leases(self, scopes: Iterable[str]) -> None:
        """Look up groups and live leases of everybody who has a standing.

        ``scopes`` are the consent scopes that will be asked for. Leases of any capability are
        read, since a policy may ask what else is held; only those that can be spent are held.
        """
        recall = self._recall
        unread = [it for it in (LOCAL_SUBJECT, *sorted(self._here)) if it not in recall.leases]
        if not unread or not self._here:
            return
        needed = {needed_capability(_action(scope), self._policy) for scope in scopes}
        if needed:
            self._read_groups([it for it in unread if it != LOCAL_SUBJECT])
            self._read_leases(unread, needed)

    def _read_groups(self, subjects: list[str]) -> None:
        if not subjects:
            return
        groups: dict[str, list[str]] = {}
        found = self._session.rows(*rights_sql.groups(self._session, subjects))
        for principal_id, name in found:
            groups.setdefault(str(as_uuid(principal_id)), []).append(name)
        for subject in subjects:
            self._recall.groups[subject] = tuple(groups.get(subject, ()))

    def _read_leases(self, subjects: list[str], needed: set[str]) -> None:
        session = self._session
        rows = session.rows(*rights_sql.leases(session, subjects))
        limited = [row[0] for row in rows if row[5] is not None and row[2] in needed]
        if limited and self._spends and session.is_postgresql:
            # Held until the commit, so that nobody on another node counts on the same use.
            held = dict(session.rows(rights_sql.BUDGETS_HELD, [limited]))
            rows = [
                (*row[:6], held.get(row[0], row[6]))
                for row in rows
                if row[0] not in limited or row[0] in held
            ]
        leases = self._recall.leases
        leases.update((subject, []) for subject in subjects)
        for identity, subject, capability, scope, until, budget, used in rows:
            facts = LeaseFacts(
                id=str(as_uuid(identity)),
                subject=subject,
                capability=capability,
                scope=scope,
                ttl_until=as_utc(until),
                remaining=None if budget is None else budget - used,
                revoked=False,
            )
            leases[subject].append(facts)

    # --- judging ----------------------------------------------------------------------------

    def standing(self, claim: Claim) -> Standing | None:
        """The principal behind the claim, or None when it is not to be believed any more."""
        known = self._recall.standings.get(claim)
        if known is None or (known[1] is not None and known[1] <= self._now):
            return None
        return known[0]

    def judgement(self, who: Standing, consent: Consent, resource: Resource) -> Judgement:
        """What stands now, with what the requests before this one have used; spends nothing."""
        name = who.principal_id, resource.persona_id
        known = self._recall.judgements.get(name)
        if known is not None and (known[1] is None or known[1] > self._now):
            return known[0]
        judgement = self._judged(who, consent, resource)
        decision = judgement.decision
        if isinstance(decision, Deny) and decision.reason.startswith("lease_"):
            if is_exhausted(judgement):
                return judgement
            # Only live leases were read. Which of the others was the nearest miss is told too.
            actor = User.objects.get(pk=who.principal_id)
            action = _action(consent.scope)
            judgement = judged(actor=actor, action=action, resource=resource, now=self._now)
        if not self._counted(judgement):
            # Nothing is counted down: it stands until a lease ends.
            self._recall.judgements[name] = judgement, self._end_of(judgement)
        return judgement

    def allows(self, who: Standing, consent: Consent, resource: Resource) -> bool:
        """Whether policy and leases let a reader pass now; why not is for others to find out."""
        return bool(self._judged(who, consent, resource).decision)

    def _judged(self, who: Standing, consent: Consent, resource: Resource) -> Judgement:
        leases = self._recall.leases
        facts = tuple(
            lease
            if lease.remaining is None
            else replace(lease, remaining=lease.remaining - self._used[lease.id])
            for lease in (*leases.get(who.subject, ()), *leases.get(LOCAL_SUBJECT, ()))
            if lease.ttl_until > self._now
        )
        groups = self._recall.groups.get(who.subject, ())
        question = question_of(who.subject, groups, _action(consent.scope), resource)
        decision, answer = judge_with_answer(
            question, self._policy, facts, now=self._now, halted=self._halted
        )
        revision = self._policy.revision
        return Judgement(decision, question, revision, facts, self._halted, answer)

    def _counted(self, judgement: Judgement) -> bool:
        """Whether it may be another one once a use of a lease has been counted down."""
        if not isinstance(judgement.decision, Allow):
            return False
        limited = {one.id for one in judgement.leases if one.remaining is not None}
        # A policy may ask which leases are held, and one that is used up is not.
        return judgement.decision.via in limited or (
            self._policy.cedar is not None and bool(limited)
        )

    def _end_of(self, judgement: Judgement) -> datetime | None:
        """The next instant at which one of the leases that it was taken from ends."""
        ends = [one.ttl_until for one in judgement.leases if one.ttl_until > self._now]
        return min(ends, default=None)

    def spend(self, judgement: Judgement) -> None:
        """Count a request that was let through, and one use of the lease that allowed it."""
        decision = judgement.decision
        if isinstance(decision, Allow):
            self._let_through.count(judgement)
            for one in judgement.leases:
                if one.remaining is not None and one.id == decision.via:
                    self._used[one.id] += 1

    def settle(self) -> bool:
        """Write what was used; False when somebody else used it up meanwhile."""
        session = self._session
        for lease_id, times in sorted(self._used.items()):
            parameters = [times, session.identity(lease_id), times, session.moment]
            session.execute(rights_sql.SPEND, parameters)
            if session.rowcount != 1:
                return False
        self._let_through.write()
        if self._used:
            self._recall.clear()
        return True


def questions_of(
    session: Session, right: Right, claims: Iterable[Claim]
) -> Iterator[tuple[str, Question]]:
    """By kind of claim, what is asked to learn who stands behind them."""
    for kind, several in groupby(claims, key=attrgetter("kind")):
        values = [one.value for one in several]
        yield kind, rights_sql.standings(session, right.value, kind, values)


def is_exhausted(judgement: Judgement) -> bool:
    """Whether all that is missing is budget: a repeat may pass then, since it costs nothing."""
    return judgement.decision.reason == "lease_exhausted"


@functools.lru_cache(maxsize=4096)
def _standing(principal_id: Any, permitted: bool) -> Standing:
    identity = as_uuid(principal_id)
    return Standing(identity, str(identity), permitted)


_action = functools.lru_cache(maxsize=1024)(telemetry_action)
