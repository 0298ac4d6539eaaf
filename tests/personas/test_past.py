"""Reading the past: by version, by instant, and two versions compared (contract §5, §13)."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest

from leases.instants import rfc3339
from leases.models import User
from personas.documents.application import apply_raw
from personas.documents.canonical import canonical_bytes
from personas.models import Persona
from tests.fixtures import ApiFor
from tests.people import NOW, SECOND, make_persona, pointers, problem, propose
from tests.personas.workflow import approve, replace

pytestmark = pytest.mark.django_db
PATH = "/state/persona/persona.alpha"
TICK = SECOND / 1000
DIFFS: list[Any] = [
    replace("/traits/tone", "warm"),
    {"name": None, "worldview": {"a": [1, 2, {"b": None}]}},
    [{"op": "move", "from": "/traits", "path": "/calibration/was"}],
]


@pytest.fixture
def documents(bob: User) -> list[dict[str, Any]]:
    """The documents of versions 0 to 4, an hour apart, version 1 made at ``NOW``."""
    persona = make_persona(now=NOW)
    made: list[dict[str, Any]] = [{}, persona.document]
    for hours, diff in enumerate(DIFFS, 1):
        then = NOW + hours * timedelta(hours=1)
        approve(bob, propose(persona, diff, now=then), now=then)
        persona = Persona.objects.get()
        made.append(persona.document)
    return made


def record(document: dict[str, Any], version: int) -> dict[str, Any]:
    """The answer for one version."""
    then = NOW + (version - 1) * timedelta(hours=1)
    times = {"updated": rfc3339(then), "updated_at": int(then.timestamp() * 1000)}
    return {**document, **times, "version": version}


def test_it_reads_each_version(api: ApiFor, alice: User, documents: list[dict[str, Any]]) -> None:
    for version in range(1, 5):
        answer = api(alice).get(f"{PATH}?version={version}").json()
        assert answer == record(documents[version], version)
        assert canonical_bytes(answer) == canonical_bytes(record(documents[version], version))


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        (NOW, 1),
        (NOW + TICK, 1),
        (NOW + timedelta(hours=1) - TICK / 1000, 1),
        (NOW + timedelta(hours=1), 2),
        (NOW + timedelta(hours=2) - TICK, 2),
        (NOW + timedelta(hours=2) + TICK / 2, 3),
        (NOW + timedelta(hours=3), 4),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), 4),
        ((NOW + timedelta(hours=1)).astimezone(timezone(timedelta(hours=5, minutes=30))), 2),
        ((NOW + timedelta(hours=1) - TICK).astimezone(timezone(timedelta(hours=-8))), 1),
    ],
)
def test_it_reads_the_exact_instant(
    api: ApiFor,
    alice: User,
    documents: list[dict[str, Any]],
    moment: datetime,
    version: int,
) -> None:
    answer = api(alice).get(f"{PATH}?at={quote(moment.isoformat())}")
    assert answer.json() == record(documents[version], version)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T13:00:00Z",
        "2026-01-31t13:00:00z",
        "2026-01-31T13:00:00.0Z",
        "2026-01-31T13:00:00.000000000Z",
        "2026-01-31%2013:00:00Z",
        "2026-01-31T14:00:00+01:00",  # an unescaped plus arrives as a space
        "2026-01-31T14:00:00%2B01:00",
        "2026-01-31T05:00:00-08:00",
    ],
)
def test_it_reads_every_spelling(
    api: ApiFor, alice: User, documents: list[dict[str, Any]], text: str
) -> None:
    assert api(alice).get(f"{PATH}?at={text}").json() == record(documents[2], 2)


@pytest.mark.parametrize(
    "query",
    [
        "version=0",
        "version=5",
        "version=999999999",
        f"at={(NOW - TICK).isoformat()[:23]}Z",
        "at=0001-01-01T00:00:00Z",
    ],
)
def test_it_knows_nothing_before_or_beyond(
    api: ApiFor, alice: User, documents: list[dict[str, Any]], query: str
) -> None:
    refused = problem(api(alice).get(f"{PATH}?{query}"), 404, "Persona Not Found")
    assert refused["code"] == "version_not_found"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        *(
            (f"version={text}", "version")
            for text in ("", "-1", "1.0", "1e0", "x", "%2B1", "9" * 40, "%D9%A1", "%001")
        ),
        *(
            (f"at={text}", "at")
            for text in (
                "", "x", "2026-01-31", "2026-01-31T13:00:00", "2026-01-31T13:00Z", "20260131T130000Z",
                "2026-W05-6T13:00:00Z", "2026-02-30T13:00:00Z", "2026-01-31T25:00:00Z",
                "2026-01-31T13:00:60Z", "2026-01-31T13:00:00%2B25:00", "1769864400",
                "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59", "%00",
                "2026-01-31T13:00:00,5Z", "٢026-01-31T13:00:00Z",
            )
        ),
        ("version=1&at=2026-01-31T13:00:00Z", "at"),
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_version_or_instant(
    api: ApiFor, alice: User, documents: list[dict[str, Any]], query: str, name: str
) -> None:
    refused = problem(api(alice).get(f"{PATH}?{query}"), 400)
    assert pointers(refused) == [f"?{name}"]


def test_it_compares_any_two_versions(
    api: ApiFor, alice: User, documents: list[dict[str, Any]]
) -> None:
    for start in range(5):
        for end in range(5):
            answer = api(alice).get(f"{PATH}/compare?from={start}&to={end}").json()
            assert (answer["from"], answer["to"]) == (start, end)
            result = apply_raw(documents[start], answer["diff"])
            assert canonical_bytes(result) == canonical_bytes(documents[end])
            assert (answer["changes"] == []) is (start == end)
    (change,) = api(alice).get(f"{PATH}/compare?from=1&to=2").json()["changes"]
    assert change == {
        "path": "/traits/tone",
        "kind": "changed",
        "before": "cool",
        "after": "warm",
        "from_path": None,
    }


def test_it_compares_with_the_present(
    api: ApiFor, alice: User, documents: list[dict[str, Any]]
) -> None:
    answer = api(alice).get(f"{PATH}/compare?from=3").json()
    assert (answer["from"], answer["to"]) == (3, 4)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400), ("to=1", 400), ("from=x", 400), ("from=1&to=", 400), ("from=-1", 400),
        ("from=5", 404), ("from=0&to=9", 404),
    ],
)  # fmt: skip
def test_it_refuses_to_compare_what_is_not(
    api: ApiFor, alice: User, documents: list[dict[str, Any]], query: str, status: int
) -> None:
    problem(api(alice).get(f"{PATH}/compare?{query}"), status)


def test_it_is_for_readers(api: ApiFor, charlie: User, documents: list[dict[str, Any]]) -> None:
    for path in (f"{PATH}?version=1", f"{PATH}?at=x", f"{PATH}/compare", f"{PATH}/verify"):
        problem(api(charlie).get(path), 403, "Persona Read Forbidden")
        problem(api(None).get(path), 401)
    problem(api(charlie).get("/state/persona/nobody?version=1"), 404, "Persona Not Found")
