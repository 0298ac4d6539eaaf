"""Both doors of the hot reads answer alike: status, headers, bytes (contract §2, §3, §7)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from leases.models import ApiToken, Lease, User
from leases.tokens import token_create
from personas.models import Persona, Proposal
from telemetry.door.reads import ReadsDoor
from telemetry.ingestion.claims import token_claim
from telemetry.models import VibeSample
from telemetry.reading import reader as readers
from telemetry.reading.group import GroupReader
from telemetry.reading.questions import Kind, Question
from telemetry.reading.reader import Reader
from telemetry.services.feedback import feedback_record
from tests.people import grant, make_persona, propose, someone, state_of
from tests.telemetry.door.conftest import Bearer, Doors, Headers, shown
from tests.telemetry.ingestion.exchange import Request, ask, ask_at_once

DETAIL = "/state/persona/{id}"
METRICS = "/state/persona/{id}/vibe_metrics"
HISTORY = "/state/persona/{id}/vibe_history"
LIST = "/state/persona"
ALL = (DETAIL, METRICS, HISTORY, LIST)
VIBES = (METRICS, HISTORY)
FULL, EMPTY, OFF, UNLEASED, EXPIRED, USED_UP, WARM = (
    "full", "empty", "off", "unleased", "expired", "used-up", "warm",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Requests of the table, one for each of ``paths``; ``served`` is whether by the thin door."""

    name: str
    paths: tuple[str, ...] = ALL
    status: int = 200
    served: bool = True
    who: str = "alice"
    persona: str = FULL
    headers: Headers = ()
    method: str = "GET"
    query: bytes = b""
    declared: int | None = None


def passed(name: str, paths: tuple[str, ...] = ALL, status: int = 200, **more: Any) -> Case:
    return Case(name, paths, status, served=False, **more)


def header(name: str, value: str) -> dict[str, Headers]:
    return {"headers": ((name, value),)}


