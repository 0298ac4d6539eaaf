from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
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

    def with_prefix(self, prefix: str) -> LeaseQuerySet:
        """Leases whose capability starts with ``prefix``, exactly: SQLite's LIKE ignores case."""
        return self.alias(_head=Left("capability", len(prefix))).filter(_head=prefix)

    def over_untold(self, now: datetime) -> LeaseQuerySet:
        """Leases that time has ended and nobody has been told of."""
        return self.filter(revoked_at__isnull=True, expiry_told_at__isnull=True, ttl_until__lte=now)

    def for_subject(self, principal_id: uuid.UUID) -> LeaseQuerySet:
        """Leases held by the principal, and those held by anyone signed in."""
        return self.filter(subject__in=(LOCAL_SUBJECT, str(principal_id)))

    def newest_first(self) -> LeaseQuerySet:
        return self.order_by("-updated", "-id")


class Lease(models.Model):
    """A capability lent for a while, to one principal or to anyone signed in (contract §6)."""

    class Revocation(models.TextChoices):
        """What took the lease back."""

        SINGLE = "single", _("itself")
        PREFIX = "prefix", _("its prefix")
        KILL_SWITCH = "kill_switch", _("the kill switch")

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
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="leases_revoked",
        null=True,
        blank=True,
        editable=False,
    )
    revocation = models.CharField(
        _("revoked through"), max_length=16, choices=Revocation.choices, blank=True, editable=False
    )
    revoke_reason = models.CharField(
        _("reason of the revocation"), max_length=500, blank=True, default="", editable=False
    )
    # Set once, by whichever process wrote the expiry down first.
    expiry_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LeaseQuerySet.as_manager()

    class Meta:
        db_table = "leases_lease"
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        indexes = [
            models.Index(fields=["capability", "subject", "ttl_until"], name="lease_lookup"),
            # What somebody holds now, of any capability: read with every decision.
            models.Index(fields=["subject", "ttl_until"], name="lease_held"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(capability=""), name="lease_capability_not_empty"),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(used__lte=F("budget")),
                name="lease_used_within_budget",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revocation="")
                | Q(revoked_at__isnull=False, revocation__in=["single", "prefix", "kill_switch"]),
                name="lease_revocation",
            ),
        ]

    def __str__(self) -> str:
        return self.capability

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

    def state_at(self, now: datetime) -> str:
        """``live``, or what ended it first: ``revoked``, ``expired`` or ``used_up``."""
        if self.revoked_at is not None:
            return "revoked"
        if self.ttl_until <= now:
            return "expired"
        return "used_up" if self.budget is not None and self.used >= self.budget else "live"
