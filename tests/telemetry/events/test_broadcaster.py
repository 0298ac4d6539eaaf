"""The window that all streams of a process read (contract §8)."""

import asyncio
import gc
import json
import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.events.broadcaster import Broadcaster
from telemetry.events.catalog import Feedback, LeaseCreated, TelemetryUpdated
from telemetry.events.frames import MESSAGES, SSE
from telemetry.events.groups import Group, Published
from telemetry.events.prefixes import read_prefixes, selects
from telemetry.events.window import CUT_AT
from tests.people import NOW
from tests.telemetry.events.nodes import Piece


def consent(persona_id: str = "p", scope: str = "s") -> TelemetryUpdated:
    return TelemetryUpdated(actor="actor:1", persona_id=persona_id, enabled=True, scope=scope)


def feedback(persona_id: str = "p", actor: str = "actor:1", note: str = "n") -> Feedback:
    return Feedback(
        actor=actor,
        persona_id=persona_id,
        kind=None,
        signal="warmer",
        strength=None,
        note=note,
        metadata=None,
    )


def numbers(source: Broadcaster, position: int, limit: int = 1000) -> list[int]:
    batch = source.after(position, limit)
    assert batch is not None
    return [one.number for one in batch]


def test_it_numbers_events_one_by_one_and_keeps_their_order() -> None:
    source = Broadcaster()
    source.publish([consent("a"), consent("b")], NOW)
    source.publish([consent("c")], NOW)
    assert numbers(source, 0) == [1, 2, 3]
    assert numbers(source, 2) == [3]
    assert numbers(source, 0, limit=2) == [1, 2]
    assert numbers(source, 3) == []
    assert source.last == 3


def test_it_lets_the_oldest_go_by_number_and_by_size() -> None:
    source = Broadcaster(events=3)
    source.publish([consent()] * 5, NOW)
    assert source.after(1, 10) is None
    assert numbers(source, 2) == [3, 4, 5]
    large = Broadcaster(size=4000)
    large.publish([feedback(note="x" * 1500)] * 5, NOW)
    assert large.after(0, 10) is None
    assert len(numbers(large, large.oldest - 1)) == 2


def test_it_counts_from_the_end_what_a_prefix_selects() -> None:
    source = Broadcaster()
    source.publish([feedback(), consent(), feedback(), consent(), consent()], NOW)
    assert source.before_newest(2, ("persona.feedback",)) == (0, 2)
    assert source.before_newest(1, ("persona.feedback",)) == (2, 1)
    assert source.before_newest(99, ("leases.",)) == (5, 0)
    assert source.before_newest(2, ()) == (3, 2)
    assert source.count_after(1, ("persona.telemetry",)) == 3


def test_it_knows_only_its_own_ids() -> None:
    source = Broadcaster()
    source.publish([consent()] * 2, NOW)
    known = str(source.event_id(1))
    assert source.number_of(known) == 1
    assert source.number_of(str(source.event_id(2))) == 2
    other = Broadcaster()
    other.publish([consent()], NOW)
    assert source.number_of(str(other.event_id(1))) is None
    for text in (
        "",
        "2",
        "-",
        "x-1",
        known + "x",
        known[:-1] + "3",
        known[:-1] + "٣",
        known + "-1",
    ):
        assert source.number_of(text) is None


def test_it_forgets_feedback_and_keeps_the_numbers() -> None:
    source = Broadcaster()
    source.publish([feedback(), feedback(actor="actor:2"), feedback("q"), consent()], NOW)
    source.forget_feedback("p", "actor:1")
    batch = source.after(0, 10) or []
    assert [one.erased for one in batch] == [True, False, False, False]
    assert batch[0].data == b""
    source.forget_feedback("p", None)
    assert [one.erased for one in source.after(0, 10) or []] == [True, True, False, False]
    assert source.before_newest(9, ("persona.feedback",)) == (2, 1)


def test_it_empties_erased_feedback_that_arrives_after_its_erasure() -> None:
    source = Broadcaster()
    later = NOW + timedelta(milliseconds=1)
    source.forget_feedback("p", "actor:1", NOW)
    source.forget_feedback("p", "actor:1", NOW - timedelta(days=1))  # told late itself
    for actor, persona_id, moment in (
        ("actor:1", "p", NOW),
        ("actor:2", "p", NOW),
        ("actor:1", "q", NOW),
        ("actor:1", "p", later),
    ):
        source.publish_feedback(persona_id, actor, [Piece("note")], moment)
    assert [one.erased for one in source.after(0, 10) or []] == [True, False, False, False]
    source.forget_feedback("p", None, later)
    source.publish_feedback("p", "actor:2", [Piece("note")], later)
    assert [one.erased for one in source.after(3, 10) or []] == [True, True]


def test_it_encodes_nothing_before_it_is_read_and_then_once() -> None:
    source = Broadcaster()
    source.publish_feedback("p", "actor:1", [feedback(note=f"n{at}") for at in range(250)], NOW)
    assert source.last == 250
    (first, second) = source.after(0, 2) or []
    assert (first.sse, first.message) == (None, None)
    frame = SSE.event(first)
    assert SSE.event((source.after(0, 1) or [])[0]) is frame
    assert json.loads(MESSAGES.event(first)) == {
        "id": source.event_id(1),
        "event": "persona.feedback",
        "data": json.loads(frame.split(b"data: ")[1]),
    }
    assert second.sse is None
    assert json.loads((source.after(249, 1) or [])[0].data)["payload"]["note"] == "n249"


