from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from personas.models.persona import Persona


class DailyUse(models.Model):
    """How much of a persona's daily budget is used up, by UTC day and kind."""

    class Kind(models.TextChoices):
        SAMPLES = "samples", _("feedback samples")
        MEMORY = "memory", _("memory items")
        PROPOSALS = "proposals", _("proposals")

    id = models.BigAutoField(primary_key=True)
    persona = models.ForeignKey(Persona, models.CASCADE, related_name="daily_uses", db_index=False)
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    used = models.PositiveBigIntegerField(_("used"))

    class Meta:
        db_table = "personas_daily_use"
        verbose_name = _("daily use")
        verbose_name_plural = _("daily use")
        indexes = [models.Index(fields=["day"], name="daily_use_age")]
        constraints = [
            models.UniqueConstraint(fields=["persona", "day", "kind"], name="daily_use_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["samples", "memory", "proposals"]), name="daily_use_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.used} {self.kind} of {self.persona_id}"
