"""The server's own worker: one thread per process that runs the sweeps (see ``arw_site.sweeps``).

Any number of processes may have one. ``ARW_WORKER=false`` leaves the work to `manage.py sweep`.
"""

from __future__ import annotations

import atexit
import logging
import random
import threading
import time
from collections.abc import Sequence

from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone

from arw_site.sweeps import SWEEPS, Sweep, Swept, run_sweeps

logger = logging.getLogger(__name__)

TURN_SECONDS = 5.0
JITTER = 0.3
GRACE_SECONDS = 2.0


class Worker(threading.Thread):
    """Runs what is due, again and again, until the process ends or ``stop`` is called."""

    def __init__(
        self, sweeps: Sequence[Sweep] = SWEEPS, *, turn_seconds: float = TURN_SECONDS
    ) -> None:
        # A daemon: a send that hangs must not keep the process from ending.
        super().__init__(name="arw-worker", daemon=True)
        self._sweeps = sweeps
        self._turn_seconds = turn_seconds
        self._stopping = threading.Event()
        self._last_run: dict[str, float] = {}
        self._failing: set[str] = set()

    def run(self) -> None:
        while not self._stopping.wait(self._pause()):
            self.turn()

    def stop(self) -> None:
        """End it after the turn under way; waits a moment for that."""
        self._stopping.set()
        if self.is_alive():
            self.join(GRACE_SECONDS)

    def turn(self) -> None:
        """Run what is due once, and let go of the database."""
        for sweep in self._due(time.monotonic()):
            if self._stopping.is_set():
                break
            began = time.monotonic()
            try:
                swept = run_sweeps([sweep], clock=timezone.now)
            finally:
                connections.close_all()
            if sweep.name in swept.amounts:
                self._last_run[sweep.name] = began
            self._report(swept)

    def _pause(self) -> float:
        # Processes that were started together do not stay in step.
        spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  no secret is made of it
        return self._turn_seconds * spread

    def _due(self, moment: float) -> list[Sweep]:
        return [
            sweep
            for sweep in self._sweeps
            if moment - self._last_run.get(sweep.name, float("-inf")) >= sweep.every.total_seconds()
        ]

    def _report(self, swept: Swept) -> None:
        """One line for what was done, and one each for trouble that begins or is over."""
        for name, amount in swept.amounts.items():
            if name in self._failing:
                self._failing.discard(name)
                logger.info("sweep_recovered", extra={"sweep": name})
            if amount:
                logger.info("swept", extra={"sweep": name, "amount": amount})
        for name, error in swept.failures.items():
            if name not in self._failing:
                self._failing.add(name)
                facts = {"sweep": name, "error": type(error).__name__}
                outage = isinstance(error, (OperationalError, InterfaceError))
                logger.error("sweep_failed", extra=facts, exc_info=None if outage else error)


def start_worker() -> Worker:
    """Start a worker that ends with the process."""
    worker = Worker()
    worker.start()
    atexit.register(worker.stop)
    return worker