def test_it_publishes_what_was_stored_together_in_its_order() -> None:
    source = Broadcaster()
    pieces = [
        ("p", "actor:1", "a"),
        ("p", "actor:1", "b"),
        ("q", "actor:1", "c"),
        ("p", "actor:2", "d"),
    ]
    source.publish_given(
        [(persona, actor, [feedback(note=note)]) for persona, actor, note in pieces], NOW
    )
    payloads = [json.loads(one.data)["payload"] for one in source.after(0, 10) or []]
    told = [(one["persona_id"], one["actor"], one["note"]) for one in payloads]
    assert told == pieces
    source.publish_given([], NOW)
    source.publish_feedback("p", "actor:1", [], NOW)
    assert source.last == 4


@given(
    steps=st.lists(
        st.tuples(
            st.integers(1, 250), st.integers(0, 30), st.sampled_from(["give", "tell", "erase"])
        ),
        max_size=25,
    ),
    size=st.integers(2_000, 200_000),
)
def test_it_stays_within_its_bounds_and_leaves_no_hole(
    steps: list[tuple[int, int, str]], size: int
) -> None:
    source = Broadcaster(events=300, size=size)
    for count, length, step in steps:
        if step == "give":
            source.publish_feedback("p", "actor:1", [feedback(note="x" * length)] * count, NOW)
        elif step == "tell":
            source.publish([consent()] * count, NOW)
        else:
            source.forget_feedback("p", None)
    oldest, last = source.oldest, source.last
    assert last - oldest + 1 <= 300
    batch = source.after(oldest - 1, 1000) or []
    assert [one.number for one in batch] == list(range(oldest, last + 1))
    assert [source.number_of(one.id) for one in batch] == [one.number for one in batch]
    assert source.count_after(oldest - 1, ()) == sum(not one.erased for one in batch)
    if oldest > 1:
        assert source.after(oldest - 2, 10) is None


async def until_waiting(source: Broadcaster, readers: int) -> None:
    while source.waiting < readers:  # noqa: ASYNC110  lets the other tasks run, waits for no time
        await asyncio.sleep(0)


async def test_it_wakes_those_who_wait_from_any_thread() -> None:
    source = Broadcaster()
    waiting = [asyncio.create_task(source.wait(source.changes, 60)) for _ in range(3)]
    await until_waiting(source, 3)
    thread = threading.Thread(target=source.publish, args=([consent()], NOW))
    thread.start()
    await asyncio.wait_for(asyncio.gather(*waiting), 30)
    thread.join()
    assert source.waiting == 0


async def test_it_does_not_wait_for_what_has_happened_already() -> None:
    source = Broadcaster()
    before = source.changes
    source.publish([consent()], NOW)
    await asyncio.wait_for(source.wait(before, 60), 30)
    source.rights_moved()
    await asyncio.wait_for(source.wait(before + 1, 60), 30)


async def test_it_keeps_nothing_of_those_who_went() -> None:
    source = Broadcaster()
    await source.wait(source.changes, 0.001)
    task = asyncio.create_task(source.wait(source.changes, 60))
    await until_waiting(source, 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert source.waiting == 0


def test_it_survives_a_loop_that_ended() -> None:
    source = Broadcaster()

    async def leave() -> None:
        task = asyncio.ensure_future(source.wait(source.changes, 60))
        await until_waiting(source, 1)
        task.get_loop().call_soon(task.cancel)
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(leave())
    source.publish([consent()], NOW)
    assert source.last == 1


def test_it_loses_nothing_between_threads() -> None:
    source = Broadcaster()
    start = threading.Barrier(4)

    def publish() -> None:
        start.wait()
        for _ in range(250):
            source.publish([consent()], NOW)

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(source, 0, 5000) == list(range(1, 1001))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], ()),
        (["persona."], ("persona.",)),
        (["a, b", "c,a,,"], ("a", "b", "c")),
        ([""], ()),
    ],
)
def test_it_reads_prefixes(values: list[str], expected: tuple[str, ...]) -> None:
    assert read_prefixes(values) == expected


@pytest.mark.parametrize(
    ("prefixes", "selected"),
    [
        ((), True),
        (("persona.",), True),
        (("persona.feedback",), True),
        (("persona.vibe.feedback",), True),
        (("persona.vibe.",), True),
        (("persona.vibe.feedback.more",), False),
        (("leases.", "persona.f"), True),
        (("leases.",), False),
    ],
)
def test_it_selects_by_prefix(prefixes: tuple[str, ...], selected: bool) -> None:
    assert selects(prefixes, Feedback.topic, Feedback.aliases) is selected
    assert selects(("persona.vibe",), LeaseCreated.topic, LeaseCreated.aliases) is False


def test_what_left_the_window_is_gone_without_the_collector() -> None:
    """Python's collector of rings seldom looks at what is old: nothing is to be left to it."""
    source = Broadcaster(events=50)
    gc.collect()
    gc.disable()
    try:
        before = _events_in_memory()
        for _ in range(100):
            source.publish_feedback("p", "actor:1", [feedback()] * 10, NOW)
            assert len(numbers(source, source.last - 10)) == 10
        kept = _events_in_memory() - before
        assert kept == 50
        source.begin_anew("another", (0, 0, 0))
        assert _events_in_memory() == before
    finally:
        gc.enable()


def test_few_of_those_that_left_are_kept() -> None:
    source = Broadcaster(events=2_000)
    before = _in_memory(Group)
    for number in range(1, 6_001):
        source.publish_feedback("p", "actor:1", [feedback()], NOW)
        if number % 500 == 0:
            assert _in_memory(Group) - before <= min(number, 2_000 + CUT_AT)
    assert len(numbers(source, source.last - 900)) == 900
    assert source.last - source.oldest_mark[0] + 1 == 2_000


def _in_memory(kind: type) -> int:
    return sum(isinstance(one, kind) for one in gc.get_objects())


def _events_in_memory() -> int:
    return _in_memory(Published)
