from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leases.models.policy_revision import PolicyRevision

THE_ROW = 1


class Control(models.Model):
    """The one row that every node reads with every decision: policy in force, kill switch.

    Because each decision reads it in the transaction that it decides on, a reload or a stop
    that committed before is seen by the very next request on every node (contract §6).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ROW)
    policy = models.ForeignKey(
        PolicyRevision, models.PROTECT, related_name="+", null=True, blank=True
    )
    halted_at = models.DateTimeField(_("telemetry stopped"), null=True, blank=True)
    halted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    halt_reason = models.CharField(_("reason"), max_length=500, blank=True, default="")

    objects: ClassVar[models.Manager[Control]] = models.Manager()

    class Meta:
        db_table = "leases_control"
        constraints = [models.CheckConstraint(condition=Q(id=THE_ROW), name="control_one_row")]

    def __str__(self) -> str:
        return "control"
