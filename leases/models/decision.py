from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DecisionQuerySet(models.QuerySet["DecisionEntry"]):
    def newest_first(self) -> DecisionQuerySet:
        return self.order_by("-at", "-id")

    def older_than(self, moment: datetime) -> DecisionQuerySet:
        return self.filter(at__lt=moment)


class DecisionEntry(models.Model):
    """One decision of role, policy or lease, with all it was taken from (contract §6).

    Refusals, and what let a change through. Decisions on telemetry are counted: one row per
    hour, principal, persona and outcome, with ``count`` and the time of the newest in ``at``.
    ``inputs`` holds what a replay needs: ``{groups, leases: [...], halted}``.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("time"))
    # Null in rows that stand for themselves; the hour in rows that count.
    hour = models.DateTimeField(null=True, blank=True)
    count = models.PositiveBigIntegerField(_("times"), default=1)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    action = models.CharField(_("action"), max_length=200)
    persona_id = models.CharField(_("persona"), max_length=128, blank=True, default="")
    owner_kind = models.CharField(_("owner kind"), max_length=16, blank=True, default="")
    owner_ref = models.CharField(_("owner"), max_length=300, blank=True, default="")
    allowed = models.BooleanField(_("allowed"))
    reason = models.CharField(_("reason"), max_length=40)
    required_capability = models.CharField(
        _("capability needed"), max_length=300, blank=True, default=""
    )
    policy_revision = models.CharField(_("policy"), max_length=64, blank=True, default="")
    lease_id = models.CharField(_("lease"), max_length=36, blank=True, default="")
    inputs = models.JSONField(default=dict)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        db_table = "leases_decision"
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            models.Index(fields=["-at", "-id"], name="decision_newest"),
            models.Index(fields=["actor", "-at"], name="decision_actor"),
            models.Index(fields=["persona_id", "-at"], name="decision_persona"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "hour",
                    "actor",
                    "action",
                    "persona_id",
                    "allowed",
                    "reason",
                    "policy_revision",
                    "lease_id",
                ],
                condition=Q(hour__isnull=False),
                name="decision_counted_once",
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="decision_count_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.reason}"