CASES = [
    Case("all there is"),
    Case("nothing yet", persona=EMPTY),
    Case("consent is off", (DETAIL,), persona=OFF),
    Case("no lease", (DETAIL,), persona=UNLEASED),
    Case("a lease that is over", (DETAIL,), persona=EXPIRED),
    Case("a lease that is used up", (DETAIL,), persona=USED_UP),
    Case("an approver", who="bob"),
    Case("an admin", who="dana"),
    Case("the older header", who="alice, by the older header"),
    Case("a request id", **header("X-Request-Id", "abc.123")),
    Case("an insane request id", **header("X-Request-Id", "a b\x01")),
    Case("a language", **header("Accept-Language", "de")),
    Case("a type it does not speak", **header("Accept", "text/html")),
    Case("indented", **header("Accept", "application/json; indent=4")),
    Case("compressed", **header("Accept-Encoding", "gzip")),
    Case("an origin", **header("Origin", "http://127.0.0.1:8091")),
    Case("no body", declared=0),
    Case("one", (HISTORY, LIST), query=b"limit=1"),
    Case("some", (HISTORY, LIST), query=b"limit=7"),
    Case("clamped", (HISTORY,), query=b"limit=1000"),
    Case("clamped far", (HISTORY,), query=b"limit=999999999"),
    passed("a long list", (LIST,), query=b"limit=101"),
    passed("another owner", (LIST,), query=b"owner_kind=agent"),
    passed("a page on", (LIST,), query=b"limit=1&cursor=WzAsIngiXQ"),
    passed("with a sign", (HISTORY, LIST), query=b"limit=%2B5"),
    passed("a leading zero", (HISTORY, LIST), query=b"limit=05"),
    passed("encoded", (HISTORY, LIST), query=b"limit=%35"),
    passed("twice", (HISTORY, LIST), query=b"limit=5&limit=6"),
    passed("an unknown parameter", query=b"x=1"),
    passed("zero", (HISTORY, LIST), 400, query=b"limit=0"),
    passed("negative", (HISTORY, LIST), 400, query=b"limit=-1"),
    passed("no number", (HISTORY, LIST), 400, query=b"limit=many"),
    passed("blank", (HISTORY, LIST), 400, query=b"limit="),
    passed("a limit that nobody asks for", (DETAIL, METRICS), query=b"limit=5"),
    passed("the past", (DETAIL,), query=b"version=1"),
    passed("a past that was not", (DETAIL,), 404, query=b"version=9"),
    passed("an instant", (DETAIL,), query=b"at=2100-01-01T00:00:00Z"),
    passed("another etag", **header("If-None-Match", '"x"')),
    passed("any etag", (DETAIL, LIST), 304, **header("If-None-Match", "*")),
    passed("any etag where there is none", VIBES, **header("If-None-Match", "*")),
    passed("a date", **header("If-Modified-Since", "Mon, 01 Jan 2035 00:00:00 GMT")),
    passed("a range", **header("Range", "bytes=0-1")),
    passed("a cookie beside", **header("Cookie", "theme=dark")),
    passed("chunked", **header("Transfer-Encoding", "chunked")),
    passed("a body", declared=2),
    passed("HEAD", method="HEAD"),
    passed("OPTIONS", status=405, method="OPTIONS"),
    passed("POST", ALL, 405, method="POST"),
    passed("DELETE", ALL, 405, method="DELETE"),
    passed("another host", ALL, 400, **header("Host", "evil.example")),
    passed("nobody", ALL, 401, who=""),
    passed("a wrong token", ALL, 401, who="wrong"),
    passed("a malformed token", ALL, 401, who="malformed"),
    passed("an expired token", ALL, 401, who="expired"),
    passed("a revoked token", ALL, 401, who="revoked"),
    passed("somebody who left", ALL, 401, who="inactive"),
    passed("a stranger", ALL, 403, who="charlie"),
    passed("no such persona", ALL[:3], 404, persona="nobody"),
    passed("a persona with U+0000", ALL[:3], 404, persona="\x00"),
    passed("a stranger, no such persona", ALL[:3], 404, who="charlie", persona="nobody"),
    passed("consent is off", VIBES, 412, persona=OFF),
    passed("a stranger, consent is off", VIBES, 403, who="charlie", persona=OFF),
    passed("no lease", VIBES, 403, persona=UNLEASED),
    passed("a lease that is over", VIBES, 403, persona=EXPIRED),
    passed("a lease that is used up", VIBES, 403, persona=USED_UP),
    passed("a slash more", tuple(path + "/" for path in ALL), 404),
    passed("a further part", (METRICS + "/x", DETAIL + "/vibe"), 404),
    passed("what is not hot", (DETAIL + "/history", DETAIL + "/receipts")),
]


@pytest.fixture
def tokens(bearer: Bearer) -> dict[str, Headers]:
    """The headers with which each of the table's people comes."""
    alice, dana = someone("alice"), someone("dana")
    old, secret = token_create(user=alice, name="old", now=timezone.now())
    ApiToken.objects.filter(pk=old.pk).update(expiry=timezone.now() - timedelta(seconds=1))
    gone, revoked = token_create(user=alice, name="gone", now=timezone.now())
    gone.delete()
    left = User.objects.create(username="left", is_active=False)
    left.groups.set(dana.groups.all())
    own = bearer(alice)
    return {
        "alice": own,
        "alice, by the older header": (("X-ARW-Admin", own[0][1].removeprefix("Bearer ")),),
        "bob": bearer(someone("bob")),
        "dana": bearer(dana),
        "charlie": bearer(someone("charlie")),
        "inactive": bearer(left),
        "": (),
        "wrong": (("Authorization", "Bearer arw_" + "0" * 40),),
        "malformed": (("Authorization", "Bearer a b"),),
        "expired": (("Authorization", f"Bearer {secret}"),),
        "revoked": (("Authorization", f"Bearer {revoked}"),),
    }


