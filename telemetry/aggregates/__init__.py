"""What feedback amounts to: the RFC's aggregates, and conflicting votes reconciled. Pure.

Each person counts once, however much they send, and is counted but never named. The definitions
are in ``docs/aggregates.md`` (contract §7, spec 001 'Telemetry & Consent' and its open question
on conflicting feedback).
"""

from telemetry.aggregates.measures import Aggregates, Flag, rfc_aggregates
from telemetry.aggregates.reconciling import Axis, Reconciled, reconcile

__all__ = ["Aggregates", "Axis", "Flag", "Reconciled", "reconcile", "rfc_aggregates"]
