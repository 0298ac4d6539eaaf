"""From signals to events: what other apps tell after commit is published here (contract §8)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver

from leases.models import ApiToken, Lease, User
from leases.pseudonyms import actor_ref
from personas.documents.consent import Consent
from personas.models import Comment, HistoryEntry, Proposal
from personas.signals import (
    approval_recorded,
    consent_moved,
    persona_updated,
    proposal_approved,
    proposal_commented,
    proposal_expired,
    proposal_rejected,
    proposal_revised,
    proposal_submitted,
    proposal_withdrawn,
)
from telemetry.events import catalog
from telemetry.events.broadcaster import broadcaster
from telemetry.ingestion.submission import Recorded
from telemetry.signals import feedback_recorded, samples_erased


@receiver(proposal_submitted)
def submitted(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    broadcaster.publish([catalog.ProposalSubmitted(**_about(proposal, actor))], now)


@receiver(proposal_approved)
def approved(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    broadcaster.publish([catalog.ProposalApproved(**_about(proposal, actor))], now)


@receiver(proposal_rejected)
def rejected(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    broadcaster.publish([catalog.ProposalRejected(**_about(proposal, actor))], now)


@receiver(proposal_revised)
def revised(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    about = _about(proposal, actor)
    broadcaster.publish([catalog.ProposalRevised(**about, revision=proposal.revision)], now)


@receiver(proposal_withdrawn)
def withdrawn(*, proposal: Proposal, actor: User, now: datetime, **_: Any) -> None:
    broadcaster.publish([catalog.ProposalWithdrawn(**_about(proposal, actor))], now)


@receiver(proposal_expired)
def expired(*, proposal: Proposal, actor: User | None, now: datetime, **_: Any) -> None:
    broadcaster.publish([catalog.ProposalExpired(**_about(proposal, actor))], now)


@receiver(approval_recorded)
def approval(
    *, proposal: Proposal, approvals: int, required: int, actor: User, now: datetime, **_: Any
) -> None:
    about = _about(proposal, actor)
    event = catalog.ApprovalRecorded(**about, approvals=approvals, required=required)
    broadcaster.publish([event], now)


@receiver(proposal_commented)
def commented(
    *, proposal: Proposal, comment: Comment, actor: User, now: datetime, **_: Any
) -> None:
    about = _about(proposal, actor)
    said = catalog.ProposalCommented(**about, comment_id=comment.pk, kind=str(comment.kind))
    broadcaster.publish([said], now)


def _about(proposal: Proposal, actor: User | None) -> dict[str, Any]:
    return {
        "actor": actor_ref(None if actor is None else actor.id),
        "proposal_id": str(proposal.proposal_id),
        "persona_id": proposal.persona_id,
        "base_version": proposal.base_version,
        "digest": proposal.digest,
    }


@receiver(persona_updated)
def updated(*, entry: HistoryEntry, actor: User, now: datetime, **_: Any) -> None:
    event = catalog.PersonaUpdated(
        actor=actor_ref(actor.id),
        persona_id=entry.persona_id,
        version=entry.version,
        kind=str(entry.kind),
        proposal_id=None if entry.proposal_id is None else str(entry.proposal_id),
        document_digest=entry.document_digest,
    )
    broadcaster.publish([event], now)


@receiver(consent_moved)
def telemetry_updated(
    *, persona_id: str, after: Consent, actor: User, now: datetime, **_: Any
) -> None:
    # Verdicts first: from here on no reader is shown feedback on the strength of an older one.
    broadcaster.rights_moved()
    event = catalog.TelemetryUpdated(
        actor=actor_ref(actor.id), persona_id=persona_id, enabled=after.enabled, scope=after.scope
    )
    broadcaster.publish([event], now)


@receiver(feedback_recorded)
def feedback(*, recorded: tuple[Recorded, ...], now: datetime, **_: Any) -> None:
    principals = {one.principal_id for one in recorded}
    givers = {principal_id: actor_ref(principal_id) for principal_id in principals}
    given = [(one.persona_id, givers[one.principal_id], one.samples) for one in recorded]
    broadcaster.publish_given(given, now)


@receiver(samples_erased)
def erased(*, persona_id: str, principal_id: uuid.UUID | None, now: datetime, **_: Any) -> None:
    """Take the erased feedback out of the replay window too."""
    giver = None if principal_id is None else actor_ref(principal_id)
    broadcaster.forget_feedback(persona_id, giver, now)


@receiver((post_save, post_delete), sender=Lease)
@receiver((post_save, post_delete), sender=ApiToken)
@receiver((post_save, post_delete), sender=User)
@receiver(m2m_changed, sender=User.groups.through)
def rights_moved(**_: Any) -> None:
    """A lease, a token or a role changed: open streams are judged anew."""
    broadcaster.rights_moved()
