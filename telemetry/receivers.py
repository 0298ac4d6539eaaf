"""Connects every receiver of the app: importing the modules does it."""

from telemetry import receipts, retention, selectors
from telemetry.audit import receivers as audit
from telemetry.events import drift_news, journal_news, lease_news, memory_news, news, worldview_news
from telemetry.memory import sharing_receipts
from telemetry.metrics import counting, proposals

__all__ = [
    "audit",
    "counting",
    "drift_news",
    "journal_news",
    "lease_news",
    "memory_news",
    "news",
    "proposals",
    "receipts",
    "retention",
    "selectors",
    "sharing_receipts",
    "worldview_news",
]
