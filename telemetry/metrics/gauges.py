"""Gauges for Prometheus that are what the metrics amount to at the time of the scrape
(contract §12).

Only for personas whose consent is on, at most ``PERSONAS_MAX`` of them, those that were given
feedback last, and with at most 51 signals, 50 lanes and 50 slots each. Nodes that share Redis
say the same: aggregate them by ``max``, not by ``sum``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from personas.documents.context_bias import ContextBias, compute_context_bias
from personas.models import Persona
from telemetry.metrics.interface import Metrics
from telemetry.metrics.proposals import ProposalGauges
from telemetry.metrics.store import store
from telemetry.metrics.summary import Snapshot

logger = logging.getLogger(__name__)

PERSONAS_MAX = 500
NAMES_MAX = 50


class PersonaGauges(Collector):
    """Reads the metrics and the records of their personas whenever it is asked."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterable[Metric]:
        """The names alone: registering reads nothing."""
        return self._families().values()

    def collect(self) -> Iterator[Metric]:
        """The gauges now; without samples where the database does not answer."""
        families = self._families()
        try:
            for persona_id, snapshot, bias in self._amounts(timezone.now()):
                strength, lanes, slots = families.values()
                _fill(strength, persona_id, snapshot.signal_strength)
                _fill(lanes, persona_id, bias.lane_priorities)
                _fill(slots, persona_id, bias.slot_overrides)
        except (DatabaseError, InterfaceError):
            logger.exception("persona_gauges_unavailable")
            families = self._families()
        yield from families.values()

    def _amounts(self, now: datetime) -> Iterator[tuple[str, Snapshot, ContextBias]]:
        recent = self._metrics.read_recent(PERSONAS_MAX, now)
        for persona in Persona.objects.filter(pk__in=recent).order_by("pk"):
            if persona.consent.enabled:
                snapshot, _ = recent[persona.pk]
                bias = compute_context_bias(persona.document, snapshot.vibe)
                yield persona.pk, snapshot, bias

    @staticmethod
    def _families() -> dict[str, GaugeMetricFamily]:
        rows = (
            (
                "arw_persona_signal_strength_avg",
                "Mean strength of a signal by weight, of the samples that carry one; 0 to 1.",
                "signal",
            ),
            (
                "arw_persona_lane_priority",
                "What preferences and feedback lean a lane by; -1 to 1.",
                "lane",
            ),
            (
                "arw_persona_slot_override",
                "The least number of items that preferences and feedback ask for in a slot.",
                "slot",
            ),
        )
        return {
            name: GaugeMetricFamily(name, text, labels=["persona", label])
            for name, text, label in rows
        }


def _fill(family: GaugeMetricFamily, persona_id: str, values: Mapping[str, float]) -> None:
    for name, value in islice(values.items(), NAMES_MAX + 1):
        family.add_metric([persona_id, name], value)


def persona_gauges() -> CollectorRegistry:
    """A registry of what is looked up at each scrape: these gauges and those of proposals."""
    registry = CollectorRegistry()
    registry.register(PersonaGauges(store))
    registry.register(ProposalGauges())
    return registry
