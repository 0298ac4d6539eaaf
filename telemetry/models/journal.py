from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from personas.models import Persona
from telemetry.models.memory import MemoryItem


class JournalRhythm(models.Model):
    """How often a person is asked to reflect on a persona; without a row: never (contract §10)."""

    class Cadence(models.TextChoices):
        OFF = "off", _("off")
        DAILY = "daily", _("daily")
        WEEKLY = "weekly", _("weekly")

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="journal_rhythms"
    )
    persona = models.ForeignKey(Persona, models.CASCADE, related_name="journal_rhythms")
    cadence = models.CharField(_("cadence"), max_length=8, choices=Cadence.choices)
    # Prompts are counted from here: changing the cadence begins anew.
    started_at = models.DateTimeField(_("started"))
    answered_at = models.DateTimeField(_("last answered"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("last reminded"), null=True, blank=True)

    class Meta:
        db_table = "telemetry_journal_rhythms"
        verbose_name = _("journal rhythm")
        verbose_name_plural = _("journal rhythms")
        constraints = [
            models.UniqueConstraint(fields=["person", "persona"], name="rhythm_once"),
            models.CheckConstraint(
                condition=Q(cadence__in=["off", "daily", "weekly"]), name="rhythm_cadence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadence} for {self.persona_id}"


class JournalAnswer(models.Model):
    """One answered prompt; the words are in the memory item (contract §10)."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="journal_answers"
    )
    persona = models.ForeignKey(Persona, models.CASCADE, related_name="journal_answers")
    item = models.OneToOneField(MemoryItem, models.CASCADE, related_name="journal_answer")
    prompt = models.CharField(_("prompt"), max_length=64)
    # The prompt of a period is answered once: a second tab does not answer it again.
    period = models.CharField(_("period"), max_length=32)
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        db_table = "telemetry_journal_answers"
        verbose_name = _("journal answer")
        verbose_name_plural = _("journal answers")
        indexes = [models.Index(fields=["persona", "-answered_at", "-id"], name="answer_newest")]
        constraints = [
            models.UniqueConstraint(fields=["person", "persona", "period"], name="answer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt} for {self.persona_id}"
