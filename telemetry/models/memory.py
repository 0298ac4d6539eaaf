from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leases.capabilities import OWNER_KINDS
from personas.models import Persona
from personas.models.document_field import DocumentField
from telemetry.models.append_only import AppendOnly


class MemoryItemQuerySet(models.QuerySet["MemoryItem"]):
    def present(self) -> MemoryItemQuerySet:
        """Those that were not erased."""
        return self.filter(erased_at__isnull=True)

    def of_owner(self, owner_kind: str, owner_ref: str) -> MemoryItemQuerySet:
        return self.filter(owner_kind=owner_kind, owner_ref=owner_ref)

    def newest_first(self) -> MemoryItemQuerySet:
        return self.order_by("-updated_at", "-id")

    def since(self, moment: datetime) -> MemoryItemQuerySet:
        return self.filter(created_at__gte=moment)


class MemoryItem(models.Model):
    """One thing remembered, sanitized; it belongs to who wrote it (contract §10).

    Erasing it leaves this row as a tombstone without content, so that citations still resolve.
    """

    class Lane(models.TextChoices):
        EPISODIC = "episodic", _("episodic")
        SEMANTIC = "semantic", _("semantic")
        PROCEDURAL = "procedural", _("procedural")
        PROFILE = "profile", _("profile")
        WORLDVIEW = "worldview", _("worldview")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lane = models.CharField(_("lane"), max_length=16, choices=Lane.choices)
    owner_kind = models.CharField(_("owner kind"), max_length=16)
    owner_ref = models.CharField(_("owner"), max_length=256)
    text = models.TextField(_("text"), blank=True)
    value = DocumentField(_("value"), null=True, blank=True)
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="memory_items"
    )
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = MemoryItemQuerySet.as_manager()

    class Meta:
        db_table = "telemetry_memory_items"
        verbose_name = _("memory item")
        verbose_name_plural = _("memory items")
        indexes = [
            models.Index(
                fields=["owner_kind", "owner_ref", "-updated_at", "-id"], name="memory_of_owner"
            ),
            models.Index(fields=["principal", "-updated_at", "-id"], name="memory_of_principal"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    lane__in=["episodic", "semantic", "procedural", "profile", "worldview"]
                ),
                name="memory_lane",
            ),
            models.CheckConstraint(
                condition=Q(owner_kind__in=list(OWNER_KINDS)), name="memory_owner_kind"
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__gte=0, confidence__lte=1),
                name="memory_confidence_in_range",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(text="", value__isnull=True),
                name="memory_tombstone_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lane} {self.id}"


class MemoryTag(models.Model):
    """A word that an item is found by."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(MemoryItem, models.CASCADE, related_name="tags")
    tag = models.CharField(_("tag"), max_length=64)

    class Meta:
        db_table = "telemetry_memory_tags"
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        indexes = [models.Index(fields=["tag", "item"], name="memory_by_tag")]
        constraints = [models.UniqueConstraint(fields=["item", "tag"], name="memory_tag_once")]

    def __str__(self) -> str:
        return self.tag


class MemoryRelevance(models.Model):
    """How much an item matters to a persona: given by the caller (contract §10)."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(MemoryItem, models.CASCADE, related_name="relevances")
    persona = models.ForeignKey(Persona, models.CASCADE, related_name="memory_relevances")
    score = models.FloatField(_("relevance"))

    class Meta:
        db_table = "telemetry_memory_relevance"
        verbose_name = _("relevance")
        verbose_name_plural = _("relevances")
        constraints = [
            models.UniqueConstraint(fields=["item", "persona"], name="relevance_once"),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="relevance_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score} for {self.persona_id}"


class SharingReceipt(AppendOnly):
    """Proof that memory was shared with personas: which lease, by whom, on which notice (§10)."""

    id = models.BigAutoField(primary_key=True)
    # No foreign key: a receipt outlives the row that it tells of.
    lease_id = models.UUIDField(_("lease"))
    subject = models.CharField(_("subject"), max_length=64)
    scope = models.CharField(_("scope"), max_length=300, blank=True)
    move = models.CharField(
        _("move"), max_length=16, choices=[("grant", _("granted")), ("withdrawal", _("withdrawn"))]
    )
    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="sharing_receipts",
        verbose_name=_("person or automation"),
    )
    notice_version = models.CharField(_("notice version"), max_length=32)
    notice_sha256 = models.CharField(_("notice hash"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        db_table = "telemetry_sharing_receipts"
        verbose_name = _("sharing receipt")
        verbose_name_plural = _("sharing receipts")
        ordering = ("-recorded_at", "-id")

    def __str__(self) -> str:
        words = {"who": self.principal, "scope": self.scope or _("every persona")}
        if self.move == "grant":
            return _("Memory shared by %(who)s with %(scope)s") % words
        return _("Sharing of memory with %(scope)s withdrawn by %(who)s") % words
