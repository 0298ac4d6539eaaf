"""Domain errors: what went wrong, in the product's own terms.

They know no HTTP. ``arw_site.api_errors`` holds the one table that turns a class into a status
(contract §2), so that the API, the admin, the CLI and a management command all tell the same
story about the same fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input.

    ``pointer`` is an RFC 6901 JSON pointer into the request body (empty for the whole of it),
    ``message`` a sentence for a person, ``code`` a stable word for a program.
    """

    pointer: str
    message: str
    code: str = "invalid"


class DomainError(Exception):
    """The root of every refusal. ``facts`` become members of the problem document."""

    title: ClassVar[str] = "Refused"
    code: ClassVar[str] = "refused"
    default_detail: ClassVar[str] = ""
    # For the decision log (contract §6): the action that the role refuses with this class, the
    # judgement of policy and leases that it was raised for, and whether that is written down.
    refuses: ClassVar[str] = ""
    judgement: Any = None
    logged: bool = False

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[Fault] = (),
        code: str | None = None,
        **facts: Any,
    ) -> None:
        self.detail = detail or self.default_detail
        self.errors = tuple(errors)
        self.instance_code = code or self.code
        self.facts = facts
        super().__init__(self.detail or self.title)

    def because(self, judgement: Any) -> Self:
        """The same error, with the ``leases.authorization.Judgement`` that it was raised for."""
        self.judgement = judgement
        return self


class InvalidInput(DomainError):
    """The body, a query parameter or a form field breaks a rule; ``errors`` says which."""

    title = "Invalid Request"
    code = "invalid_request"


class NotFound(DomainError):
    """What was asked for does not exist, or the asker may not know that it does."""

    title = "Not Found"
    code = "not_found"


class Forbidden(DomainError):
    """The principal's role does not carry the right (contract §1, first gate)."""

    title = "Forbidden"
    code = "forbidden"


class Conflict(DomainError):
    """The world moved on between what was read and what was asked."""

    title = "Conflict"
    code = "conflict"


class TooMany(DomainError):
    """More than a limit lets through for now; ``wait`` are the seconds after which more passes."""

    title = "Rate Limited"
    code = "rate_limited"
    wait: float = 1.0


class InvalidLease(InvalidInput):
    """A lease request breaks a rule of contract §6."""

    title = "Invalid Lease"
    code = "invalid_lease"


class LeaseNotFound(NotFound):
    """No lease has that id."""

    title = "Lease Not Found"
    code = "lease_not_found"
    default_detail = "Lease id not found"


class LeaseNotLive(Conflict):
    """The lease is over, or at the end of the life that it may have (contract §6)."""

    title = "Lease Not Live"
    code = "lease_not_live"
    default_detail = "the lease is over: a past lease cannot be renewed"


class LeaseRequestNotFound(NotFound):
    """No request for a lease has that id, or it is not the asker's."""

    title = "Lease Request Not Found"
    code = "lease_request_not_found"
    default_detail = "Lease request id not found"


class LeaseRequestNotPending(Conflict):
    """The request for a lease was decided or taken back already (contract §13)."""

    title = "Lease Request Not Pending"
    code = "lease_request_not_pending"


class LeaseRequestLimit(Conflict):
    """Too many of the asker's requests for leases wait for an answer (contract §6)."""

    title = "Lease Request Limit Reached"
    code = "lease_request_limit"


class LeaseRequired(Forbidden):
    """Neither policy nor a valid lease allows the action (contract §1, second gate)."""

    title = "Lease Required"
    code = "lease_required"


class LeaseManageForbidden(Forbidden):
    """Granting and revoking leases is a right of ``admins`` (contract §1)."""

    title = "Lease Manage Forbidden"
    code = "lease_manage_forbidden"
    refuses = "leases.manage"
    default_detail = "managing leases is a right of the group admins"


class LeaseReadForbidden(Forbidden):
    """Seeing leases needs the role of a member."""

    title = "Lease Read Forbidden"
    code = "lease_read_forbidden"
    default_detail = "seeing leases needs the role of a member"


class LeaseRequestForbidden(LeaseReadForbidden):
    """Asking for a lease needs the role of a member, as seeing them does."""

    refuses = "leases.request"
    default_detail = "asking for a lease needs the role of a member"


class TokenNotFound(NotFound):
    """No API token of the asker has that id."""

    title = "Token Not Found"
    code = "token_not_found"
    default_detail = "Token id not found"


class TokenForbidden(Forbidden):
    """The principal is the server's own: nobody acts as it, with a token or without."""

    title = "Token Forbidden"
    code = "token_forbidden"
