"""What can go wrong in the change workflow (contract §2 to §5)."""

from __future__ import annotations

from leases.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, TooMany


class InvalidDiff(InvalidInput):
    """The diff cannot be applied, breaks a rule, or changes nothing (code ``no_change``)."""

    title = "Invalid Diff"
    code = "invalid_diff"


class ImmutableField(InvalidInput):
    """The diff writes a field that never changes (contract §3)."""

    title = "Immutable Field"
    code = "immutable_field"


class InvalidPersona(InvalidInput):
    """The record breaks the schema or a limit."""

    title = "Invalid Persona"
    code = "invalid_persona"


class InvalidProposal(InvalidInput):
    """A member of the proposal's body other than the diff breaks a rule."""

    title = "Invalid Proposal"
    code = "invalid_proposal"


class RationaleRequired(InvalidInput):
    """A rejection says why (contract §4)."""

    title = "Rationale Required"
    code = "rationale_required"
    default_detail = "a rejection needs a rationale"


class PersonaNotFound(NotFound):
    """No persona has that id."""

    title = "Persona Not Found"
    code = "persona_not_found"
    default_detail = "Persona id not found"


class ProposalNotFound(NotFound):
    """No proposal has that id."""

    title = "Proposal Not Found"
    code = "proposal_not_found"
    default_detail = "Proposal id not found"


class PersonaExists(Conflict):
    """The id is taken."""

    title = "Persona Exists"
    code = "persona_exists"
    default_detail = "a persona with this id exists already"


class PersonaManageForbidden(Forbidden):
    """The role lacks the right, or neither policy nor a lease allows ``persona.manage``."""

    title = "Persona Manage Forbidden"
    code = "persona_manage_forbidden"
    refuses = "persona.manage"
    default_detail = "persona:manage lease required"


class PersonaReadForbidden(Forbidden):
    """The role does not carry the right to read personas."""

    title = "Persona Read Forbidden"
    code = "persona_read_forbidden"
    default_detail = "reading personas needs the role of a member"


class SelfApprovalForbidden(Forbidden):
    """Authors do not approve their own proposals (contract §4)."""

    title = "Self Approval Forbidden"
    code = "self_approval_forbidden"
    refuses = "persona.manage"
    default_detail = (
        "one's own proposal cannot be approved unless the operator sets "
        "ARW_PERSONA_SELF_APPROVAL=allow"
    )


class ProposalNotPending(Conflict):
    """Somebody decided first, or the proposal expired or was withdrawn."""

    title = "Proposal Not Pending"
    code = "proposal_not_pending"


class VersionMoved(Conflict):
    """Somebody else wrote the record between reading and writing it."""

    title = "Version Moved"
    code = "version_moved"
    default_detail = "the persona changed at the same moment; read it again and retry"


class StaleProposal(Conflict):
    """The persona moved on; the fact ``conflicts`` lists ``{path, base, ours, theirs}``."""

    title = "Stale Proposal"
    code = "stale_proposal"


class ReviewOutdated(Conflict):
    """What was reviewed is not what would be applied."""

    title = "Review Outdated"
    code = "review_outdated"


class ChangesRequested(Conflict):
    """An approver asked for changes; a revision takes the block away (contract §4)."""

    title = "Changes Requested"
    code = "changes_requested"
    default_detail = "changes were asked for; the proposal needs a revision first"


class InvalidComment(InvalidInput):
    """A comment needs text, and its path must be a JSON pointer."""

    title = "Invalid Comment"
    code = "invalid_comment"


class QuotaExceeded(TooMany):
    """The persona takes no more of the kind today (UTC); ``wait`` are the seconds until it does.

    The facts ``quota`` and ``limit`` say of what and how much, ``setting`` where that is set.
    """

    title = "Rate Limited"
    code = "quota_exceeded"

    def __init__(self, *, quota: str, limit: int, setting: str, wait: float) -> None:
        self.wait = wait
        detail = f"the persona takes at most {limit} {_COUNTED[quota]} a day (UTC); try tomorrow"
        super().__init__(detail, quota=quota, limit=limit, setting=setting)


_COUNTED = {"samples": "feedback samples", "memory": "memory items", "proposals": "proposals"}


class HistoryIsAppendOnly(DomainError):
    """Rows of history are never changed or deleted (contract §5)."""

    title = "History Is Append-Only"
    code = "history_append_only"
    default_detail = "rows of history are never changed or deleted"
