"""Roles and the rights they carry (contract §1, the first of the two gates).

Three groups, each with the rights of the ones below it: ``members`` read, propose and give
feedback; ``approvers`` also decide; ``admins`` also manage. A lease never widens a role.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The three groups, by the name they have in the database."""

    ADMINS = "admins"
    APPROVERS = "approvers"
    MEMBERS = "members"


class Right(StrEnum):
    """What a role may carry. The value is the codename of the permission on ``leases.User``."""

    READ = "read_personas"
    PROPOSE = "propose_changes"
    FEEDBACK = "give_feedback"
    DECIDE = "decide_proposals"
    MANAGE = "manage_personas"
    MANAGE_LEASES = "manage_leases"

    @property
    def permission(self) -> str:
        """The name that ``User.has_perm`` understands."""
        return f"leases.{self.value}"


RIGHT_LABELS: dict[Right, str] = {
    Right.READ: "Can read personas, proposals and history",
    Right.PROPOSE: "Can propose changes and comment",
    Right.FEEDBACK: "Can give feedback",
    Right.DECIDE: "Can approve and reject proposals",
    Right.MANAGE: "Can create personas and change consent",
    Right.MANAGE_LEASES: "Can manage leases and policy",
}

ROLE_RIGHTS: dict[Role, tuple[Right, ...]] = {
    Role.MEMBERS: (Right.READ, Right.PROPOSE, Right.FEEDBACK),
    Role.APPROVERS: (Right.READ, Right.PROPOSE, Right.FEEDBACK, Right.DECIDE),
    Role.ADMINS: tuple(Right),
}
