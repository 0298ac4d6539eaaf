"""From signals to inboxes and outbox. The change has been committed when these run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from leases.models import LeaseRequest, User
from leases.signals import lease_request_decided, lease_requested
from personas.models import Comment, Notification, Proposal
from personas.services.notifying import News, announce
from personas.signals import (
    approval_recorded,
    proposal_approved,
    proposal_commented,
    proposal_expired,
    proposal_rejected,
    proposal_revised,
    proposal_submitted,
    proposal_withdrawn,
)

Kind = Notification.Kind


@receiver(proposal_submitted)
def tell_submitted(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    announce(News(Kind.SUBMITTED, proposal, actor, now))


@receiver(proposal_revised)
def tell_revised(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    announce(News(Kind.REVISED, proposal, actor, now, str(proposal.revision)))


@receiver(approval_recorded)
def tell_approval(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    occasion = f"{proposal.revision}:{actor.pk}"
    announce(News(Kind.APPROVAL_RECORDED, proposal, actor, now, occasion))


@receiver(proposal_approved)
def tell_approved(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    announce(News(Kind.APPROVED, proposal, actor, now))


@receiver(proposal_rejected)
def tell_rejected(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    announce(News(Kind.REJECTED, proposal, actor, now))


@receiver(proposal_withdrawn)
def tell_withdrawn(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    announce(News(Kind.WITHDRAWN, proposal, actor, now))


@receiver(proposal_expired)
def tell_expired(*, proposal: Proposal, now: datetime, **_: Any) -> None:
    announce(News(Kind.EXPIRED, proposal, None, now))


@receiver(proposal_commented)
def tell_commented(
    *, proposal: Proposal, comment: Comment, actor: User, now: datetime, **_: Any
) -> None:
    asked = comment.kind == Comment.Kind.CHANGES_REQUESTED
    kind = Kind.CHANGES_REQUESTED if asked else Kind.COMMENTED
    announce(News(kind, proposal, actor, now, str(comment.pk)))


@receiver(lease_requested)
def tell_lease_requested(*, request: LeaseRequest, actor: User, now: datetime, **_: Any) -> None:
    announce(News(Kind.LEASE_REQUESTED, request, actor, now))


@receiver(lease_request_decided)
def tell_lease_answer(*, request: LeaseRequest, actor: User, now: datetime, **_: Any) -> None:
    # Whoever takes their own request back knows of it.
    if request.status != LeaseRequest.Status.CANCELLED:
        announce(News(Kind(f"lease_{request.status}"), request, actor, now))
