"""Whether anybody listens: where nobody does, what arrives may be taken in a little later. Pure."""

from __future__ import annotations

import threading
import time

LASTS_SECS = 1.0


class Attention:
    """Paid by readers, from any thread; one thread of its own waits for it."""

    def __init__(self) -> None:
        self._paid = threading.Event()
        self.last = -LASTS_SECS

    def pay(self) -> None:
        """Somebody wants to know what happens, from now on for a moment."""
        self.last = time.monotonic()
        if not self._paid.is_set():
            self._paid.set()

    def wait(self, seconds: float) -> None:
        """Return at once where somebody does, else when somebody comes or after ``seconds``."""
        self._paid.clear()
        if time.monotonic() - self.last >= LASTS_SECS:
            self._paid.wait(seconds)
