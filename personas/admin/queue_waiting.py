"""Which pending proposals wait for one viewer, and which of them comes next (contract §1, §4)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from leases.models import User
from leases.roles import Right
from personas.models import Approval, ApproverRule, HistoryEntry, Proposal, ProposalRevision
from personas.models.proposal import ProposalQuerySet


def waits_for(viewer: User, *, now: datetime) -> ProposalQuerySet:
    """The pending proposals that the viewer could decide now, as far as role and rule go.

    Left out is what waits for somebody else: own ones, where self-approval is forbidden; those
    with changes asked for; those that the viewer approved already; and those of owners whose
    rule names others. A lease that is missing leaves nothing out: it can be asked for.
    """
    if not viewer.has_right(Right.DECIDE):
        return Proposal.objects.none()
    waiting = Proposal.objects.pending_at(now).filter(changes_requested_at=None)
    waiting = waiting.exclude(Exists(_standing_approval_by(viewer)))
    if settings.ARW_PERSONA_SELF_APPROVAL != "allow":
        written = ProposalRevision.objects.filter(proposal=OuterRef("pk"), author=viewer)
        waiting = waiting.exclude(submitted_by=viewer).exclude(Exists(written))
    if not viewer.has_right(Right.MANAGE):
        waiting = waiting.exclude(Exists(_rule_of_others(viewer)))
    return waiting


def own_waiting(viewer: User, *, now: datetime) -> ProposalQuerySet:
    """The viewer's own proposals that are not decided yet."""
    return Proposal.objects.pending_at(now).filter(submitted_by=viewer)


def next_after(waiting: ProposalQuerySet, proposal: Proposal) -> Proposal | None:
    """The oldest of ``waiting`` that is younger than ``proposal``; past the end, the oldest."""
    others = waiting.exclude(pk=proposal.pk).oldest_first().only("proposal_id")
    younger = Q(created_at__gt=proposal.created_at) | Q(
        created_at=proposal.created_at, pk__gt=proposal.pk
    )
    return others.filter(younger).first() or others.first()


def _standing_approval_by(viewer: User) -> QuerySet[Approval]:
    """Approvals that still count: of this revision, and of the record as it is.

    An approval is of one whole result, so any version since then has ended it (contract §4).
    """
    moved = HistoryEntry.objects.filter(
        persona=OuterRef("proposal__persona"), applied_at__gte=OuterRef("created_at")
    )
    return Approval.objects.filter(
        ~Exists(moved),
        proposal=OuterRef("pk"),
        approver=viewer,
        revision=F("proposal__revision"),
        digest=F("proposal__digest"),
    )


def _rule_of_others(viewer: User) -> QuerySet[ApproverRule]:
    """The rule of the persona's owner, where it does not name the viewer."""
    naming = ApproverRule.objects.filter(
        Q(principals=viewer) | Q(group__in=viewer.groups.order_by().values("pk"))
    )
    return ApproverRule.objects.filter(
        owner_kind=OuterRef("persona__owner_kind"), owner_ref=OuterRef("persona__owner_ref")
    ).exclude(pk__in=naming.values("pk"))
