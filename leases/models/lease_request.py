from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leases.models.lease import Lease
from leases.models.principal import User


class LeaseRequestQuerySet(models.QuerySet["LeaseRequest"]):
    def pending(self) -> LeaseRequestQuerySet:
        return self.filter(status=LeaseRequest.Status.PENDING)

    def of(self, principal: User) -> LeaseRequestQuerySet:
        return self.filter(requester=principal)

    def newest_first(self) -> LeaseRequestQuerySet:
        return self.order_by("-created", "-id")


class LeaseRequest(models.Model):
    """A principal asks for a lease; who manages leases grants or denies it (contract §6, §13).

    The time asked for starts when it is granted, not when it was asked for.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        GRANTED = "granted", _("granted")
        DENIED = "denied", _("denied")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="lease_requests"
    )
    capability = models.CharField(_("capability"), max_length=200)
    scope = models.CharField(_("scope"), max_length=300, null=True, blank=True)  # noqa: DJ001  null is "everywhere", as in a lease
    ttl_secs = models.PositiveIntegerField(_("seconds asked for"))
    budget = models.PositiveIntegerField(_("budget"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    created = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_reason = models.CharField(_("answer"), max_length=500, blank=True, default="")
    lease = models.OneToOneField(
        Lease, models.PROTECT, related_name="request", null=True, blank=True
    )

    objects = LeaseRequestQuerySet.as_manager()

    class Meta:
        db_table = "leases_request"
        verbose_name = _("lease request")
        verbose_name_plural = _("lease requests")
        indexes = [models.Index(fields=["status", "-created"], name="lease_request_queue")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "granted", "denied", "cancelled"]),
                name="lease_request_status",
            ),
            models.CheckConstraint(
                condition=Q(status="granted", lease__isnull=False)
                | (~Q(status="granted") & Q(lease__isnull=True)),
                name="lease_request_lease",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", decided_at__isnull=True)
                | (~Q(status="pending") & Q(decided_at__isnull=False)),
                name="lease_request_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.capability} for {self.requester_id}"

    def get_absolute_url(self) -> str:
        """The page of requests, which shows each reader what they may see of this one."""
        return reverse("admin:leases_leaserequest_list")
