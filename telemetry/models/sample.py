from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from personas.models import Persona
from personas.models.document_field import DocumentField


class VibeSampleQuerySet(models.QuerySet["VibeSample"]):
    def newest_first(self) -> VibeSampleQuerySet:
        return self.order_by("-recorded_at", "-id")

    def not_older_than(self, moment: datetime) -> VibeSampleQuerySet:
        return self.filter(recorded_at__gte=moment)


class VibeSample(models.Model):
    """One piece of feedback, sanitized. Kept by count and by age (contract §7)."""

    id = models.BigAutoField(primary_key=True)
    # The index ``sample_newest`` begins with it: one more would cost each sample, and serve nobody.
    persona = models.ForeignKey(
        Persona, models.CASCADE, related_name="vibe_samples", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=64, null=True, blank=True)  # noqa: DJ001  null in the API
    signal = models.CharField(_("signal"), max_length=64)
    strength = models.FloatField(_("strength"), null=True, blank=True)
    note = models.TextField(_("note"), null=True, blank=True)  # noqa: DJ001  null in the API
    metadata = DocumentField(_("metadata"), null=True, blank=True)
    # Each index costs each sample a page or two: what is asked of one giver, or of all that is old,
    # is asked persona by persona.
    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="vibe_samples",
        db_index=False,
        verbose_name=_("person or automation"),
    )
    recorded_at = models.DateTimeField(_("recorded"))

    objects = VibeSampleQuerySet.as_manager()

    class Meta:
        db_table = "persona_vibe_samples"
        verbose_name = _("feedback sample")
        verbose_name_plural = _("feedback samples")
        indexes = [
            models.Index(fields=["persona", "-recorded_at", "-id"], name="sample_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(strength__isnull=True) | Q(strength__gte=0, strength__lte=1),
                name="sample_strength_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signal} for {self.persona_id}"
