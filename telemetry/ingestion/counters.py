"""What Prometheus is told of ingestion (contract §12): once for each commit, not for each request.

Requests for feedback that succeed never reach Django's middleware, so its metrics do not know
them: these do.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from prometheus_client import Counter, Gauge, Histogram

from telemetry.ingestion.submission import Outcome

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter("arw_ingest_requests_total", "Requests for feedback that were accepted.")
COMMIT_SECONDS = Histogram(
    "arw_ingest_commit_seconds",
    "Time to judge and store the requests of one commit.",
    buckets=_SECONDS,
)
WAIT_SECONDS = Histogram(
    "arw_ingest_wait_seconds",
    "Time from handing in to the answer, of the request of each commit that waited longest.",
    buckets=_SECONDS,
)
COMMIT_SAMPLES = Histogram(
    "arw_ingest_commit_samples",
    "Samples that were handed in for one commit.",
    buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000),
)
QUEUE = Gauge(
    "arw_ingest_queue_samples",
    "Samples that wait to be stored, those of the commit under way included.",
    multiprocess_mode="livesum",
)
QUEUE_MAX = Gauge(
    "arw_ingest_queue_max_samples",
    "Samples that may wait before requests are answered with 503.",
    multiprocess_mode="livesum",
)
QUEUE_MAX.set(settings.ARW_INGEST_QUEUE)


def count_commit(outcomes: Sequence[Outcome], samples: int, seconds: float, waited: float) -> None:
    """Count the requests of one commit; ``waited``: how long the first of them waited, in seconds."""
    REQUESTS.inc(sum(isinstance(outcome, int) for outcome in outcomes))
    COMMIT_SECONDS.observe(seconds)
    WAIT_SECONDS.observe(waited)
    COMMIT_SAMPLES.observe(samples)
