"""What is taken out of feedback before it is kept anywhere (contract §7, §9). Pure."""

from __future__ import annotations

from telemetry.redaction import NOTE_POLICY, REDACTED, is_safe_text, sanitize
from telemetry.samples import DEFAULT_SIGNAL, Sample

LABELS_REMEMBERED = 4096


def sanitize_sample(sample: Sample) -> Sample:
    """The sample without secrets, personal data and invisible characters.

    ``signal`` and ``kind`` are labels, so one that holds anything of the sort is replaced whole.
    """
    note, metadata = sample.note, sample.metadata
    return Sample(
        _label(sample.signal) or DEFAULT_SIGNAL,
        None if sample.kind is None else _label(sample.kind) or None,
        sample.strength,
        note
        if note is None or is_safe_text(note, NOTE_POLICY)
        else sanitize(note, NOTE_POLICY).value,
        metadata if metadata is None else sanitize(metadata, NOTE_POLICY).value,
        sample.id,
    )


# Labels come again and again. Only harmless ones are remembered, and no more than a bounded number.
_harmless: set[str] = set()


def _label(text: str) -> str:
    if text in _harmless:
        return text
    cleaned = sanitize(text, NOTE_POLICY)
    if cleaned.redacted:
        return REDACTED
    label = str(cleaned.value)
    if label == text:
        if len(_harmless) >= LABELS_REMEMBERED:
            _harmless.clear()
        _harmless.add(text)
    return label
