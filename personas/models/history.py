from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leases.instants import rfc3339, to_milliseconds
from personas.documents.chain import ChainRow
from personas.errors import HistoryIsAppendOnly
from personas.models.document_field import DocumentField
from personas.models.persona import Persona
from personas.models.proposal import Proposal


def _hashed(moment: datetime) -> str:
    """The instant as it is hashed; a part of a millisecond, which nobody writes, shows as well."""
    if moment == to_milliseconds(moment):
        return rfc3339(moment)
    return moment.astimezone(UTC).isoformat()


class HistoryQuerySet(models.QuerySet["HistoryEntry"]):
    def newest_first(self) -> HistoryQuerySet:
        return self.order_by("-version")

    def oldest_first(self) -> HistoryQuerySet:
        return self.order_by("version")

    def update(self, **kwargs: Any) -> NoReturn:
        raise HistoryIsAppendOnly

    def delete(self) -> NoReturn:
        raise HistoryIsAppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HistoryIsAppendOnly

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        # It can replace rows; a row of history is written by itself.
        raise HistoryIsAppendOnly


class HistoryEntry(models.Model):
    """One applied change. Append-only: rows are never changed or deleted (contract §5).

    ``diff`` leads from the version before to this one, ``inverse`` back. ``entry_hash`` chains
    the rows of a persona.
    """

    class Kind(models.TextChoices):
        CREATE = "create", _("created")
        PROPOSAL = "proposal", _("approved change")
        CONSENT = "consent", _("consent changed")
        CALIBRATION = "calibration", _("calibrated")

    id = models.BigAutoField(primary_key=True)
    persona = models.ForeignKey(Persona, models.PROTECT, related_name="history")
    version = models.PositiveIntegerField(_("version"))
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, null=True, blank=True, related_name="history"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    diff = DocumentField(_("diff"))
    inverse = DocumentField(_("inverse"))
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="applied_changes"
    )
    applied_at = models.DateTimeField(_("applied"))
    document_digest = models.CharField(_("document digest"), max_length=64)
    prev_hash = models.CharField(_("previous hash"), max_length=64)
    entry_hash = models.CharField(_("entry hash"), max_length=64)

    objects = HistoryQuerySet.as_manager()

    class Meta:
        db_table = "persona_history"
        # What reaches past the default manager, as `proposal.history.add(entry)` does, is refused
        # like everything else.
        base_manager_name = "objects"
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        constraints = [
            models.UniqueConstraint(fields=["persona", "version"], name="history_one_per_version"),
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(proposal__isnull=False),
                name="history_one_per_proposal",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["create", "proposal", "consent", "calibration"]),
                name="history_kind",
            ),
        ]

    def __str__(self) -> str:
        return _("%(persona)s, version %(version)d") % {
            "persona": self.persona,
            "version": self.version,
        }

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise HistoryIsAppendOnly
        # Without this, a new object with the id of an old row would replace the row.
        super().save(*args, **{**kwargs, "force_insert": True})

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise HistoryIsAppendOnly
        super().save_base(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HistoryIsAppendOnly

    def as_row(self) -> ChainRow:
        """The row as the chain hashes it."""
        return ChainRow(
            persona_id=self.persona_id,
            version=self.version,
            kind=str(self.kind),
            diff=self.diff,
            inverse=self.inverse,
            proposal_id=None if self.proposal_id is None else str(self.proposal_id),
            applied_by=str(self.applied_by_id),
            applied_at=_hashed(self.applied_at),
            document_digest=self.document_digest,
            prev_hash=self.prev_hash,
            entry_hash=self.entry_hash,
        )
