"""Tables of feedback, consent, memory and what a persona learns from (contract §7, §10)."""

from telemetry.models.action import ActionRecord
from telemetry.models.idempotency import IdempotencyRecord
from telemetry.models.journal import JournalAnswer, JournalRhythm
from telemetry.models.memory import MemoryItem, MemoryRelevance, MemoryTag, SharingReceipt
from telemetry.models.receipt import ConsentReceipt
from telemetry.models.sample import VibeSample
from telemetry.models.self_model import DriftState, SelfModelReport

__all__ = [
    "ActionRecord",
    "ConsentReceipt",
    "DriftState",
    "IdempotencyRecord",
    "JournalAnswer",
    "JournalRhythm",
    "MemoryItem",
    "MemoryRelevance",
    "MemoryTag",
    "SelfModelReport",
    "SharingReceipt",
    "VibeSample",
]
