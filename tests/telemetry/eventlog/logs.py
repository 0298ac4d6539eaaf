"""Rows and logs for tests, as other writers would have written them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from telemetry.eventlog.paths import Home

NOW = datetime(2026, 2, 14, 12, tzinfo=UTC)
ZEROS = "0" * 64
# A log of another writer and what it exported, where they lie beside the checkout.
SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "eventlog"


def compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def row(event_type: str = "quest.completed", **fields: Any) -> dict[str, Any]:
    """One event in today's form, without its hashes."""
    return {
        "schema_version": "0.1",
        "event_id": "6513270e-269e-4d37-b2a7-4de452e6b438",
        "ts": "2026-02-14T11:00:00Z",
        "event_type": event_type,
        "actor": {"kind": "human", "id": "human:jordan"},
        "source": "cli",
        "build": {},
        "data": {"quest_id": "q.one"},
        "trace_id": None,
        **fields,
    }


def chained(rows: Iterable[dict[str, Any]], previous: str = ZEROS) -> list[str]:
    """The rows as lines with their hashes, computed here and not by what is tested."""
    lines = []
    for each in rows:
        own = sha256(f"{previous}:{compact(each)}".encode()).hexdigest()
        lines.append(compact({**each, "prev_hash": previous, "event_hash": own}))
        previous = own
    return lines


def write_log(home: Home, lines: Iterable[str | bytes]) -> None:
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    encoded = [line if isinstance(line, bytes) else line.encode() for line in lines]
    home.log.write_bytes(b"".join(line + b"\n" for line in encoded))


def read_rows(home: Home) -> list[dict[str, Any]]:
    return [json.loads(line) for line in home.log.read_bytes().splitlines()]
