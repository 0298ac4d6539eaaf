"""Tables of the bottom floor: principals, tokens, leases, policy, and what was decided."""

from leases.models.api_token import ApiToken
from leases.models.control import Control
from leases.models.decision import DecisionEntry
from leases.models.lease import Lease
from leases.models.lease_request import LeaseRequest
from leases.models.policy_revision import PolicyRevision
from leases.models.principal import User

__all__ = [
    "ApiToken",
    "Control",
    "DecisionEntry",
    "Lease",
    "LeaseRequest",
    "PolicyRevision",
    "User",
]
