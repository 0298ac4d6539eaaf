"""Tables of the bottom floor: principals, their API tokens, and leases."""

from leases.models.api_token import ApiToken
from leases.models.lease import Lease
from leases.models.principal import User

__all__ = ["ApiToken", "Lease", "User"]
