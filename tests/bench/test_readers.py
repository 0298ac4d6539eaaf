"""The readers of the benches count every event, however the pieces come."""

import os
from pathlib import Path

import pytest

from tests.bench import fanout_readers, soak_readers
from tests.bench.load import cpu_of, family, memory_of
from tests.bench.stream_request import head_of

pytestmark = pytest.mark.pure
ORDER = {"host": "127.0.0.1:1", "token": "t", "transport": "sse"}


def block(number: int, at: float = 1.0) -> bytes:
    data = b'{"payload":{"metadata":{"n":%d,"at":%.6f}}}' % (number, at)
    return b"id: e-%d\nevent: persona.feedback\ndata: %s\n\n" % (number, data)


def message(number: int) -> bytes:
    data = b'{"id": "e", "data": {"metadata":{"n":%d,"at":1.5}}}' % number + b" " * 100
    return b"\x81\x7e" + len(data).to_bytes(2, "big") + data


def recorded(*pieces: tuple[bytes, float]) -> fanout_readers.Reader:
    reader = fanout_readers.Reader(b"", lambda: None)
    for data, time in pieces:
        reader.pieces.append(data)
        reader.times.append(time)
    return reader


def test_it_times_an_event_by_the_piece_that_completes_it() -> None:
    text = block(1, 1.0) + block(2, 2.0)
    cut = len(text) - 20
    reader = recorded((text[:cut], 3.0), (text[cut:], 4.0))
    assert reader.events() == [(1, 2.0), (2, 2.0)]


def test_it_tells_lost_from_doubled_and_disordered() -> None:
    whole = recorded((block(1) + block(2) + block(3), 2.0))
    lacking = recorded((block(1) + block(3), 2.0))
    twice = recorded((block(1) + block(2) + block(2) + block(3), 2.0))
    turned = recorded((block(2) + block(1) + block(3), 2.0))
    assert fanout_readers.summary([whole, whole], 3)["p99_ms"] == 1000
    for readers, lost, doubled, disordered in (
        ([whole, whole], 0, 0, 0),
        ([whole, lacking], 1, 0, 1),
        ([whole, twice], 0, 1, 1),
        ([whole, turned], 0, 0, 1),
    ):
        found = fanout_readers.summary(readers, 3)
        assert (found["lost"], found["doubled"], found["disordered"]) == (lost, doubled, disordered)


async def long_reader(transport: str) -> soak_readers.Reader:
    import asyncio

    reader = soak_readers.Reader(ORDER, transport, soak_readers.Tally(), timed=True)
    reader.buffer, reader.upgraded = b"", False
    reader.begun = asyncio.get_running_loop().create_future()
    return reader


@pytest.mark.parametrize("step", [1, 7, 1000])
async def test_it_reads_blocks_in_any_pieces(step: int) -> None:
    reader = await long_reader("sse")
    text = b"HTTP/1.1 200 OK\r\n\r\n5\r\n" + b"id: 0\nevent: service.connected\ndata: {}\n\n"
    text += block(1) + b"\r\n:keep-alive\n\n" + block(2) + block(3)
    for at in range(0, len(text), step):
        reader.data_received(text[at : at + step])
    assert (reader.seen, reader.newest_id, reader.tally.wrong) == (3, "e-3", 0)
    reader.data_received(block(5))
    assert (reader.seen, reader.tally.wrong) == (5, 1)


@pytest.mark.parametrize("step", [1, 7, 1000])
async def test_it_reads_messages_in_any_pieces(step: int) -> None:
    reader = await long_reader("websocket")
    text = b'HTTP/1.1 101 OK\r\n\r\n\x81\x1e{"event": "service.connected"}'
    text += message(1) + message(2)
    for at in range(0, len(text), step):
        reader.data_received(text[at : at + step])
    assert (reader.seen, reader.tally.wrong, reader.buffer) == (2, 0, b"")
    assert len(reader.tally.latencies) == 2


def test_it_asks_for_a_stream_and_resumes() -> None:
    assert head_of(ORDER).startswith(b"GET /events?prefix=persona.feedback HTTP/1.1\r\n")
    resumed = head_of({**ORDER, "transport": "websocket"}, after="7-1")
    assert resumed.startswith(b"GET /ws/events?prefix=persona.feedback&after=7-1 HTTP/1.1\r\n")
    assert resumed.endswith(b"\r\n\r\n")


def test_it_adds_up_the_processes_of_a_server(tmp_path: Path) -> None:
    for pid, children in ((7, "8 9 "), (8, ""), (9, "10 "), (10, ""), (11, "")):
        task = tmp_path / str(pid) / "task" / str(pid)
        task.mkdir(parents=True)
        (task / "children").write_text(children)
        (tmp_path / str(pid) / "status").write_text(f"Name:\tx\nVmRSS:\t  {pid * 1024} kB\n")
        fields = " ".join(["0"] * 10 + ["30", "20"])
        (tmp_path / str(pid) / "stat").write_text(f"{pid} (a ) b) S {fields} 0 0")
    assert family(7, tmp_path) == [7, 8, 9, 10]
    assert family(8, tmp_path) == [8]
    assert memory_of(9, tmp_path) == 9
    assert cpu_of(9, tmp_path) * os.sysconf("SC_CLK_TCK") == pytest.approx(50)
