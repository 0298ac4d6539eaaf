"""The words of `admin persona seed`, column for column those of the reference server. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from arw_site.cli.output import one_line
from personas.documents.consent import consent_of

TOP_SIGNALS = 8


def seeded_lines(record: dict[str, Any], *, telemetry: bool) -> Iterator[str]:
    """What was created."""
    owner = f"owner_kind={record.get('owner_kind')}, owner_ref={record.get('owner_ref')}"
    yield f"Seeded persona {record.get('id')} ({one_line(owner)})"
    if telemetry:
        yield f"Telemetry enabled (scope: {one_line(consent_of(record).scope)})"


def preview_lines(detail: dict[str, Any]) -> Iterator[str]:
    """The previews that the server shows of it: none without consent and lease (contract §7)."""
    bias = detail.get("context_bias_preview")
    if isinstance(bias, dict) and any(bias.values()):
        yield "Context bias preview:"
        yield from _bias(bias)
    metrics = detail.get("vibe_metrics_preview")
    if isinstance(metrics, dict):
        yield "Vibe metrics preview:"
        yield from _metrics(metrics)


def _bias(bias: dict[str, Any]) -> Iterator[str]:
    for lane, weight in sorted((bias.get("lane_priorities") or {}).items()):
        yield f"  lane {one_line(lane):<16} {weight:+.2f}"
    slots = bias.get("slot_overrides") or {}
    if slots:
        yield "  slot minimums:"
    for slot, minimum in sorted(slots.items()):
        yield f"    {one_line(slot):<16} {minimum}"
    if bias.get("min_score_delta"):
        yield f"  min_score_delta: {bias['min_score_delta']:+.2f}"


def _metrics(metrics: dict[str, Any]) -> Iterator[str]:
    yield f"  total_feedback: {metrics.get('total_feedback', 0)}"
    if metrics.get("average_strength") is not None:
        yield f"  average_strength: {metrics['average_strength']:.2f}"
    counts = metrics.get("signal_counts") or {}
    weights, strengths = metrics.get("signal_weights") or {}, metrics.get("signal_strength") or {}
    if counts:
        yield "  top signals:"
    first = sorted(counts, key=lambda name: (-weights.get(name, counts[name]), name))
    for name in first[:TOP_SIGNALS]:
        yield (
            f"    {one_line(name):<16} count={counts[name]} weight={weights.get(name, 0):.2f} "
            f"avg_strength={strengths.get(name, 0):.2f}"
        )
