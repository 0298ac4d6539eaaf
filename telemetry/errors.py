"""What can go wrong with consent and feedback (contract §2, §7)."""

from __future__ import annotations

from leases.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound


class TelemetryDisabled(DomainError):
    """The record holds no consent (``preferences.telemetry.vibe.enabled``)."""

    title = "Telemetry Disabled"
    code = "telemetry_disabled"
    default_detail = "Persona vibe telemetry opt-in is disabled"


class AccessibilityCheckRequired(DomainError):
    """``ARW_PERSONA_ACCESSIBILITY=attest`` and the grant of consent attests nothing."""

    title = "Accessibility Check Required"
    code = "accessibility_check_required"
    default_detail = "granting consent needs accessibility_attested: true on this server"


class PersonaTelemetryForbidden(Forbidden):
    """The role lacks the right, or neither policy nor a lease covers the consent scope."""

    title = "Persona Telemetry Forbidden"
    code = "persona_telemetry_forbidden"
    refuses = "telemetry.persona"
    default_detail = "telemetry:persona lease required for requested scope"


class InvalidFeedback(InvalidInput):
    """A sample breaks a rule; the whole batch is refused and nothing is stored."""

    title = "Invalid Feedback"
    code = "invalid_feedback"


class EmptyFeedbackBatch(InvalidInput):
    """A batch needs at least one sample."""

    title = "Empty Feedback Batch"
    code = "empty_feedback_batch"
    default_detail = "a batch needs at least one sample"


class InvalidConsent(InvalidInput):
    """The toggle's body breaks a rule."""

    title = "Invalid Telemetry Toggle"
    code = "invalid_telemetry_toggle"


class ConsentMoved(Conflict):
    """The notice or the scope is no longer what was shown to whoever consents."""

    title = "Consent Moved"
    code = "consent_moved"


class IdempotencyConflict(Conflict):
    """The key was used before with another body."""

    title = "Idempotency Conflict"
    code = "idempotency_conflict"
    default_detail = "this idempotency key was used before with another body"


class InvalidAction(InvalidInput):
    """What was sent to ``POST /actions`` breaks a rule; pointers lead into the body."""

    title = "Invalid Action"
    code = "invalid_action"


class ActionNotFound(NotFound):
    """No action of the asker has that id."""

    title = "Action Not Found"
    code = "action_not_found"
    default_detail = "Action id not found"


class InvalidSelfModelReport(InvalidInput):
    """A report of an agent on itself breaks a rule."""

    title = "Invalid Self-Model Report"
    code = "invalid_self_model_report"


class ReceiptIsAppendOnly(DomainError):
    """Receipts of consent and of sharing are never changed or deleted."""

    title = "Receipt Is Append-Only"
    code = "receipt_append_only"
    default_detail = "receipts are never changed or deleted"


class EventsReadForbidden(Forbidden):
    """The role does not carry the right to read."""

    title = "Events Read Forbidden"
    code = "role_required"
    default_detail = "reading events needs the role of a member"


class RateLimited(DomainError):
    """More requests than the clamp of the principal or of the persona lets through.

    ``wait`` is the number of seconds after which one more passes.
    """

    title = "Rate Limited"
    code = "rate_limited"
    default_detail = "too many requests; try again later"

    def __init__(self, wait: float) -> None:
        self.wait = wait
        super().__init__()


class Overloaded(DomainError):
    """More feedback is waiting to be stored than this process may hold."""

    title = "Overloaded"
    code = "overloaded"
    default_detail = "too much feedback is waiting to be stored; try again"
    wait = 1.0


class ReadsOverloaded(Overloaded):
    """More requests are waiting to be answered than this process may hold."""

    default_detail = "too many requests are waiting; try again"


class StoreUnavailable(DomainError):
    """The database did not answer; whether the feedback was stored is not known for certain."""

    title = "Database Unavailable"
    code = "database_unavailable"
    default_detail = "the database did not answer; try again"
    wait = 2.0


class BeliefRefused(InvalidInput):
    """A suggested belief cites nothing that resolves, or does not fit the record (contract §10)."""

    title = "Belief Refused"
    code = "belief_refused"


class SummariserFailed(DomainError):
    """The deployment's own summariser failed; nothing was suggested (contract §10)."""

    title = "Summariser Failed"
    code = "summariser_failed"
    default_detail = "the summariser of this deployment failed; nothing was suggested"
    wait = 60.0


class SuggestionMoved(Conflict):
    """The record or the memory moved while a suggestion was made of them (contract §10)."""

    title = "Suggestion Moved"
    code = "suggestion_moved"
    default_detail = "the record or its memory changed meanwhile; nothing was suggested: ask again"


class EvidenceWithdrawn(Conflict):
    """What a suggestion rests on was erased, or is no longer shared (contract §10)."""

    title = "Evidence Withdrawn"
    code = "evidence_withdrawn"
    default_detail = "memory that the suggestion rests on was erased or is no longer shared"
