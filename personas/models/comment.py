from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from personas.models.proposal import Proposal


class Comment(models.Model):
    """A line in the thread of a proposal, on the whole of it or on one path of the record."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("comment")
        CHANGES_REQUESTED = "changes_requested", _("asked for changes")

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="proposal_comments"
    )
    revision = models.PositiveIntegerField(_("revision"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.COMMENT)
    path = models.CharField(_("path"), max_length=1000, blank=True, default="")
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(_("written"))

    class Meta:
        db_table = "persona_proposal_comments"
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("created_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["comment", "changes_requested"]), name="comment_kind"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="comment_text_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.proposal_id}"
