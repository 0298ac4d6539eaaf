"""Removes secrets and personal data from values before they are stored.

Implements the sanitizer of spec 002 ("Data minimization and secret safety") and of contract
sections 7 and 9. Pure: no Django, no I/O but one word list. The detectors load on first need.
"""

from telemetry.redaction.policy import (
    EVENT_POLICY,
    NOTE_POLICY,
    REDACTED,
    TRUNCATED,
    Policy,
    Sanitized,
)
from telemetry.redaction.sanitizer import is_safe_text, sanitize, sanitize_text

__all__ = [
    "EVENT_POLICY",
    "NOTE_POLICY",
    "REDACTED",
    "TRUNCATED",
    "Policy",
    "Sanitized",
    "is_safe_text",
    "sanitize",
    "sanitize_text",
]
