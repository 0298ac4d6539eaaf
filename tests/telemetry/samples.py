"""What the tests of feedback look at: stored samples, metrics, and all that a refusal must leave."""

from typing import Any

from django.utils import timezone

from leases.models import Lease
from personas.models import Persona
from telemetry.models import IdempotencyRecord, VibeSample
from telemetry.selectors import vibe_metrics

FEEDBACK = "/persona/persona.alpha/feedback"
HISTORY = "/state/persona/persona.alpha/vibe_history"
METRICS = "/state/persona/persona.alpha/vibe_metrics"
AGGREGATES = "/state/persona/persona.alpha/vibe_aggregates"
TOGGLE = "/admin/persona/persona.alpha/telemetry"
RECEIPTS = "/state/persona/persona.alpha/receipts"
SAMPLES = "/admin/persona/persona.alpha/samples"


def everything() -> dict[str, Any]:
    """All that a refused request must leave as it was."""
    metrics = vibe_metrics("persona.alpha", now=timezone.now())
    return {
        "samples": list(VibeSample.objects.order_by("pk").values()),
        "keys": list(IdempotencyRecord.objects.order_by("pk").values()),
        "used": dict(Lease.objects.values_list("id", "used")),
        "records": list(Persona.objects.values()),
        "counts": metrics["signal_counts"],
    }


def signals() -> list[str]:
    """The stored signals, in the order in which they came."""
    return list(VibeSample.objects.order_by("recorded_at", "pk").values_list("signal", flat=True))
