"""The statements by which a group's rights are read and its budgets spent.

Django's query builder would take longer to write each of them than the database to answer it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from leases.models import ApiToken, Control, Lease, User
from telemetry.ingestion.session import Question, Session


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
        f"WITH needed AS {right} SELECT {{value}}, {{expiry}}, u.id, u.is_superuser"
        f" OR EXISTS (SELECT 1 FROM {groups} ug JOIN auth_group_permissions gp"
        " ON gp.group_id = ug.group_id WHERE ug.user_id = u.id"
        " AND gp.permission_id IN (SELECT id FROM needed))"
        f" OR EXISTS (SELECT 1 FROM {own} up WHERE up.user_id = u.id"
        " AND up.permission_id IN (SELECT id FROM needed))"
    )


def standings(session: Session, right: str, kind: str, values: Sequence[str]) -> Question:
    """Who stands behind the claims of one kind: the claim, its expiry, the principal, the right."""
    prepared = [session.identity(one) for one in values] if kind == "principal" else values
    condition, among = session.among(_CLAIMED[kind], prepared)
    moments = [session.moment] if kind == "token" else []
    return _standings(kind, condition), [right, *among, *moments]


_CLAIMED = {"token": "t.digest", "principal": "u.id", "service": "u.username"}


@functools.lru_cache(maxsize=256)
def _standings(kind: str, condition: str) -> str:
    users, tokens = User._meta.db_table, ApiToken._meta.db_table
    head = _permitted()
    if kind == "token":
        return (
            head.format(value="t.digest", expiry="t.expiry")
            + f" FROM {tokens} t JOIN {users} u ON u.id = t.user_id WHERE u.is_active"
            f" AND {condition} AND (t.expiry IS NULL OR t.expiry > %s)"
        )
    return (
        head.format(value=_CLAIMED[kind], expiry="NULL")
        + f" FROM {users} u WHERE u.is_active AND {condition}"
    )


def leases(session: Session, subjects: Sequence[str]) -> Question:
    """The live leases of the subjects. What is over can allow nothing, and there may be many."""
    condition, among = session.among("subject", subjects)
    return _leases(condition), [*among, session.moment]


@functools.lru_cache(maxsize=256)
def _leases(condition: str) -> str:
    return (
        "SELECT id, subject, capability, scope, ttl_until, budget, used"
        f" FROM {Lease._meta.db_table} WHERE {condition} AND ttl_until > %s AND revoked_at IS NULL"
    )


def groups(session: Session, subjects: Sequence[str]) -> Question:
    """The names of the groups that principals are in."""
    condition, among = session.among("m.user_id", [session.identity(one) for one in subjects])
    return _groups(condition), among


@functools.lru_cache(maxsize=256)
def _groups(condition: str) -> str:
    member = User.groups.through._meta.db_table
    return (
        f"SELECT m.user_id, g.name FROM {member} m JOIN auth_group g ON g.id = m.group_id"
        f" WHERE {condition}"
    )


CONTROL = f"SELECT policy_id, halted_at FROM {Control._meta.db_table} WHERE id = %s"
BUDGETS_HELD = (
    f"SELECT id, used FROM {Lease._meta.db_table} WHERE id = ANY(%s) AND revoked_at IS NULL"
    " ORDER BY id FOR NO KEY UPDATE"
)
SPEND = (
    f"UPDATE {Lease._meta.db_table} SET used = used + %s WHERE id = %s"
    " AND (budget IS NULL OR budget >= used + %s) AND revoked_at IS NULL AND ttl_until > %s"
)
