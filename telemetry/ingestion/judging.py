"""All that ingestion takes from the floor below: tokens, roles, policy, leases, their budgets.

A ``Judge`` lives for one transaction. It reads the policy in force and each token, principal and
lease once, judges every request of the group from that in memory, counts budgets down exactly,
and writes at the end what was used and what was let through (contract §1, §6).
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.conf import settings
from knox.settings import knox_settings

from leases.authorization import Judgement, judged
from leases.capabilities import Resource, telemetry_action
from leases.decisions import LOCAL_SUBJECT, Allow, Deny, LeaseFacts
from leases.halting import halt_waits
from leases.models import ApiToken, Control, Lease, User
from leases.models.control import THE_ROW
from leases.models.principal import SERVICE_PRINCIPAL
from leases.policy.compiled import EMPTY_POLICY, Policy
from leases.policy.judgement import judge_with_answer, needed_capability
from leases.policy.question import question_of
from leases.roles import Right
from leases.services.policy_loading import policy_of
from personas.documents.consent import Consent
from telemetry.ingestion.let_through import LetThrough
from telemetry.ingestion.session import Session, as_utc, as_uuid


class Claim(NamedTuple):
    """Who a request says it comes from, as can be judged again at any time.

    ``kind`` is ``token`` (``value`` the digest under which it is stored), ``service``
    (``ARW_ADMIN_TOKEN``), or ``principal`` (an id that the caller has authenticated).
    """

    kind: str
    value: str


_digest = knox_settings.SECURE_HASH_ALGORITHM
SERVICE = Claim("service", SERVICE_PRINCIPAL)


def token_claim(token: str) -> Claim:
    """The claim of a bearer token, not judged yet."""
    expected = settings.ARW_ADMIN_TOKEN_SHA256
    if expected:
        given = hashlib.sha256(token.encode()).hexdigest()
        if hmac.compare_digest(given, expected):
            return SERVICE
    return Claim("token", _digest(token.encode()).hexdigest())


def principal_claim(user: User, token: ApiToken | None = None) -> Claim:
    """The claim of a principal that was authenticated before, by a token or otherwise."""
    return Claim("principal", str(user.pk)) if token is None else Claim("token", token.pk)


@dataclass(frozen=True, slots=True)
class Standing:
    """A principal as the database has it now; whether its role carries the right asked for."""

    principal_id: uuid.UUID
    subject: str
    permitted: bool


class Judge:
    """Judges the requests of one transaction, at one instant.

    ``right`` is what a role must carry. Who only reads spends nothing, and holds no row for it.
    """

    def __init__(
        self, session: Session, right: Right = Right.FEEDBACK, *, spends: bool = True
    ) -> None:
        self._session = session
        self._right = right
        self._spends = spends
        self._now = session.now
        self._standings: dict[Claim, Standing] = {}
        self._groups: dict[str, tuple[str, ...]] = {}
        self._leases: dict[str, list[LeaseFacts]] = {}
        self._free: dict[tuple[uuid.UUID, str], Judgement] = {}
        self._used: Counter[str] = Counter()
        self._let_through = LetThrough(session)
        if spends:
            # A stop waits for what is judged before it, and is seen by what is judged after it.
            halt_waits()
        self._policy, self._halted = self._control()

    # --- reading ----------------------------------------------------------------------------

    def read_standings(self, claims: Iterable[Claim]) -> None:
        """Look up tokens and principals; whoever is not found, or not live, has no standing."""
        wanted: dict[str, list[str]] = {}
        for claim in set(claims):
            wanted.setdefault(claim.kind, []).append(claim.value)
        session = self._session
        for kind, values in wanted.items():
            prepared = [session.identity(it) for it in values] if kind == "principal" else values
            moments = [session.moment] if kind == "token" else []
            parameters = [self._right.value, *prepared, *moments]
            rows = session.rows(_standings(kind, len(values)), parameters)
            for value, principal_id, permitted in rows:
                name = str(as_uuid(value)) if kind == "principal" else value
                self._standings[Claim(kind, name)] = _standing(principal_id, bool(permitted))

    def _control(self) -> tuple[Policy, bool]:
        """The policy in force and whether telemetry is stopped, as this transaction sees them."""
        rows = self._session.rows(_CONTROL, [THE_ROW])
        if not rows:
            return EMPTY_POLICY, False
        revision, halted_at = rows[0]
        return (EMPTY_POLICY if revision is None else policy_of(revision)), halted_at is not None

    def read_leases(self, scopes: Iterable[str]) -> None:
        """Look up groups and live leases of everybody who has a standing.

        ``scopes`` are the consent scopes that will be asked for. Leases of any capability are
        read, since a policy may ask what else is held; only those that can be spent are held.
        """
        session = self._session
        standings = {one.subject: one for one in self._standings.values()}
        needed = {needed_capability(_action(scope), self._policy) for scope in scopes}
        if not needed or not standings:
            return
        members = [session.identity(one.principal_id) for one in standings.values()]
        groups: dict[str, list[str]] = {}
        for principal_id, name in session.rows(_groups(len(members)), members):
            groups.setdefault(str(as_uuid(principal_id)), []).append(name)
        self._groups = {subject: tuple(names) for subject, names in groups.items()}
        subjects = [LOCAL_SUBJECT, *standings]
        rows = session.rows(_leases(len(subjects)), [*subjects, session.moment])
        limited = [row[0] for row in rows if row[5] is not None and row[2] in needed]
        if limited and self._spends and session.is_postgresql:
            # Held until the commit, so that nobody on another node counts on the same use.
            held = dict(session.rows(_BUDGETS_HELD, [limited]))
            rows = [
                (*row[:6], held.get(row[0], row[6]))
                for row in rows
                if row[0] not in limited or row[0] in held
            ]
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
            self._leases.setdefault(subject, []).append(facts)

    # --- judging ----------------------------------------------------------------------------

    def standing(self, claim: Claim) -> Standing | None:
        """The principal behind the claim, or None when it is not to be believed any more."""
        return self._standings.get(claim)

    def judgement(self, who: Standing, consent: Consent, resource: Resource) -> Judgement:
        """What stands now, with what the requests before this one have used; spends nothing."""
        known = self._free.get((who.principal_id, resource.persona_id))
        if known is not None:
            return known
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
            # Nothing is counted down: it stands for the rest of the group.
            self._free[who.principal_id, resource.persona_id] = judgement
        return judgement

    def allows(self, who: Standing, consent: Consent, resource: Resource) -> bool:
        """Whether policy and leases let a reader pass now; why not is for others to find out."""
        return bool(self._judged(who, consent, resource).decision)

    def _judged(self, who: Standing, consent: Consent, resource: Resource) -> Judgement:
        facts = tuple(
            lease
            if lease.remaining is None
            else replace(lease, remaining=lease.remaining - self._used[lease.id])
            for lease in (
                *self._leases.get(who.subject, ()),
                *self._leases.get(LOCAL_SUBJECT, ()),
            )
        )
        groups = self._groups.get(who.subject, ())
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

    def spend(self, judgement: Judgement) -> None:
        """Count a request that was let through, and one use of the lease that allowed it."""
        decision = judgement.decision
        if isinstance(decision, Allow):
            self._let_through.count(judgement)
            by = next((one for one in judgement.leases if one.id == decision.via), None)
            if by is not None and by.remaining is not None:
                self._used[by.id] += 1

    def settle(self) -> bool:
        """Write what was used; False when somebody else used it up meanwhile."""
        session = self._session
        for lease_id, times in sorted(self._used.items()):
            parameters = [times, session.identity(lease_id), times, session.moment]
            session.execute(_SPEND, parameters)
            if session.cursor.rowcount != 1:
                return False
        self._let_through.write()
        return True


def is_exhausted(judgement: Judgement) -> bool:
    """Whether all that is missing is budget: a repeat may pass then, since it costs nothing."""
    return judgement.decision.reason == "lease_exhausted"


def _marks(count: int) -> str:
    return ", ".join(["%s"] * count)


@functools.lru_cache(maxsize=4096)
def _standing(principal_id: Any, permitted: bool) -> Standing:
    identity = as_uuid(principal_id)
    return Standing(identity, str(identity), permitted)


_action = functools.lru_cache(maxsize=1024)(telemetry_action)


@functools.cache
def _permitted() -> str:
    """A condition on the user ``u``: its role carries the right that the parameter names."""
    groups = User.groups.through._meta.db_table
    own = User.user_permissions.through._meta.db_table
    right = (
        "(SELECT p.id FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id"
        " WHERE c.app_label = 'leases' AND p.codename = %s)"
    )
    return (
        f"WITH needed AS {right} SELECT {{value}}, u.id, u.is_superuser"
        f" OR EXISTS (SELECT 1 FROM {groups} ug JOIN auth_group_permissions gp"
        " ON gp.group_id = ug.group_id WHERE ug.user_id = u.id"
        " AND gp.permission_id IN (SELECT id FROM needed))"
        f" OR EXISTS (SELECT 1 FROM {own} up WHERE up.user_id = u.id"
        " AND up.permission_id IN (SELECT id FROM needed))"
    )


@functools.lru_cache(maxsize=256)
def _standings(kind: str, count: int) -> str:
    users, tokens = User._meta.db_table, ApiToken._meta.db_table
    head, marks = _permitted(), _marks(count)
    if kind == "token":
        return (
            head.format(value="t.digest") + f" FROM {tokens} t JOIN {users} u ON u.id = t.user_id"
            f" WHERE u.is_active AND t.digest IN ({marks})"
            " AND (t.expiry IS NULL OR t.expiry > %s)"
        )
    column = "u.id" if kind == "principal" else "u.username"
    return (
        head.format(value=column) + f" FROM {users} u WHERE u.is_active AND {column} IN ({marks})"
    )


@functools.lru_cache(maxsize=256)
def _leases(subjects: int) -> str:
    # Leases that are over can allow nothing, and there may be many of them.
    return (
        "SELECT id, subject, capability, scope, ttl_until, budget, used"
        f" FROM {Lease._meta.db_table} WHERE subject IN ({_marks(subjects)})"
        " AND ttl_until > %s AND revoked_at IS NULL"
    )


@functools.lru_cache(maxsize=256)
def _groups(users: int) -> str:
    member = User.groups.through._meta.db_table
    return (
        f"SELECT m.user_id, g.name FROM {member} m JOIN auth_group g ON g.id = m.group_id"
        f" WHERE m.user_id IN ({_marks(users)})"
    )


_CONTROL = f"SELECT policy_id, halted_at FROM {Control._meta.db_table} WHERE id = %s"
_BUDGETS_HELD = (
    f"SELECT id, used FROM {Lease._meta.db_table} WHERE id = ANY(%s) AND revoked_at IS NULL"
    " ORDER BY id FOR NO KEY UPDATE"
)
_SPEND = (
    f"UPDATE {Lease._meta.db_table} SET used = used + %s WHERE id = %s"
    " AND (budget IS NULL OR budget >= used + %s) AND revoked_at IS NULL AND ttl_until > %s"
)
