from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def waiting(self) -> OutboxQuerySet:
        return self.filter(sent_at__isnull=True, attempts__lt=OutboxMessage.MAX_ATTEMPTS)

    def due(self, moment: datetime, targets: Collection[str]) -> OutboxQuerySet:
        """What is to be tried at ``moment``, for services that are still configured."""
        return self.waiting().filter(next_attempt_at__lte=moment, target__in=targets)

    def older_than(self, moment: datetime) -> OutboxQuerySet:
        return self.filter(created_at__lt=moment)


class OutboxMessage(models.Model):
    """One message on its way to one service.

    ``target`` is a keyed digest of the service's address, which is a secret. ``last_error`` is
    the name of a class and nothing else, because messages of errors quote addresses.
    """

    MAX_ATTEMPTS = 8

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(_("key"), max_length=120)
    target = models.CharField(_("target"), max_length=16)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("body"))
    created_at = models.DateTimeField(_("created"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=80, blank=True, default="")

    objects = OutboxQuerySet.as_manager()

    class Meta:
        db_table = "personas_outbox"
        verbose_name = _("message")
        verbose_name_plural = _("outbox")
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(sent_at__isnull=True),
                name="outbox_waiting",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key", "target"], name="outbox_once_per_target"),
        ]

    def __str__(self) -> str:
        return self.key
