"""What the thin doors serve, in the same series and labels as what Django serves (contract §12).

django-prometheus counts in middleware, where these requests do not pass. Thirteen series rise with
each, which costs a thin door a tenth of its time: so it notes what it served, and a moment later
as many are added at once.
"""

from __future__ import annotations

import asyncio
import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from http import HTTPStatus

from django.conf import settings
from django.urls import resolve
from django_prometheus.middleware import Metrics
from prometheus_client import Counter, Histogram

from telemetry.door.asgi import Headers, Message

DELAY = 0.25  # seconds
CHARSET = "utf-8"

_METRICS = Metrics.get_instance()
_TIMES: Sequence[float] = _METRICS.requests_latency_before._upper_bounds
_SIZES: Sequence[float] = _METRICS.responses_body_bytes._upper_bounds


class _Noted:
    """Requests that were answered with one status since they were last added."""

    __slots__ = ("received", "received_sum", "seconds", "seconds_sum", "sent", "sent_sum")

    def __init__(self) -> None:
        self.received, self.received_sum = [0] * len(_SIZES), 0
        self.sent, self.sent_sum = [0] * len(_SIZES), 0
        self.seconds, self.seconds_sum = [0] * len(_TIMES), 0.0


class Meter:
    """Counts the requests of one view, method and transport; for any thread.

    On an event loop what it counted is added after ``DELAY`` at the latest.
    """

    def __init__(self, view: str, method: str, transport: str, *, ajax: bool) -> None:
        self._view, self._method = view, method
        metrics = _METRICS
        self._always = [
            metrics.requests_total,
            metrics.responses_total,
            metrics.requests_by_method.labels(method=method),
            metrics.requests_by_transport.labels(transport=transport),
            metrics.requests_by_view_transport_method.labels(
                view=view, transport=transport, method=method
            ),
            metrics.responses_by_charset.labels(charset=CHARSET),
            *([metrics.requests_ajax] if ajax else []),
        ]
        self._latencies = (
            metrics.requests_latency_before,
            metrics.requests_latency_by_view_method.labels(view=view, method=method),
        )
        self._lock = threading.Lock()
        self._noted: dict[int, _Noted] = {}
        _meters.append(self)

    def count(self, status: int, *, received: int, sent: int, began: float) -> None:
        """Note an answer: sizes of both bodies in bytes, and when the request came (monotonic)."""
        seconds = time.monotonic() - began
        with self._lock:
            noted = self._noted.get(status)
            if noted is None:
                if not self._noted:
                    asyncio.get_running_loop().call_later(DELAY, self.add)
                noted = self._noted[status] = _Noted()
            noted.received[bisect_left(_SIZES, received)] += 1
            noted.received_sum += received
            noted.sent[bisect_left(_SIZES, sent)] += 1
            noted.sent_sum += sent
            noted.seconds[bisect_left(_TIMES, seconds)] += 1
            noted.seconds_sum += seconds

    def add(self) -> None:
        """Add what was noted to the series."""
        with self._lock:
            taken, self._noted = self._noted, {}
        for status, noted in taken.items():
            requests = sum(noted.seconds)
            for counter in (*self._always, *self._of_status(status)):
                counter.inc(requests)
            for histogram in self._latencies:
                _observe(histogram, noted.seconds, noted.seconds_sum)
            _observe(_METRICS.requests_body_bytes, noted.received, noted.received_sum)
            _observe(_METRICS.responses_body_bytes, noted.sent, noted.sent_sum)

    def _of_status(self, status: int) -> Iterable[Counter]:
        name = str(status)
        yield _METRICS.responses_by_status.labels(status=name)
        yield _METRICS.responses_by_status_view_method.labels(
            status=name, view=self._view, method=self._method
        )
        if status < HTTPStatus.BAD_REQUEST:
            # What is shown is rendered by REST framework, whose responses might have a template.
            yield _METRICS.responses_by_templatename.labels(templatename="None")


_meters: list[Meter] = []
_kept = lru_cache(maxsize=None)(Meter)  # as many as there are views that the doors serve


def meter_of(scope: Message, look: Headers | tuple[tuple[bytes, bytes], ...]) -> Meter:
    """The meter of requests like this one; ``look`` are its headers."""
    forwarded = settings.SECURE_PROXY_SSL_HEADER and (b"x-forwarded-proto", b"https") in look
    transport = "https" if forwarded or scope.get("scheme") == "https" else "http"
    ajax = (b"x-requested-with", b"XMLHttpRequest") in look
    return _kept(resolve(scope["path"]).view_name, scope["method"], transport, ajax=ajax)


def add_what_was_served() -> None:
    """Have every series count all that this process has served."""
    for meter in _meters:
        meter.add()


def _observe(histogram: Histogram, counts: Sequence[int], total: float) -> None:
    """As many observations at once, by the buckets that they fall into."""
    for place, count in enumerate(counts):
        if count:
            histogram._buckets[place].inc(count)
    histogram._sum.inc(total)
