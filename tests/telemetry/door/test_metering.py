"""What a thin door serves stands in the same series as what Django serves (contract §12)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from prometheus_client import REGISTRY

from telemetry.door.metering import add_what_was_served
from telemetry.ingestion import ingestor as ingestors
from telemetry.ingestion.ingestor import Ingestor, start_ingestor, stop_ingestor
from telemetry.reading import reader as readers
from telemetry.reading.reader import Reader
from tests.people import grant, make_persona, someone
from tests.telemetry.door.conftest import Bearer, Doors, Headers
from tests.telemetry.events.nodes import until
from tests.telemetry.ingestion.conftest import Doors as FeedbackDoors
from tests.telemetry.ingestion.exchange import Request, ask, exchange

Series = Counter[tuple[str, tuple[tuple[str, str], ...]]]
DETAIL = "/state/persona/persona.alpha"
PATHS = (DETAIL, f"{DETAIL}/vibe_metrics", f"{DETAIL}/vibe_history", "/state/persona")
MORE: tuple[Headers, ...] = ((), (("X-Requested-With", "XMLHttpRequest"),))


@pytest.fixture
def own(bearer: Bearer) -> Headers:
    """What alice presents, on a persona whose feedback she may give and read."""
    grant("telemetry:persona:workspace")
    make_persona(preferences={"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}})
    return bearer(someone("alice"))


@pytest.fixture
def feedback_doors(own: Headers) -> Iterator[FeedbackDoors]:
    start_ingestor()
    yield FeedbackDoors()
    stop_ingestor()


def series() -> Series:
    """Every number on HTTP that Prometheus would be shown now; of latencies how many there are."""
    return Counter(
        {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in REGISTRY.collect()
            if family.name.startswith("django_http")
            for sample in family.samples
            if not ("latency" in sample.name and sample.name.endswith(("_bucket", "_sum")))
        }
    )


def rise(happens: Callable[[], Any]) -> Series:
    """By how much each rises with what happens."""
    add_what_was_served()
    before = series()
    happens()
    add_what_was_served()
    return series() - before


def feedback(own: Headers, more: Headers = ()) -> Request:
    headers = (("Content-Type", "application/json"), *more, *own)
    return Request("/persona/persona.alpha/feedback", (b'{"signal":"warmer"}',), headers=headers)


@pytest.mark.parametrize("more", MORE, ids=["plain", "ajax"])
@pytest.mark.parametrize("path", PATHS)
def test_it_counts_reads_as_django_does(
    doors: Doors, own: Headers, path: str, more: Headers
) -> None:
    request = Request(path, method="GET", headers=(*more, *own))
    doors.warm((*more, *own), path)
    doors.passed_on = 0
    thin = rise(lambda: ask(doors.thin, request, request))
    assert doors.passed_on == 0
    thick = rise(lambda: ask(doors.drf, request, request))
    assert thin == thick
    assert thin["django_http_requests_before_middlewares_total", ()] == 2
    assert thin["django_http_ajax_requests_total", ()] == (2 if more else 0)


@pytest.mark.parametrize("more", MORE, ids=["plain", "ajax"])
def test_it_counts_feedback_as_django_does(
    feedback_doors: FeedbackDoors, own: Headers, more: Headers
) -> None:
    doors, request = feedback_doors, feedback(own, more)
    ask(doors.thin, request)
    doors.passed_on = 0
    thin = rise(lambda: ask(doors.thin, request, request))
    assert doors.passed_on == 0
    assert thin == rise(lambda: ask(doors.drf, request, request))
    assert thin["django_http_requests_body_total_bytes_sum", ()] == 2 * len(request.chunks[0])


def test_it_counts_once_what_it_passes_on(doors: Doors, own: Headers, bearer: Bearer) -> None:
    doors.warm(own, *PATHS)
    stranger = Request(DETAIL, method="GET", headers=bearer(someone("charlie")))
    thin = rise(lambda: ask(doors.thin, stranger))
    assert doors.passed_on > len(PATHS)
    assert thin == rise(lambda: ask(doors.drf, stranger))
    assert thin["django_http_responses_total_by_status_total", (("status", "403"),)] == 1


def test_it_counts_what_it_refuses_by_itself(
    doors: Doors, feedback_doors: FeedbackDoors, own: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.warm(own, *PATHS)
    ask(feedback_doors.thin, feedback(own))
    monkeypatch.setattr(readers, "_running", Reader(most=0))
    full = Ingestor(max_samples=1, max_bytes=1)
    assert full.reserve(1)
    monkeypatch.setattr(ingestors, "_running", full)
    reads = [Request(path, method="GET", headers=own) for path in PATHS]
    rose = rise(lambda: [ask(doors.thin, *reads), ask(feedback_doors.thin, feedback(own))])
    assert rose["django_http_responses_total_by_status_total", (("status", "503"),)] == 5
    views = {
        dict(labels)["view"]: number
        for (name, labels), number in rose.items()
        if name == "django_http_responses_total_by_status_view_method_total"
    }
    assert views == {
        "persona_show": 1,
        "telemetry_vibe_metrics": 1,
        "telemetry_vibe_history": 1,
        "persona_list": 1,
        "telemetry_feedback_create": 1,
    }


def test_it_needs_nobody_to_ask_for_it(doors: Doors, own: Headers) -> None:
    """A process that is not the one that is scraped adds what it served by itself."""
    doors.warm(own, DETAIL)
    add_what_was_served()
    name = "django_http_responses_before_middlewares_total", ()
    before = series()[name]

    async def served() -> None:
        await exchange(doors.thin, Request(DETAIL, method="GET", headers=own))
        await asyncio.to_thread(until, lambda: series()[name] == before + 1)

    asyncio.run(served())
