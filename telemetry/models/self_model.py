from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from personas.models import Persona
from personas.models.document_field import DocumentField


class SelfModelReport(models.Model):
    """What an agent said of itself: how sure, how able, at what cost (contract §10)."""

    id = models.BigAutoField(primary_key=True)
    persona = models.ForeignKey(Persona, models.CASCADE, related_name="self_model_reports")
    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="self_model_reports"
    )
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    competence = models.FloatField(_("competence"), null=True, blank=True)
    cost = models.FloatField(_("cost"), null=True, blank=True)
    window_secs = models.PositiveIntegerField(_("window"), null=True, blank=True)
    drift = models.FloatField(_("drift"))
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        db_table = "telemetry_self_model_reports"
        verbose_name = _("self-model report")
        verbose_name_plural = _("self-model reports")
        indexes = [models.Index(fields=["persona", "-recorded_at", "-id"], name="report_newest")]

    def __str__(self) -> str:
        return f"report on {self.persona_id}"


class DriftState(models.Model):
    """Where a persona stands against a baseline: one row per persona and kind of drift (§10)."""

    class Kind(models.TextChoices):
        SELF_MODEL = "self_model", _("self-model")
        WORLDVIEW = "worldview", _("worldview")

    id = models.BigAutoField(primary_key=True)
    persona = models.ForeignKey(Persona, models.CASCADE, related_name="drift_states")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    baseline = DocumentField(_("baseline"), default=dict)
    score = models.FloatField(_("score"), default=0.0)
    outside = models.BooleanField(_("outside"), default=False)
    mirrored_at = models.DateTimeField(_("mirrored"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        db_table = "telemetry_drift_states"
        verbose_name = _("drift")
        verbose_name_plural = _("drift")
        constraints = [
            models.UniqueConstraint(fields=["persona", "kind"], name="drift_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["self_model", "worldview"]), name="drift_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} drift of {self.persona_id}"
