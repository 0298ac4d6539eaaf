"""Both doors of feedback answer alike: status, headers, bytes (contract §2, §7)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leases.models import ApiToken, User
from leases.tokens import token_create
from telemetry.models import IdempotencyRecord, VibeSample
from tests.people import grant, make_persona, someone
from tests.telemetry.ingestion.conftest import Consenting, Doors
from tests.telemetry.ingestion.exchange import Answer, Request, ask

Bearer = Callable[[User], tuple[str, str]]
JSON = ("Content-Type", "application/json")
# Of one length, so that answers that name them are equally long.
THIN, DRF = "persona.thin", "persona.slow"
# The same, but consent was never given.
OFF = {THIN: "personaoff.thin", DRF: "personaoff.slow"}
CLAMPED = {THIN: "clamped.persona.thin", DRF: "clamped.persona.slow"}


@dataclass(frozen=True)
class Case:
    """One request of the table. ``served`` is whether the thin door answers it by itself."""

    name: str
    body: Any = b'{"signal":"warmer","strength":0.5}'
    status: int = 202
    served: bool = True
    who: str = "alice"
    headers: tuple[tuple[str, str], ...] = (JSON,)
    method: str = "POST"
    query: bytes = b""
    path: str = "/persona/{id}/feedback"
    declared: int | None = -1
    before: tuple[Any, ...] = ()


def key(text: str) -> tuple[tuple[str, str], ...]:
    return (JSON, ("Idempotency-Key", text))


def refused(name: str, body: Any = b"{}", status: int = 400, **more: Any) -> Case:
    return Case(name, body, status, served=False, **more)


CASES = [
    Case("one"),
    Case("everything", {"kind": "vibe", "signal": "é", "strength": 1, "note": "n\n", "id": "1"}),
    Case("metadata", {"metadata": {"a": {"b": [1, 2.5, None, True, "x"]}}}),
    Case("a secret", {"note": "my key is sk-" + "a1B2" * 12, "metadata": {"password": "hunter2!"}}),
    Case("nothing but braces", b"{}"),
    Case("nulls", b'{"signal":null,"strength":null,"note":null,"metadata":null,"id":null}'),
    Case("spaces around", b' \r\n{ "signal" : "x" }\t'),
    Case("an unknown member", {"signal": "x", "mood": 3}),
    Case("a batch", [{"signal": "a"}, {"signal": "b", "strength": 0.25}]),
    Case("a batch of one", [{}]),
    Case("a thousand", [{"signal": f"s{n}"} for n in range(1000)]),
    Case("escapes", b'{"note":"quote \\" back \\\\ slash \\u00e9"}'),
    Case("kind", query=b"kind=mood"),
    Case("kind, encoded", query=b"kind=a%20b&kind=c+d&x=1"),
    Case("a key", headers=key("k1")),
    Case("a key again", headers=key("k2"), before=(b'{"signal":"warmer","strength":0.5}',)),
    Case("an id again", {"id": "i"}, before=({"id": "i"},)),
    Case("charset", headers=(("Content-Type", "application/json; charset=utf-8"),)),
    Case("another json type", headers=(("Content-Type", "application/vnd.x+json"),)),
    Case("an upper-case type", headers=(("Content-Type", "APPLICATION/JSON"),)),
    Case("a request id", headers=(JSON, ("X-Request-Id", "abc.123"))),
    Case("an insane request id", headers=(JSON, ("X-Request-Id", "a b\x01"))),
    Case("a language", headers=(JSON, ("Accept-Language", "de"))),
    Case("a type it does not speak", headers=(JSON, ("Accept", "text/html"))),
    Case("from a proxy", headers=(JSON, ("X-Forwarded-For", "203.0.113.7"))),
    Case("chunks", (b'{"signal":', b'"x"}')),
    refused("undeclared length", (b'{"sig', b'nal":"x"}'), 202, declared=None),
    refused(
        "transfer-encoding",
        (b"[{}", b"]"),
        202,
        declared=None,
        headers=(JSON, ("Transfer-Encoding", "chunked")),
    ),
    refused("a cookie beside", status=202, headers=(JSON, ("Cookie", "theme=dark"))),
    refused("no body", b"", headers=(JSON,)),
    refused("blank", b"  ", headers=(JSON,)),
    refused("no JSON", b"{"),
    refused("not UTF-8", b'{"note":"\xff"}'),
    refused("a byte order mark", b"\xef\xbb\xbf{}"),
    refused("twice the same name", b'{"signal":"a","signal":"b"}'),
    refused("twice, deep down", b'{"metadata":{"a":1,"a":1}}'),
    refused("NaN", b'{"strength":NaN}'),
    refused("U+0000", b'{"note":"\\u0000"}'),
    refused("a lone surrogate", b'{"note":"\\ud800"}'),
    refused("a wide integer", b'{"metadata":{"a":9007199254740993}}'),
    refused("a wide number", b'{"metadata":{"a":1e300}}'),
    refused("a batch with nothing", b"[]"),
    refused("too many", [{}] * 1001),
    refused("one bad in a batch", [{}, {"strength": 2}]),
    refused("a scalar", b"7"),
    refused("blank signal", {"signal": " "}),
    refused("a long kind", query=b"kind=" + b"x" * 65),
    refused("a key that is none", headers=key("two words")),
    refused("a key for another body", {"signal": "b"}, 409, headers=key("k3"), before=(b"{}",)),
    refused("an id for another content", {"id": "j"}, 409, before=({"id": "j", "note": "n"},)),
    refused("plain text", b"a=b", 415, headers=(("Content-Type", "text/plain"),)),
    refused("no type", b"{}", 415, headers=()),
    refused("gzip", b"\x1f\x8b\x08", headers=(JSON, ("Content-Encoding", "gzip"))),
    refused("far too large", b"{}", 413, declared=40_000_000),
    refused("nobody", status=401, who=""),
    refused("nobody, and nonsense", b"{", 401, who=""),
    refused("a wrong token", status=401, who="wrong"),
    refused("a malformed token", status=401, who="malformed"),
    refused("an expired token", status=401, who="expired"),
    refused("a stranger", b"{", 403, who="charlie"),
    refused("no such persona", b"{", 404, path="/persona/nobody/feedback"),
    refused("a persona with U+0000", b"{}", 404, path="/persona/\x00/feedback"),
    refused("consent is off", b"{", 412, path="/persona/{off}/feedback"),
    refused("a slash more", b"{}", 404, path="/persona/{id}/feedback/"),
    refused("GET", b"", 405, method="GET"),
    refused("HEAD", b"", 405, method="HEAD"),
    refused("PUT", b"{}", 405, method="PUT"),
    refused("OPTIONS", b"", 405, method="OPTIONS"),
    refused("another host", status=400, headers=(JSON, ("Host", "evil.example"))),
]


def chunks_of(body: Any) -> tuple[bytes, ...]:
    if isinstance(body, tuple):
        return body
    return (body if isinstance(body, bytes) else json.dumps(body).encode(),)


@pytest.fixture
def tokens(bearer: Bearer) -> dict[str, tuple[tuple[str, str], ...]]:
    """The headers with which each of the table's people comes."""
    alice = someone("alice")
    old, secret = token_create(user=alice, name="old", now=timezone.now())
    ApiToken.objects.filter(pk=old.pk).update(expiry=timezone.now() - timedelta(seconds=1))
    return {
        "alice": (bearer(alice),),
        "charlie": (bearer(someone("charlie")),),
        "": (),
        "wrong": (("Authorization", "Bearer arw_" + "0" * 40),),
        "malformed": (("Authorization", "Bearer a b"),),
        "expired": (("Authorization", f"Bearer {secret}"),),
    }


