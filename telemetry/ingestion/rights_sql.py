"""The statements by which a group's rights are read and its budgets spent.

Django's query builder would take longer to write each of them than the database to answer it.
"""

from __future__ import annotations

import functools

from leases.models import ApiToken, Control, Lease, User


def _marks(count: int) -> str:
    return ", ".join(["%s"] * count)


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


@functools.lru_cache(maxsize=256)
def standings(kind: str, count: int) -> str:
    users, tokens = User._meta.db_table, ApiToken._meta.db_table
    head, marks = _permitted(), _marks(count)
    if kind == "token":
        return (
            head.format(value="t.digest", expiry="t.expiry")
            + f" FROM {tokens} t JOIN {users} u ON u.id = t.user_id WHERE u.is_active"
            f" AND t.digest IN ({marks}) AND (t.expiry IS NULL OR t.expiry > %s)"
        )
    column = "u.id" if kind == "principal" else "u.username"
    return (
        head.format(value=column, expiry="NULL")
        + f" FROM {users} u WHERE u.is_active AND {column} IN ({marks})"
    )


@functools.lru_cache(maxsize=256)
def leases(subjects: int) -> str:
    # Leases that are over can allow nothing, and there may be many of them.
    return (
        "SELECT id, subject, capability, scope, ttl_until, budget, used"
        f" FROM {Lease._meta.db_table} WHERE subject IN ({_marks(subjects)})"
        " AND ttl_until > %s AND revoked_at IS NULL"
    )


@functools.lru_cache(maxsize=256)
def groups(users: int) -> str:
    member = User.groups.through._meta.db_table
    return (
        f"SELECT m.user_id, g.name FROM {member} m JOIN auth_group g ON g.id = m.group_id"
        f" WHERE m.user_id IN ({_marks(users)})"
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
