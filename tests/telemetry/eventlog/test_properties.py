"""Whatever is handed in or lies in the file: rows stay rows, readers do not raise."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.eventlog.counting import event_count
from telemetry.eventlog.export import summarise
from telemetry.eventlog.following import Follower, shown
from telemetry.eventlog.paths import Folder, Home
from telemetry.eventlog.persona_anchors import newest_anchor
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
from telemetry.eventlog.verify import verify
from tests.telemetry.eventlog.logs import NOW, chained, compact, row, write_log

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
text = st.text(st.characters(), max_size=40)  # lone surrogates too
values = st.recursive(
    scalars | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
events = st.builds(
    Event,
    event_type=st.sampled_from(["quest.completed", "proof.submitted", "risk.flagged"]) | text,
    data=values,
    actor=values,
    source=values,
    trace_id=values,
)
fields = ("ts", "event_type", "actor", "source", "data", "build", "prev_hash", "event_hash")
odd_rows = st.dictionaries(st.sampled_from(fields), values, max_size=4).map(
    lambda changes: compact({**row(), **changes}).encode()
)
odd_lines = st.lists(
    st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"")) | odd_rows, max_size=8
)


def readable(home: Home) -> None:
    """Everything that reads does so without raising."""
    found, _ = summarise(home, range_text="30d", now=NOW)
    json.dumps(found, allow_nan=False)
    verify(home)
    newest_anchor(home, "p")
    with Folder.open(home.folder) as folder:
        assert event_count(folder) >= found["events_considered"]
    for line in Follower(home).newest(100):
        json.dumps(shown(line))


@settings(max_examples=60)
@given(st.lists(events, min_size=1, max_size=4))
def test_it_stores_any_event_as_rows_of_one_chain(given_events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Home(Path(name) / "home")
        store = Store(home, clock=lambda: NOW)
        stored = store.append_many(given_events)
        store.close()

        lines = home.log.read_bytes().splitlines()
        assert [each.line for each in stored] == [
            line for line in lines if line in {s.line for s in stored}
        ]
        for line in lines:
            parsed: dict[str, Any] = json.loads(line)
            assert compact(parsed).encode() == line
            assert parsed["actor"]["kind"] in {"human", "agent", "system"}
            assert parsed["actor"]["id"]
            assert parsed["source"] in {"cli", "api", "mcp"}
            assert isinstance(parsed["data"], dict)
        assert (verify(home).ok, verify(home).checked_events) == (True, len(lines))
        readable(home)


@settings(max_examples=60)
@given(odd_lines, st.binary(max_size=20), st.booleans())
def test_it_reads_and_continues_any_file(lines: list[bytes], end: bytes, whole: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Home(Path(name) / "home")
        good = [line.encode() for line in chained([row(), row()])] if whole else []
        write_log(home, [*good, *lines])
        with home.log.open("ab") as stream:
            stream.write(end)
        readable(home)
        before = home.log.read_bytes()

        stored = Store(home, clock=lambda: NOW).append(Event("quest.completed"))

        after = home.log.read_bytes()
        assert after.endswith(b"\n" + stored.line + b"\n") or after == stored.line + b"\n"
        assert after.startswith(before[: before.rfind(b"\n") + 1])
        readable(home)
