from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from personas.models.document_field import DocumentField
from personas.models.persona import Persona


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def pending_at(self, now: datetime) -> ProposalQuerySet:
        """Proposals that can still be decided at ``now``."""
        return self.filter(status=Proposal.Status.PENDING, expires_at__gt=now)

    def with_status_at(self, status: str, now: datetime) -> ProposalQuerySet:
        """Proposals whose status is ``status`` at ``now``: expiry needs no job (contract §4)."""
        overdue = Q(status=Proposal.Status.PENDING, expires_at__lte=now)
        if status == Proposal.Status.PENDING:
            return self.pending_at(now)
        if status == Proposal.Status.EXPIRED:
            return self.filter(Q(status=status) | overdue)
        return self.filter(status=status)

    def newest_first(self) -> ProposalQuerySet:
        return self.order_by("-created_at", "-proposal_id")

    def oldest_first(self) -> ProposalQuerySet:
        return self.order_by("created_at", "proposal_id")


class Proposal(models.Model):
    """A change that somebody asks for. ``diff`` is an RFC 6902 patch over the whole record.

    Status moves only from ``pending``, by a conditional update (contract §4).
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        EXPIRED = "expired", _("expired")
        WITHDRAWN = "withdrawn", _("withdrawn")

    proposal_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    persona = models.ForeignKey(Persona, models.PROTECT, related_name="proposals")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="proposals"
    )
    on_behalf_of = models.CharField(_("on behalf of"), max_length=200, blank=True, default="")
    diff = DocumentField(_("diff"))
    rationale = models.TextField(_("rationale"), blank=True, default="")
    telemetry_scope = DocumentField(_("telemetry scope"), default=dict, blank=True)
    leases_required = DocumentField(_("leases required"), default=list, blank=True)
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.PENDING
    )
    base_version = models.PositiveIntegerField(_("base version"))
    digest = models.CharField(_("digest"), max_length=64)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    changes_requested_at = models.DateTimeField(_("changes asked for"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))
    expires_at = models.DateTimeField(_("expires"))
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_rationale = models.TextField(_("rationale of the decision"), blank=True, default="")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        db_table = "persona_proposals"
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        indexes = [
            models.Index(fields=["status", "created_at"], name="proposal_queue"),
            models.Index(fields=["persona", "status"], name="proposal_persona"),
            models.Index(fields=["decided_at"], name="proposal_decided"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "approved", "rejected", "expired", "withdrawn"]),
                name="proposal_status",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", decided_at__isnull=True)
                | (~Q(status="pending") & Q(decided_at__isnull=False)),
                name="proposal_decided_when_not_pending",
            ),
        ]

    def __str__(self) -> str:
        return _("Change to %(persona)s, %(day)s (%(id)s)") % {
            "persona": self.persona,
            "day": date_format(self.created_at),
            "id": str(self.proposal_id)[:8],
        }

    def get_absolute_url(self) -> str:
        return reverse("admin:personas_proposal_review", args=[self.pk])

    def status_at(self, now: datetime) -> Proposal.Status:
        """The status at ``now``; a pending proposal past its time is expired already."""
        if self.status == self.Status.PENDING and self.expires_at <= now:
            return self.Status.EXPIRED
        return self.Status(self.status)