@pytest.fixture
def personas(transactional_db: None) -> None:
    """One persona for each way in which it may be read, or not."""
    now = timezone.now()
    for persona_id in (FULL, EMPTY, OFF, UNLEASED, EXPIRED, USED_UP, WARM):
        vibe = {"enabled": persona_id != OFF, "scope": f"of-{persona_id}"}
        preferences = {
            "telemetry": {"vibe": vibe},
            "context": {"lane_weights": {"docs": "0.25"}, "slot_budgets": {"é": 2}},
        }
        make_persona(persona_id, preferences=preferences, worldview={"é": ["\u2028", 1e-7, 1e15]})
        if persona_id not in {UNLEASED, EXPIRED}:
            grant(f"telemetry:persona:of-{persona_id}", scope=f"persona:{persona_id}")
    grant(f"telemetry:persona:of-{EXPIRED}", now=now - timedelta(hours=2))
    grant(f"telemetry:persona:of-{WARM}", scope="persona:other", budget=1)
    Lease.objects.filter(capability=f"telemetry:persona:of-{USED_UP}").update(budget=3, used=3)
    propose(Persona.objects.get(pk=FULL), rationale="Why \u2029 not")
    older = propose(Persona.objects.get(pk=FULL), [{"op": "remove", "path": "/traits/pace"}])
    Proposal.objects.filter(pk=older.pk).update(expires_at=now - timedelta(seconds=1))
    give(FULL, [{"signal": f"s{at}", "strength": at / 60, "note": "é \u2028"} for at in range(60)])
    give(FULL, {"signal": "misaligned:é \u2028", "metadata": {"sentiment": -0.1, "tokens": 3}})
    give(FULL, {"signal": "lane-:docs", "metadata": {"tokens": 900, "duration_ms": 1234.5}}, "bob")
    give(FULL, {"signal": "lane+:docs", "metadata": {"a": [1, 1e-9, 0.5, None, True], "é": "x"}})


def give(persona_id: str, body: Any, who: str = "alice") -> None:
    feedback_record(actor=someone(who), persona_id=persona_id, body=body, now=timezone.now())


def request_of(case: Case, path: str, own: Headers) -> Request:
    path = path.format(id=case.persona)
    chunks = (b"{}",) if case.declared else (b"",)
    return Request(path, chunks, case.method, (*case.headers, *own), case.query, case.declared)


@pytest.mark.parametrize("served", [True, False])
def test_it_answers_alike_through_both_doors(
    doors: Doors, personas: None, tokens: dict[str, Headers], served: bool
) -> None:
    before = [state_of(one) for one in Persona.objects.values_list("pk", flat=True)]
    for case in (one for one in CASES if one.served == served):
        doors.warm((*case.headers, *tokens["alice"]), *(one.format(id=WARM) for one in ALL))
        for path in case.paths:
            thin, thick, by_itself = doors.both(request_of(case, path, tokens[case.who]))
            assert thick.status == case.status, (case, path, thick.body)
            assert shown(thin) == shown(thick), (case, path)
            assert by_itself == served, (case, path)
    assert [state_of(one) for one in Persona.objects.values_list("pk", flat=True)] == before


def test_it_serves_whoever_a_proxy_brings(
    doors: Doors, personas: None, tokens: dict[str, Headers]
) -> None:
    """What a proxy says of each client changes no answer, and is no look of its own."""
    doors.warm(tokens["alice"], *(path.format(id=WARM) for path in ALL))
    for at in range(3):
        said = (
            ("X-Forwarded-For", f"203.0.113.{at}, 127.0.0.1"),
            ("X-Real-IP", f"203.0.113.{at}"),
            ("Forwarded", f"for=203.0.113.{at}"),
        )
        for path in ALL:
            case = Case("from a proxy", headers=said)
            thin, thick, by_itself = doors.both(request_of(case, path, tokens["alice"]))
            assert (thin.status, shown(thin), by_itself) == (200, shown(thick), True)


