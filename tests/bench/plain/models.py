from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver

RETAIN = 50


class PlainSample(models.Model):
    persona_id = models.CharField(max_length=128)
    kind = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001  as in the product
    signal = models.CharField(max_length=64)
    strength = models.FloatField(null=True, blank=True)
    note = models.TextField(null=True, blank=True)  # noqa: DJ001  likewise
    metadata = models.JSONField(null=True, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "plain"
        indexes = [models.Index(fields=["persona_id", "-recorded_at", "-id"], name="plain_newest")]

    def __str__(self) -> str:
        return self.signal


@receiver(post_save, sender=PlainSample)
def trim(instance: PlainSample, **_: Any) -> None:
    own = PlainSample.objects.filter(persona_id=instance.persona_id)
    newest = own.order_by("-recorded_at", "-id").values("pk")[:RETAIN]
    own.exclude(pk__in=newest).delete()
