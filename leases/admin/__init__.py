"""Access on the desk: leases, requests, policy, decisions, people and their tokens."""

from leases.admin.lease import LeaseAdmin
from leases.admin.people import ApiTokenAdmin, PrincipalAdmin

__all__ = ["ApiTokenAdmin", "LeaseAdmin", "PrincipalAdmin"]
