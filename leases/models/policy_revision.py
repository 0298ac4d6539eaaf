from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PolicyRevision(models.Model):
    """A policy that is or was in force (contract §6), whole: what its files held is inlined.

    ``revision`` is the SHA-256 of the document's RFC 8785 bytes, so that a decision in the log
    names exactly the rules it was taken by.
    """

    revision = models.CharField(_("revision"), max_length=64, primary_key=True)
    document = models.JSONField(_("document"))
    loaded_at = models.DateTimeField(_("loaded"))
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    objects: ClassVar[models.Manager[PolicyRevision]] = models.Manager()

    class Meta:
        db_table = "leases_policy"
        verbose_name = _("policy revision")
        verbose_name_plural = _("policy revisions")

    def __str__(self) -> str:
        return self.revision[:12]
