"""Connects every receiver of the app: importing the modules does it."""

from telemetry import receipts, retention, selectors
from telemetry.events import news
from telemetry.metrics import counting

__all__ = ["counting", "news", "receipts", "retention", "selectors"]