def test_it_shows_what_there_is(doors: Doors, personas: None, tokens: dict[str, Headers]) -> None:
    doors.warm(tokens["alice"], *(path.format(id=WARM) for path in ALL))
    case = Case("all")
    answers = [doors.both(request_of(case, path, tokens["alice"])) for path in ALL]
    assert all(by_itself for _, _, by_itself in answers)
    detail, metrics, history, listed = (json.loads(thin.body) for thin, _, _ in answers)
    assert len(detail["pending_proposals"]) == 1
    assert detail["context_bias_preview"]["lane_priorities"]["docs"] > 0.25
    assert detail["vibe_metrics_preview"]["total_feedback"] == metrics["total_feedback"] == 63
    assert (metrics["sentiment_avg"], metrics["people"]) == (-0.1, 2)
    assert metrics["response_tempo"] == round(1234.5 / 900, 6)
    assert metrics["axes"][0]["people_against"] == metrics["disagreement"] == 1
    assert "sentiment_avg" not in detail["vibe_metrics_preview"]
    assert len(history["items"]) == history["limit"] == 50
    assert history["items"][0]["metadata"]["é"] == "x"
    assert [one["id"] for one in listed["items"]][-1] == FULL
    assert listed["items"][-1]["pending_proposals"] == 1


def test_it_answers_each_of_many_at_once(
    doors: Doors, personas: None, tokens: dict[str, Headers], monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.warm(tokens["alice"], *(path.format(id=WARM) for path in ALL))
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    requests = [
        request_of(Case("mixed", persona=persona), path, tokens[who])
        for who in ("alice", "charlie", "dana", "expired", "alice, by the older header")
        for persona in (FULL, OFF, "nobody", UNLEASED, EMPTY)
        for path in ALL
    ]
    together = ask_at_once(doors.thin, *requests)
    cache.clear()  # failed sign-ins are counted there, and many are clamped
    alone = ask(doors.drf, *requests)
    assert [shown(one) for one in together] == [shown(one) for one in alone]
    assert 0 < doors.passed_on < len(requests)


def test_it_leaves_everything_to_django_while_the_feature_is_off(
    doors: Doors, personas: None, tokens: dict[str, Headers], settings: Any
) -> None:
    doors.warm(tokens["alice"], *(path.format(id=WARM) for path in ALL))
    settings.ARW_PERSONA_ENABLE = False
    for path in ALL:
        thin, thick, by_itself = doors.both(request_of(Case("off"), path, tokens["alice"]))
        assert (shown(thin), by_itself) == (shown(thick), False)
        assert thin.status == 501


@pytest.mark.parametrize("retained", [1, 20, 500])
def test_it_keeps_to_what_is_retained_now(
    doors: Doors, personas: None, tokens: dict[str, Headers], settings: Any, retained: int
) -> None:
    doors.warm(tokens["alice"], *(path.format(id=WARM) for path in ALL))
    for number in (50, retained):
        settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = number
        for path in (*VIBES, DETAIL):
            thin, thick, by_itself = doors.both(request_of(Case("kept"), path, tokens["alice"]))
            assert (shown(thin), by_itself) == (shown(thick), True)


def test_it_hides_samples_as_they_grow_too_old(
    doors: Doors, personas: None, tokens: dict[str, Headers]
) -> None:
    doors.warm(tokens["alice"], *(path.format(id=WARM) for path in ALL))
    for age in (0, 1, 8):
        newest = VibeSample.objects.filter(persona_id=FULL).order_by("-recorded_at", "-pk")[:9]
        old = timezone.now() - timedelta(days=age)
        VibeSample.objects.filter(pk__in=[one.pk for one in newest]).update(recorded_at=old)
        doors.thin = fresh(doors)  # a sample's time never moves: only this test moves it
        doors.warm(tokens["alice"], *(path.format(id=WARM) for path in VIBES))
        for path in VIBES:
            thin, thick, by_itself = doors.both(request_of(Case("old"), path, tokens["alice"]))
            assert (shown(thin), by_itself) == (shown(thick), True)
    assert len(json.loads(thin.body)["items"]) == 41


def test_it_sums_anew_when_a_sample_grows_too_old_and_nothing_is_written(
    personas: None, tokens: dict[str, Headers]
) -> None:
    now = timezone.now()
    aged = now - timedelta(days=7) + timedelta(seconds=60)
    VibeSample.objects.create(
        persona_id=EMPTY, signal="warmer", strength=1, principal=someone("bob"), recorded_at=aged
    )
    give(EMPTY, {"signal": "cooler", "strength": 1})
    secret = tokens["alice"][0][1].removeprefix("Bearer ")
    question, group = Question(token_claim(secret), Kind.METRICS, EMPTY), GroupReader()
    people = []
    for seconds in (0, 1, 59, 61, 62):
        (answer,) = group.answers([question], now + timedelta(seconds=seconds))
        assert answer is not None
        told = json.loads(answer.body)
        people.append((told["people"], told["disagreement"]))
    assert people == [(2, 1.0), (2, 1.0), (2, 1.0), (1, 0.0), (1, 0.0)]


def fresh(doors: Doors) -> ReadsDoor:
    """A door of a process that has just been started."""
    readers.stop_reader()
    readers.start_reader()
    return doors.thin


def test_it_says_so_when_too_many_wait(
    doors: Doors,
    personas: None,
    tokens: dict[str, Headers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doors.warm(tokens["alice"], *(path.format(id=WARM) for path in ALL))
    full = Reader(most=0)
    monkeypatch.setattr(readers, "_running", full)
    for path in ALL:
        own = (("X-Request-Id", "abc"), *tokens["alice"])
        (answer,) = ask(doors.thin, request_of(Case("full"), path, own))
        assert answer.status == 503
        assert answer.header("Retry-After") == "1"
        assert answer.header("Content-Type") == "application/problem+json"
        assert answer.header("X-Frame-Options") == "DENY"
        assert answer.header("ETag") is answer.header("Cache-Control") is None
        assert answer.header("Content-Length") == str(len(answer.body))
        document = json.loads(answer.body)
        assert (document["title"], document["trace_id"]) == ("Overloaded", "abc")
        assert document["instance"] == path.format(id=FULL)
    monkeypatch.undo()
    thin, thick, by_itself = doors.both(request_of(Case("again"), DETAIL, tokens["alice"]))
    assert (shown(thin), by_itself) == (shown(thick), True)


def test_it_takes_nothing_while_it_stops(
    doors: Doors, personas: None, tokens: dict[str, Headers], reader: Reader
) -> None:
    doors.warm(tokens["alice"], *(path.format(id=WARM) for path in ALL))
    reader.close()
    assert ask(doors.thin, request_of(Case("late"), DETAIL, tokens["alice"]))[0].status == 503
    readers.stop_reader()
    assert ask(doors.thin, request_of(Case("later"), DETAIL, tokens["alice"]))[0].status == 200


def test_it_leaves_it_to_django_when_its_connection_is_lost(
    doors: Doors, personas: None, tokens: dict[str, Headers]
) -> None:
    doors.warm(tokens["alice"], *(path.format(id=WARM) for path in ALL))
    request = request_of(Case("lost"), DETAIL, tokens["alice"])
    assert doors.both(request)[2]
    doors.passed_on = 0
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        else:
            cursor.execute("ALTER TABLE leases_lease RENAME TO leases_away")
    (lost,) = ask(doors.thin, request)
    assert doors.passed_on == 1
    # Which of the connections in Django's pool are dead is not known.
    assert lost.status == 503 or connection.vendor == "postgresql"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE leases_away RENAME TO leases_lease")
    for _ in range(20):  # more than there are connections in the pool
        thin, thick, by_itself = doors.both(request)
    assert (thin.status, shown(thin), by_itself) == (200, shown(thick), True)
