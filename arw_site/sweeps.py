"""What is to be done because time has passed: by `manage.py sweep`, and by the server's worker.

Every sweep can run at any time, in any number of processes at once: each takes what it works on
by a conditional update, or deletes what is too old anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leases.services.decision_log import decisions_prune
from leases.services.expiry import leases_expire
from personas.services.expiry import proposals_expire
from personas.services.inbox import news_prune
from personas.services.notifying import outcomes_announce
from personas.services.outbox import outbox_drain
from personas.services.quotas import quotas_prune
from personas.services.reminders import proposals_remind
from telemetry.actions.running import actions_prune
from telemetry.journal.reminding import reflections_remind
from telemetry.memory.drift_watch import worldviews_watch
from telemetry.self_model.reporting import reports_prune
from telemetry.services.erasure import telemetry_prune

EACH_TURN = timedelta(0)
HOURLY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sweep:
    """``run(now)`` does what is due and returns how much that was. ``every``: for the worker."""

    name: str
    run: Callable[[datetime], int]
    every: timedelta = EACH_TURN


@dataclass(frozen=True, slots=True)
class Swept:
    """What came of it: amounts by the sweep's name, and what went wrong."""

    amounts: dict[str, int] = field(default_factory=dict)
    failures: dict[str, Exception] = field(default_factory=dict)


def run_sweeps(sweeps: Iterable[Sweep], *, clock: Callable[[], datetime]) -> Swept:
    """Run each once, with the time at which it begins. One that fails does not keep the others."""
    swept = Swept()
    for sweep in sweeps:
        try:
            swept.amounts[sweep.name] = sweep.run(clock())
        except Exception as error:  # noqa: BLE001  whatever it is, the caller reports it
            swept.failures[sweep.name] = error
    return swept


def _expire(now: datetime) -> int:
    total = 0
    while marked := proposals_expire(now=now):
        total += marked
    return total


def _expire_leases(now: datetime) -> int:
    total = 0
    while told := leases_expire(now=now):
        total += told
    return total


SWEEPS: tuple[Sweep, ...] = (
    Sweep("proposals_expired", _expire),
    Sweep("leases_expired", _expire_leases),
    Sweep("proposals_reminded", lambda now: proposals_remind(now=now)),
    Sweep("reflections_reminded", lambda now: reflections_remind(now=now)),
    Sweep("outcomes_announced", lambda now: outcomes_announce(now=now)),
    Sweep("messages_sent", lambda now: outbox_drain(now=now)),
    Sweep("telemetry_pruned", lambda now: sum(telemetry_prune(now=now).values()), HOURLY),
    Sweep("worldviews_drifted", lambda now: worldviews_watch(now=now), HOURLY),
    Sweep("news_pruned", lambda now: news_prune(now=now), HOURLY),
    Sweep("actions_pruned", lambda now: actions_prune(now=now), HOURLY),
    Sweep("reports_pruned", lambda now: reports_prune(now=now), HOURLY),
    Sweep("quotas_pruned", lambda now: quotas_prune(now=now), HOURLY),
    Sweep("decisions_pruned", lambda now: decisions_prune(now=now), HOURLY),
)
