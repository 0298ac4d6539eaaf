from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyRecord(models.Model):
    """What a key was first used for, remembered for 24 hours per principal and route (§7)."""

    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="idempotency_records"
    )
    route = models.CharField(_("route"), max_length=200)
    key = models.CharField(_("key"), max_length=200)
    body_sha256 = models.CharField(_("body hash"), max_length=64)
    count = models.PositiveIntegerField(_("samples accepted"))
    created_at = models.DateTimeField(_("created"))

    class Meta:
        db_table = "telemetry_idempotency"
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]
        constraints = [
            models.UniqueConstraint(fields=["principal", "route", "key"], name="idempotency_once"),
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
