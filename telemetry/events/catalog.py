"""Every event that this server publishes, one class each (contract §8). Pure.

The docstring is the documentation. ``schema_version`` rises when a member is added; none is ever renamed
or taken away. ``actor`` is always a pseudonym (contract §1).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """What all events have in common: a topic, and the pseudonym of who caused it."""

    topic: ClassVar[str] = ""
    schema_version: ClassVar[int] = 1
    # Prefixes that match one of these select the event too: names from other documents.
    aliases: ClassVar[tuple[str, ...]] = ()

    actor: str

    def payload(self) -> dict[str, Any]:
        """The members as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ProposalSubmitted(Event):
    """A change was proposed. ``digest`` names exactly what is asked for; the diff is not sent."""

    topic = "persona.proposal.submitted"

    proposal_id: str
    persona_id: str
    base_version: int
    digest: str


@dataclass(frozen=True, slots=True)
class ProposalApproved(Event):
    """A proposal was approved and applied; ``persona.updated`` tells the new version."""

    topic = "persona.proposal.approved"

    proposal_id: str
    persona_id: str
    base_version: int
    digest: str


@dataclass(frozen=True, slots=True)
class ProposalRejected(Event):
    """A proposal was rejected; the record did not change. The reason is not sent."""

    topic = "persona.proposal.rejected"

    proposal_id: str
    persona_id: str
    base_version: int
    digest: str


@dataclass(frozen=True, slots=True)
class ProposalRevised(Event):
    """A proposal has a new revision. Earlier approvals no longer count. The diff is not sent.

    ``digest`` and ``base_version`` are those of the new ``revision``.
    """

    topic = "persona.proposal.revised"

    proposal_id: str
    persona_id: str
    base_version: int
    digest: str
    revision: int


@dataclass(frozen=True, slots=True)
class ProposalWithdrawn(Event):
    """A proposal was taken back; the record did not change. The reason is not sent."""

    topic = "persona.proposal.withdrawn"

    proposal_id: str
    persona_id: str
    base_version: int
    digest: str


@dataclass(frozen=True, slots=True)
class ProposalExpired(Event):
    """A proposal ran out of time undecided. Sent once, when it is written down.

    ``actor`` is ``actor:system``.
    """

    topic = "persona.proposal.expired"

    proposal_id: str
    persona_id: str
    base_version: int
    digest: str


@dataclass(frozen=True, slots=True)
class ApprovalRecorded(Event):
    """A proposal was approved, and needs further approvals; nothing has been applied.

    ``approvals`` of ``required`` count for this ``digest``.
    """

    topic = "persona.proposal.approval_recorded"

    proposal_id: str
    persona_id: str
    base_version: int
    digest: str
    approvals: int
    required: int


@dataclass(frozen=True, slots=True)
class PersonaUpdated(Event):
    """A record has a new version. ``kind`` is ``create``, ``proposal`` or ``consent``.

    ``proposal_id`` is null unless a proposal was applied.
    """

    topic = "persona.updated"

    persona_id: str
    version: int
    kind: str
    proposal_id: str | None
    document_digest: str


@dataclass(frozen=True, slots=True)
class TelemetryUpdated(Event):
    """Consent to vibe telemetry was given, withdrawn, or moved to another scope."""

    topic = "persona.telemetry.updated"

    persona_id: str
    enabled: bool
    scope: str


@dataclass(frozen=True, slots=True)
class Feedback(Event):
    """A feedback sample was stored, as it was stored: sanitized.

    Sent only to readers who may read the persona's telemetry at the moment of delivery. The
    prefix ``persona.vibe.feedback`` selects it too.
    """

    topic = "persona.feedback"
    aliases = ("persona.vibe.feedback",)

    persona_id: str
    kind: str | None
    signal: str
    strength: float | None
    note: str | None
    metadata: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class LeaseCreated(Event):
    """A capability was lent. ``subject`` is ``local`` (anyone signed in) or a pseudonym.

    ``ttl_until`` and ``created`` are RFC 3339; ``scope`` and ``budget`` are null for no limit.
    The reason given for the lease is not sent.
    """

    topic = "leases.created"

    id: str
    subject: str
    capability: str
    scope: str | None
    ttl_until: str
    budget: int | None
    created: str


EVENTS: tuple[type[Event], ...] = (
    ProposalSubmitted,
    ProposalApproved,
    ProposalRejected,
    ProposalRevised,
    ProposalWithdrawn,
    ProposalExpired,
    ApprovalRecorded,
    PersonaUpdated,
    TelemetryUpdated,
    Feedback,
    LeaseCreated,
)
