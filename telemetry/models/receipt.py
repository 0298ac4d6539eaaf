from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from personas.models import HistoryEntry, Persona
from telemetry.models.append_only import AppendOnly


class ConsentReceipt(AppendOnly):
    """Proof that consent moved: who, when, how, and which notice was in force (contract §7)."""

    class Move(models.TextChoices):
        GRANT = "grant", _("granted")
        WITHDRAWAL = "withdrawal", _("withdrawn")

    class Method(models.TextChoices):
        SWITCH = "switch", _("switch")
        PROPOSAL = "proposal", _("approved change")
        CREATE = "create", _("created with it")

    persona = models.ForeignKey(Persona, models.PROTECT, related_name="receipts")
    history = models.ForeignKey(HistoryEntry, models.PROTECT, related_name="receipts")
    scope = models.CharField(_("scope"), max_length=300)
    purpose = models.CharField(_("purpose"), max_length=64, default="vibe_feedback")
    move = models.CharField(_("move"), max_length=16, choices=Move.choices)
    method = models.CharField(_("method"), max_length=16, choices=Method.choices)
    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="consent_receipts",
        verbose_name=_("person or automation"),
    )
    notice_version = models.CharField(_("notice version"), max_length=32)
    notice_sha256 = models.CharField(_("notice hash"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        db_table = "telemetry_consent_receipt"
        verbose_name = _("consent receipt")
        verbose_name_plural = _("consent receipts")
        ordering = ("-recorded_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(move__in=["grant", "withdrawal"]), name="receipt_move"
            ),
        ]

    def __str__(self) -> str:
        words = {"persona": self.persona, "scope": self.scope}
        if self.move == self.Move.GRANT:
            return _("Consent given for %(persona)s, scope %(scope)s") % words
        return _("Consent withdrawn for %(persona)s, scope %(scope)s") % words
