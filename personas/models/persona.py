from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from leases.capabilities import Resource
from leases.instants import from_unix_ms, rfc3339
from personas.documents.canonical import FIELDS
from personas.documents.consent import Consent, consent_of
from personas.models.document_field import DocumentField


class PersonaQuerySet(models.QuerySet["Persona"]):
    def newest_first(self) -> PersonaQuerySet:
        return self.order_by("-updated_at", "-id")

    def owned_by(self, owner_kind: str, owner_ref: str) -> PersonaQuerySet:
        return self.filter(owner_kind=owner_kind, owner_ref=owner_ref)

    def with_pending_count(self, now: datetime) -> PersonaQuerySet:
        """Annotates ``pending_count``: proposals that can still be decided at ``now``."""
        from personas.models.proposal import Proposal

        pending = Proposal.objects.pending_at(now).filter(persona=OuterRef("pk")).order_by()
        # A subquery is only run for the rows that are shown; a join would count for all of them.
        counted = pending.values("persona").annotate(count=Count("pk")).values("count")
        return self.annotate(pending_count=Coalesce(Subquery(counted), 0))


class Persona(models.Model):
    """The current state of one persona. Written only by ``personas.services.records``.

    ``version`` is the number of rows in its history; ``updated_at`` is unix milliseconds.
    """

    class OwnerKind(models.TextChoices):
        WORKSPACE = "workspace", _("workspace")
        PROJECT = "project", _("project")
        AGENT = "agent", _("agent")

    id = models.CharField(primary_key=True, max_length=128)
    owner_kind = models.CharField(_("owner kind"), max_length=16, choices=OwnerKind.choices)
    owner_ref = models.CharField(_("owner"), max_length=256)
    name = models.CharField(_("name"), max_length=200, null=True, blank=True)  # noqa: DJ001  null is part of the record
    archetype = models.CharField(_("archetype"), max_length=200, null=True, blank=True)  # noqa: DJ001  likewise
    traits = DocumentField(_("traits"), default=dict)
    preferences = DocumentField(_("preferences"), default=dict)
    worldview = DocumentField(_("worldview"), default=dict)
    vibe_profile = DocumentField(_("vibe profile"), default=dict)
    calibration = DocumentField(_("calibration"), default=dict)
    updated_at = models.BigIntegerField(_("updated at"))
    version = models.PositiveIntegerField(_("version"))

    objects = PersonaQuerySet.as_manager()

    class Meta:
        db_table = "persona_entries"
        verbose_name = _("persona")
        verbose_name_plural = _("personas")
        indexes = [
            models.Index(fields=["owner_kind", "owner_ref"], name="persona_owner"),
            models.Index(fields=["-updated_at", "-id"], name="persona_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner_kind__in=["workspace", "project", "agent"]),
                name="persona_owner_kind",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="persona_version_positive"),
        ]

    def __str__(self) -> str:
        return self.name or self.id

    def get_absolute_url(self) -> str:
        return reverse("admin:personas_persona_page", args=[self.pk])

    @property
    def updated(self) -> str:
        """The instant of the last change in RFC 3339, with milliseconds."""
        return rfc3339(self.updated_on)

    @property
    def updated_on(self) -> datetime:
        return from_unix_ms(self.updated_at).astimezone(UTC)

    @property
    def document(self) -> dict[str, Any]:
        """The record without version and times: what diffs, digests and replay are over (§3)."""
        return {field: getattr(self, field) for field in FIELDS}

    @property
    def consent(self) -> Consent:
        """Whether telemetry may be taken, and under which scope (contract §7)."""
        return consent_of(self.document)

    @property
    def resource(self) -> Resource:
        """What leases and policy see of the persona."""
        return Resource(self.id, self.owner_kind, self.owner_ref)
