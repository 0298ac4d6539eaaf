"""Connects every receiver of the app: importing the modules does it."""

from telemetry import receipts, retention, selectors
from telemetry.audit import receivers as audit
from telemetry.events import lease_news, news
from telemetry.metrics import counting, proposals

__all__ = [
    "audit",
    "counting",
    "lease_news",
    "news",
    "proposals",
    "receipts",
    "retention",
    "selectors",
]
