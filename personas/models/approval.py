from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from personas.models.proposal import Proposal


class Approval(models.Model):
    """One approver's yes to one digest and one result (contract §4).

    It counts only while both are what would be applied: a revision has another digest, and a
    record that moved on may give another result.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="approvals")
    revision = models.PositiveIntegerField(_("revision"))
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="approvals_given"
    )
    digest = models.CharField(_("digest"), max_length=64)
    result_digest = models.CharField(_("digest of the result"), max_length=64)
    rationale = models.TextField(_("rationale"), blank=True, default="")
    created_at = models.DateTimeField(_("given"))

    class Meta:
        db_table = "persona_approvals"
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ("created_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "revision", "approver"], name="approval_once_per_revision"
            ),
        ]

    def __str__(self) -> str:
        return f"approval of {self.proposal_id} r{self.revision}"
