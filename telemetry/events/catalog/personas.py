"""What happens to records and proposals (contract §4, §8). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telemetry.events.catalog.event import Event


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
class ProposalCommented(Event):
    """Something was said about a proposal, or changes were asked for. The text is not sent.

    ``kind`` is ``comment`` or ``changes_requested``; ``digest`` is of the revision it was said about.
    """

    topic = "persona.proposal.commented"

    proposal_id: str
    persona_id: str
    base_version: int
    digest: str
    comment_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class PersonaUpdated(Event):
    """A record has a new version. ``kind`` is ``create``, ``proposal``, ``consent`` or
    ``calibration``.

    ``proposal_id`` is null unless a proposal was applied.
    """

    topic = "persona.updated"

    persona_id: str
    version: int
    kind: str
    proposal_id: str | None
    document_digest: str
