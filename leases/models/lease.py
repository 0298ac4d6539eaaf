from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leases.decisions import LOCAL_SUBJECT, LeaseFacts


class LeaseQuerySet(models.QuerySet["Lease"]):
    def active_at(self, now: datetime) -> LeaseQuerySet:
        """Leases that are neither revoked, expired nor used up at ``now``."""
        return self.filter(
            Q(budget__isnull=True) | Q(used__lt=F("budget")),
            revoked_at__isnull=True,
            ttl_until__gt=now,
        )

    def for_subject(self, principal_id: uuid.UUID) -> LeaseQuerySet:
        """Leases held by the principal, and those held by anyone signed in."""
        return self.filter(subject__in=(LOCAL_SUBJECT, str(principal_id)))

    def newest_first(self) -> LeaseQuerySet:
        return self.order_by("-updated", "-id")


class Lease(models.Model):
    """A capability lent for a while, to one principal or to anyone signed in (contract §6)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(_("subject"), max_length=64, default=LOCAL_SUBJECT)
    capability = models.CharField(_("capability"), max_length=200)
    scope = models.CharField(_("scope"), max_length=300, null=True, blank=True)  # noqa: DJ001  null is "everywhere" in the API
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    ttl_until = models.DateTimeField(_("valid until"))
    budget = models.PositiveIntegerField(_("budget"), null=True, blank=True)
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="leases_granted", editable=False
    )
    created = models.DateTimeField(editable=False)
    updated = models.DateTimeField(editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LeaseQuerySet.as_manager()

    class Meta:
        db_table = "leases_lease"
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        indexes = [
            models.Index(fields=["capability", "subject", "ttl_until"], name="lease_lookup"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(capability=""), name="lease_capability_not_empty"),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(used__lte=F("budget")),
                name="lease_used_within_budget",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.capability} for {self.subject}"

    def facts(self) -> LeaseFacts:
        """The part of the lease that a decision depends on."""
        return LeaseFacts(
            id=str(self.id),
            subject=self.subject,
            capability=self.capability,
            scope=self.scope,
            ttl_until=self.ttl_until,
            remaining=None if self.budget is None else self.budget - self.used,
            revoked=self.revoked_at is not None,
        )
