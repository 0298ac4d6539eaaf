"""Every event that this server publishes, one class each (contract §8). Pure.

The docstring is the documentation. ``schema_version`` rises when a member is added; none is ever renamed
or taken away. ``actor`` is always a pseudonym (contract §1).
"""

from __future__ import annotations

from telemetry.events.catalog.event import Event
from telemetry.events.catalog.leases import (
    KillSwitchMoved,
    LeaseCreated,
    LeaseExpired,
    LeaseRenewed,
    LeaseRequestDecided,
    LeaseRequested,
    LeaseRevoked,
    PolicyLoaded,
)
from telemetry.events.catalog.memory import (
    MemoryErased,
    MemoryUpserted,
    PersonaDrift,
    ReflectionCompleted,
    WorldviewDrift,
)
from telemetry.events.catalog.personas import (
    ApprovalRecorded,
    PersonaUpdated,
    ProposalApproved,
    ProposalCommented,
    ProposalExpired,
    ProposalRejected,
    ProposalRevised,
    ProposalSubmitted,
    ProposalWithdrawn,
)
from telemetry.events.catalog.telemetry import Feedback, TelemetryUpdated

EVENTS: tuple[type[Event], ...] = (
    ProposalSubmitted,
    ProposalApproved,
    ProposalRejected,
    ProposalRevised,
    ProposalWithdrawn,
    ProposalExpired,
    ApprovalRecorded,
    ProposalCommented,
    PersonaUpdated,
    TelemetryUpdated,
    Feedback,
    LeaseCreated,
    LeaseRenewed,
    LeaseRevoked,
    LeaseExpired,
    LeaseRequested,
    LeaseRequestDecided,
    PolicyLoaded,
    KillSwitchMoved,
    MemoryUpserted,
    MemoryErased,
    PersonaDrift,
    ReflectionCompleted,
    WorldviewDrift,
)

__all__ = [
    "EVENTS",
    "ApprovalRecorded",
    "Event",
    "Feedback",
    "KillSwitchMoved",
    "LeaseCreated",
    "LeaseExpired",
    "LeaseRenewed",
    "LeaseRequestDecided",
    "LeaseRequested",
    "LeaseRevoked",
    "MemoryErased",
    "MemoryUpserted",
    "PersonaDrift",
    "PersonaUpdated",
    "PolicyLoaded",
    "ProposalApproved",
    "ProposalCommented",
    "ProposalExpired",
    "ProposalRejected",
    "ProposalRevised",
    "ProposalSubmitted",
    "ProposalWithdrawn",
    "ReflectionCompleted",
    "TelemetryUpdated",
    "WorldviewDrift",
]
