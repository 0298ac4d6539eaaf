"""Tables of feedback and consent (contract §7)."""

from telemetry.models.idempotency import IdempotencyRecord
from telemetry.models.receipt import ConsentReceipt
from telemetry.models.sample import VibeSample

__all__ = ["ConsentReceipt", "IdempotencyRecord", "VibeSample"]
