"""What is taken out of feedback before it is kept anywhere (contract §7, §9). Pure."""

from __future__ import annotations

from dataclasses import replace

from telemetry.redaction import NOTE_POLICY, REDACTED, sanitize
from telemetry.samples import DEFAULT_SIGNAL, Sample


def sanitize_sample(sample: Sample) -> Sample:
    """The sample without secrets, personal data and invisible characters.

    ``signal`` and ``kind`` are labels, so one that holds anything of the sort is replaced whole.
    """
    return replace(
        sample,
        signal=_label(sample.signal) or DEFAULT_SIGNAL,
        kind=None if sample.kind is None else _label(sample.kind) or None,
        note=None if sample.note is None else sanitize(sample.note, NOTE_POLICY).value,
        metadata=None if sample.metadata is None else sanitize(sample.metadata, NOTE_POLICY).value,
    )


def _label(text: str) -> str:
    cleaned = sanitize(text, NOTE_POLICY)
    return REDACTED if cleaned.redacted else str(cleaned.value)
