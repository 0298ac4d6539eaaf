from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leases.models import LeaseRequest, User
from personas.models.persona import Persona
from personas.models.proposal import Proposal

_ON_LEASES = ("lease_requested", "lease_granted", "lease_denied")
_ON_PERSONAS = ("reflection_due",)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, user: User) -> NotificationQuerySet:
        return self.filter(recipient=user)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at__isnull=True)

    def newest_first(self) -> NotificationQuerySet:
        return self.order_by("-created_at", "-pk")

    def older_than(self, moment: datetime) -> NotificationQuerySet:
        return self.filter(created_at__lt=moment)


class Notification(models.Model):
    """One piece of news in one person's inbox. It holds no text: what it is about has it.

    That is one proposal, one request for a lease, or one persona. ``key`` names what happened, so
    that news which is written twice arrives once.
    """

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("waits for your decision")
        REVISED = "revised", _("was revised")
        APPROVAL_RECORDED = "approval_recorded", _("was approved, and needs further approvals")
        APPROVED = "approved", _("was approved and applied")
        REJECTED = "rejected", _("was rejected")
        WITHDRAWN = "withdrawn", _("was withdrawn")
        COMMENTED = "commented", _("has a new comment")
        CHANGES_REQUESTED = "changes_requested", _("needs changes")
        EXPIRING = "expiring", _("expires soon")
        EXPIRED = "expired", _("expired")
        LEASE_REQUESTED = "lease_requested", _("was asked for, and waits for your answer")
        LEASE_GRANTED = "lease_granted", _("was granted to you")
        LEASE_DENIED = "lease_denied", _("was not granted to you")
        REFLECTION_DUE = "reflection_due", _("asks for a reflection")

    id = models.BigAutoField(primary_key=True)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="notifications", null=True, blank=True
    )
    lease_request = models.ForeignKey(
        LeaseRequest, models.CASCADE, related_name="+", null=True, blank=True
    )
    persona = models.ForeignKey(Persona, models.CASCADE, related_name="+", null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    key = models.CharField(_("key"), max_length=120)
    created_at = models.DateTimeField(_("created"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "personas_notifications"
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notification_inbox"),
            models.Index(
                fields=["recipient"],
                condition=Q(read_at__isnull=True),
                name="notification_unread",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="notification_once"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "submitted",
                        "revised",
                        "approval_recorded",
                        "approved",
                        "rejected",
                        "withdrawn",
                        "commented",
                        "changes_requested",
                        "expiring",
                        "expired",
                        *_ON_LEASES,
                        *_ON_PERSONAS,
                    ]
                ),
                name="notification_kind",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=_ON_LEASES,
                    lease_request__isnull=False,
                    proposal__isnull=True,
                    persona__isnull=True,
                )
                | Q(
                    kind__in=_ON_PERSONAS,
                    persona__isnull=False,
                    proposal__isnull=True,
                    lease_request__isnull=True,
                )
                | (
                    ~Q(kind__in=(*_ON_LEASES, *_ON_PERSONAS))
                    & Q(lease_request__isnull=True, proposal__isnull=False, persona__isnull=True)
                ),
                name="notification_about",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.proposal_id or self.lease_request_id or self.persona_id}"

    @property
    def about(self) -> Proposal | LeaseRequest | Persona:
        """What it is about."""
        subject = self.proposal or self.lease_request or self.persona
        assert subject is not None  # noqa: S101  the constraint says so
        return subject

    @property
    def address(self) -> str:
        """The page on which something can be done about it."""
        return address_of(self.about)

    @property
    def title(self) -> str:
        """What it is about in words, before what happened to it."""
        if self.proposal is not None:
            return gettext("A change to %(name)s") % {"name": self.proposal.persona}
        if self.persona is not None:
            return str(self.persona)
        assert self.lease_request is not None  # noqa: S101  the constraint says so
        return gettext("A lease for %(capability)s") % {"capability": self.lease_request.capability}


def address_of(about: Proposal | LeaseRequest | Persona) -> str:
    """Where news about it leads: a persona asks for something, and the journal takes the answer."""
    if isinstance(about, Persona):
        return f"{reverse('admin:desk_journal')}#due-{about.pk}"
    return about.get_absolute_url()
