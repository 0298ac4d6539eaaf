"""The stored row: fields, legacy forms, what is replaced and what is refused."""

import json
import re
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from telemetry.eventlog.actors import normalise
from telemetry.eventlog.errors import EventRefused
from telemetry.eventlog.paths import Home
from telemetry.eventlog.rows import MAX_DATA, Event
from telemetry.eventlog.store import Store
from tests.telemetry.eventlog.logs import ZEROS, chained, compact, read_rows

PASSWORD = "correct" + "-horse-" + "battery9"


def test_it_writes_every_field_in_canonical_form(store: Store, home: Home) -> None:
    stored = store.append(Event("quest.completed", {"quest_id": "ä"}, "human:jordan", "api", "t:1"))

    text = home.log.read_text(encoding="ascii")
    row = json.loads(text)
    assert text == compact(row) + "\n"
    assert stored.line.decode() + "\n" == text
    assert UUID(row.pop("event_id")).version == 4
    build = row.pop("build")
    assert set(build) == {"runner_version", "git_sha", "python_version", "platform"}
    assert row.pop("event_hash") == stored.event_hash
    assert row == {
        "schema_version": "0.1",
        "ts": "2026-02-14T12:00:00Z",
        "event_type": "quest.completed",
        "actor": {"kind": "human", "id": "human:jordan"},
        "source": "api",
        "data": {"quest_id": "ä"},
        "trace_id": "t:1",
        "prev_hash": ZEROS,
    }


def test_it_hashes_as_the_reference_does(store: Store, home: Home) -> None:
    store.append_many([Event("plan.generated", {"n": number / 3}) for number in range(5)])

    rows = read_rows(home)
    bare = [
        {key: value for key, value in row.items() if key not in {"prev_hash", "event_hash"}}
        for row in rows
    ]
    assert [compact(row) for row in rows] == chained(bare)


@pytest.mark.parametrize(
    ("given", "kind", "identity"),
    [
        ({"kind": " Human ", "id": "jo"}, "human", "jo"),
        ({"kind": "robot", "id": "jo"}, "system", "jo"),
        ({"kind": "agent", "id": 12345}, "agent", "12345"),
        ({"kind": "agent", "id": ""}, "agent", "unknown"),
        ({"kind": "agent", "id": None}, "agent", "unknown"),
        ({"kind": "agent"}, "agent", "unknown"),
        ({}, "system", "unknown"),
        ("AGENT", "agent", "unknown"),
        ("human:jordan", "human", "human:jordan"),
        ("openclaw:moltfred", "system", "openclaw:moltfred"),
        ("jordan", "system", "jordan"),
        ("", "system", "unknown"),
        (None, "system", "unknown"),
        (7, "system", "unknown"),
        (["human"], "system", "unknown"),
    ],
)
def test_it_normalises_actors(given: Any, kind: str, identity: str) -> None:
    assert normalise(given) == (kind, identity)


def test_it_redacts_actor_ids_and_payloads_and_says_so(store: Store, home: Home) -> None:
    data = {"password": PASSWORD, "long": "word " * 100, "kept": "fine"}
    store.append(Event("quest.failed", data, {"kind": "agent", "id": "jordan@example.org"}, "mcp"))

    assert PASSWORD not in home.log.read_text()
    event, flagged = read_rows(home)
    assert event["data"]["password"] == "[redacted]"
    assert event["data"]["long"].endswith("...[truncated]")
    assert event["data"]["kept"] == "fine"
    assert event["actor"] == {"kind": "agent", "id": "[redacted]"}
    assert flagged["event_type"] == "risk.flagged"
    assert flagged["actor"] == {"kind": "system", "id": "[redacted]"}
    assert flagged["source"] == "mcp"
    assert flagged["data"] == {
        "reason": "telemetry_sanitized",
        "trigger_event_type": "quest.failed",
        "fields_redacted_count": 2,
        "fields_truncated_count": 1,
    }


def test_it_keeps_only_metadata_of_proofs(store: Store, home: Home) -> None:
    artifact = {"artifact_type": "log", "bytes": 9, "sha256": "ab" * 32, "text": "whole output"}
    data = {"quest_id": "q", "proof_tier": "P2", "artifacts": [artifact, "raw"], "output": "raw"}
    store.append(Event("proof.submitted", data))

    event, flagged = read_rows(home)
    assert event["data"] == {
        "quest_id": "q",
        "proof_tier": "P2",
        "artifacts": [{"artifact_type": "log", "bytes": 9, "sha256": "ab" * 32}, {}],
    }
    assert flagged["data"]["fields_redacted_count"] == 3


def test_it_flags_an_unknown_type_without_its_payload(store: Store, home: Home) -> None:
    store.append(Event("made.up", {"note": "gone"}, "human:jordan"))

    (event,) = read_rows(home)
    assert event["event_type"] == "risk.flagged"
    assert event["actor"]["id"] == "human:jordan"
    assert event["data"] == {
        "reason": "invalid_event_type",
        "invalid_event_type_hash": sha256(b"made.up").hexdigest(),
    }


@pytest.mark.parametrize("data", [None, ["a"], 3, "text", True])
def test_it_wraps_data_that_is_no_object(data: Any, store: Store, home: Home) -> None:
    store.append(Event("profile.updated", data, source="carrier pigeon"))

    (event,) = read_rows(home)
    assert event["data"] == {"value": data}
    assert event["source"] == "cli"


def test_it_replaces_a_payload_that_is_too_large(store: Store, home: Home) -> None:
    data = {f"n{number}": "\U0001f642" * 90 for number in range(300)}
    store.append(Event("profile.updated", data))

    event, flagged = read_rows(home)
    assert event["data"]["reason"] == "oversized"
    assert event["data"]["bytes"] > MAX_DATA
    assert re.fullmatch("[0-9a-f]{64}", event["data"]["sha256"])
    assert flagged["data"]["fields_truncated_count"] >= 1


@pytest.mark.parametrize(
    "number",
    [float("nan"), float("inf"), float("-inf"), 10**5000],
    ids=["nan", "inf", "-inf", "endless"],
)
def test_it_refuses_numbers_that_json_cannot_hold(number: float, store: Store, home: Home) -> None:
    store.append(Event("profile.updated"))
    before = home.log.read_bytes()

    with pytest.raises(EventRefused):
        store.append_many([Event("quest.failed"), Event("quest.failed", {"deep": [{"n": number}]})])

    assert home.log.read_bytes() == before


def test_it_takes_data_that_contains_itself(store: Store, home: Home) -> None:
    data: dict[str, Any] = {}
    data["self"] = data
    store.append(Event("profile.updated", data))

    assert len(read_rows(home)) == 2
