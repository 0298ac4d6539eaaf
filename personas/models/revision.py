from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from personas.models.document_field import DocumentField
from personas.models.proposal import Proposal


class ProposalRevision(models.Model):
    """What a proposal asked for at one point of its life; kept so that they can be compared."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="proposal_revisions"
    )
    diff = DocumentField(_("diff"))
    rationale = models.TextField(_("rationale"), blank=True, default="")
    telemetry_scope = DocumentField(_("telemetry scope"), default=dict, blank=True)
    leases_required = DocumentField(_("leases required"), default=list, blank=True)
    base_version = models.PositiveIntegerField(_("base version"))
    digest = models.CharField(_("digest"), max_length=64)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        db_table = "persona_proposal_revisions"
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="revision_numbered_once"),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.proposal_id}"