@pytest.fixture
def two_personas(consenting: Consenting) -> None:
    for persona_id in (THIN, DRF):
        consenting(persona_id)
        make_persona(OFF[persona_id])
    consenting("persona.warm")
    grant("telemetry:persona:workspace")


def requests_of(case: Case, persona_id: str, own: tuple[tuple[str, str], ...]) -> list[Request]:
    path = case.path.format(id=persona_id, off=OFF.get(persona_id))
    request = Request(path, (b"",), case.method, (*case.headers, *own), case.query, case.declared)
    bodies = [*case.before, case.body]
    return [replace(request, chunks=chunks_of(body)) for body in bodies]


def shown(answer: Answer) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """The answer without what differs from one request to the next."""
    request_id = (answer.header("X-Request-Id") or "").encode()
    assert request_id
    kept = request_id in {b"abc.123"}
    mark = request_id if kept else b"<id>"
    headers = [
        (name, mark if name.lower() == b"x-request-id" else value)
        for name, value in answer.headers
        if not (name.lower() == b"content-length" and not kept and request_id in answer.body)
    ]
    body = answer.body.replace(request_id, mark)
    return (
        answer.status,
        headers,
        body.replace(DRF.encode(), THIN.encode()).replace(OFF[DRF].encode(), OFF[THIN].encode()),
    )


