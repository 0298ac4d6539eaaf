from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from personas.models.document_field import DocumentField


class ActionRecord(models.Model):
    """One request through the door for actions, and what came of it (contract §10).

    ``output`` names what was written or found by its id and holds none of its content, so that
    an erasure has nothing to reach here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=64)
    principal = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="actions")
    key = models.CharField(_("idempotency key"), max_length=200, blank=True)
    input_sha256 = models.CharField(_("input hash"), max_length=64)
    output = DocumentField(_("output"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        db_table = "telemetry_actions"
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        indexes = [models.Index(fields=["created_at"], name="action_age")]
        constraints = [
            models.UniqueConstraint(
                fields=["principal", "kind", "key"], condition=~Q(key=""), name="action_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
