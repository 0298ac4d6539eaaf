"""Leases, requests for them, policy and the kill switch (contract §6, §8). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telemetry.events.catalog.event import Event


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


@dataclass(frozen=True, slots=True)
class LeaseRenewed(Event):
    """A lease goes on until ``ttl_until``. Also sent for each that lifting the kill switch gives back.

    Members as in ``leases.created``; ``created`` is when it was first lent.
    """

    topic = "leases.renewed"

    id: str
    subject: str
    capability: str
    scope: str | None
    ttl_until: str
    budget: int | None
    created: str


@dataclass(frozen=True, slots=True)
class LeaseRevoked(Event):
    """A lease was taken back: it allows nothing any more. The reason is not sent.

    ``revocation`` is ``single``, ``prefix`` or ``kill_switch``.
    """

    topic = "leases.revoked"

    id: str
    subject: str
    capability: str
    scope: str | None
    revocation: str
    revoked_at: str


@dataclass(frozen=True, slots=True)
class LeaseExpired(Event):
    """A lease ran out of time. Sent once, when it is written down.

    ``actor`` is ``actor:system``.
    """

    topic = "leases.expired"

    id: str
    subject: str
    capability: str
    scope: str | None
    ttl_until: str


@dataclass(frozen=True, slots=True)
class LeaseRequested(Event):
    """A principal asked for a lease. The reason is not sent."""

    topic = "leases.requested"

    id: str
    capability: str
    scope: str | None
    ttl_secs: int
    budget: int | None


@dataclass(frozen=True, slots=True)
class LeaseRequestDecided(Event):
    """A request for a lease was granted, denied or cancelled. The reason is not sent.

    ``status`` says which; ``lease_id`` is null unless it was granted.
    """

    topic = "leases.request_decided"

    id: str
    requester: str
    capability: str
    scope: str | None
    status: str
    lease_id: str | None


@dataclass(frozen=True, slots=True)
class PolicyLoaded(Event):
    """Another policy is in force. ``revision`` and ``previous`` are null for the empty policy.

    ``actor`` is ``actor:system`` where the server loaded it at its start or on SIGHUP.
    """

    topic = "policy.loaded"

    revision: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class KillSwitchMoved(Event):
    """All telemetry was stopped, or the stop was lifted. The reason is not sent."""

    topic = "policy.kill_switch"

    engaged: bool