def stored(persona_id: str) -> list[dict[str, Any]]:
    columns = ("kind", "signal", "strength", "note", "metadata", "principal")
    return list(
        VibeSample.objects.filter(persona_id=persona_id)
        .order_by("recorded_at", "pk")
        .values(*columns)
    )


GROUPS = {
    "served": [case for case in CASES if case.served],
    "bodies": [case for case in CASES if not case.served and case.status in {202, 400, 409}],
    "others": [case for case in CASES if not case.served and case.status not in {202, 400, 409}],
}


@pytest.mark.parametrize("group", GROUPS)
def test_it_answers_alike_through_both_doors(
    doors: Doors, two_personas: None, tokens: dict[str, Any], group: str
) -> None:
    for case in GROUPS[group]:
        own = tokens[case.who]
        before = VibeSample.objects.filter(persona_id=THIN).last()
        warm = Request("/persona/persona.warm/feedback", (b"{}",), headers=(*case.headers, *own))
        ask(doors.thin, warm)
        thick = ask(doors.drf, *requests_of(case, DRF, own))
        doors.passed_on = 0
        thin = ask(doors.thin, *requests_of(case, THIN, own))
        assert thick[-1].status == case.status, (case, thick[-1].body)
        assert [shown(one) for one in thin] == [shown(one) for one in thick], case
        assert doors.passed_on == (0 if case.served else 1), case
        assert stored(THIN) == stored(DRF), case
        stores = case.status == 202 or bool(case.before)
        assert (VibeSample.objects.filter(persona_id=THIN).last() != before) == stores, case
    for row in IdempotencyRecord.objects.filter(route__endswith=THIN):
        twin = IdempotencyRecord.objects.get(key=row.key, route=row.route.replace(THIN, DRF))
        assert (twin.body_sha256, twin.count) == (row.body_sha256, row.count)


def test_it_serves_by_the_older_header_too(
    doors: Doors, two_personas: None, tokens: dict[str, Any], settings: Any
) -> None:
    ((_, value),) = tokens["alice"]
    headers = (JSON, ("X-ARW-Admin", value.removeprefix("Bearer ")))
    request = Request(f"/persona/{THIN}/feedback", (b"{}",), headers=headers)
    assert [one.status for one in ask(doors.thin, request, request)] == [202, 202]
    assert doors.passed_on == 1


def test_it_leaves_everything_to_django_while_the_feature_is_off(
    doors: Doors, two_personas: None, tokens: dict[str, Any], settings: Any
) -> None:
    request = Request(f"/persona/{THIN}/feedback", (b"{}",), headers=(JSON, *tokens["alice"]))
    ask(doors.thin, request)
    settings.ARW_PERSONA_ENABLE = False
    assert ask(doors.thin, request)[0].status == 501
    assert len(stored(THIN)) == 1


def test_it_clamps_alike_through_both_doors(
    doors: Doors,
    two_personas: None,
    consenting: Consenting,
    tokens: dict[str, Any],
    settings: Any,
) -> None:
    # Nobody else's tokens were taken from these two.
    for persona_id in CLAMPED.values():
        consenting(persona_id)
    own = tokens["alice"]
    ask(doors.thin, Request("/persona/persona.warm/feedback", (b"{}",), headers=(JSON, *own)))
    settings.ARW_PERSONA_FEEDBACK_RATE_PERSONA = 1
    case = Case("clamped", b"{}", 429)
    thin = ask(doors.thin, *requests_of(case, CLAMPED[THIN], own) * 2)
    thick = ask(doors.drf, *requests_of(case, CLAMPED[DRF], own) * 2)
    assert [one.status for one in thin] == [202, 429]
    assert int(thin[1].header("Retry-After") or 0) >= 1
    assert json.loads(thin[1].body)["title"] == "Rate Limited"
    assert [shown(one) for one in thin] == [shown(one) for one in thick]
    assert len(stored(CLAMPED[THIN])) == len(stored(CLAMPED[DRF])) == 1
    # The clamp is told before anything about the body, and after who may not give at all.
    bad = requests_of(Case("bad", b"{"), CLAMPED[THIN], own)
    assert ask(doors.thin, *bad)[0].status == ask(doors.drf, *bad)[0].status == 429
    stranger = requests_of(Case("x", b"{"), CLAMPED[THIN], tokens["charlie"])
    assert ask(doors.thin, *stranger)[0].status == 403
