"""What comes alone is committed where it arrived, and nobody can tell by the outcome (contract §7)."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from arw_site.api_errors import door_refusal
from leases.errors import DomainError
from leases.models import DecisionEntry, User
from telemetry.errors import Overloaded, RateLimited, StoreUnavailable
from telemetry.ingestion.claims import Claim, principal_claim, token_claim
from telemetry.ingestion.ingestor import Ingestor, start_ingestor, stop_ingestor
from telemetry.ingestion.inline import FIRST, IN_A_ROW, MOST_SAMPLES
from telemetry.ingestion.submission import Outcome, Submission, submission
from telemetry.models import VibeSample
from telemetry.samples import Sample
from telemetry.selectors import vibe_metrics
from telemetry.signals import feedback_recorded
from tests.people import grant, make_persona, someone
from tests.telemetry.ingestion.conftest import Consenting
from tests.telemetry.ingestion.test_ingestor import nothing_can_be_written, until

WRITER = "arw-ingest"


@dataclass
class Told:
    """What receivers of the commits were told: signals in their order, and on which threads."""

    signals: list[str] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)

    def hear(self, *, recorded: Sequence[Any], **_: Any) -> None:
        self.signals += [sample.signal for one in recorded for sample in one.samples]
        self.threads += [threading.current_thread().name] * len(recorded)


@pytest.fixture
def told() -> Iterator[Told]:
    told = Told()
    feedback_recorded.connect(told.hear)
    yield told
    feedback_recorded.disconnect(told.hear)


@pytest.fixture
def alice(consenting: Consenting) -> User:
    """She may give feedback about persona.alpha."""
    consenting()
    grant("telemetry:persona:workspace")
    return someone("alice")


def one(
    who: User | Claim, *signals: str, about: str = "persona.alpha", key: str | None = None
) -> Submission:
    claim = who if isinstance(who, Claim) else principal_claim(who)
    samples = [Sample(signal=signal) for signal in signals]
    return submission(claim, about, samples, key=key, in_batch=len(signals) > 1)


def numbered(who: User, count: int, letter: str = "n") -> list[Submission]:
    return [one(who, f"{letter}{number}") for number in range(count)]


async def one_by_one(ingestor: Ingestor, *these: Submission) -> list[Outcome]:
    """Their outcomes; each is handed in when the one before it is answered."""
    return [await ingestor.submit_soon(this) for this in these]


def stored() -> list[str]:
    return list(VibeSample.objects.order_by("pk").values_list("signal", flat=True))


def here(count: int) -> list[str]:
    """The threads that tell of so many lone commits, after those that are the writer's."""
    name = threading.current_thread().name if connection.vendor == "sqlite" else WRITER
    return [name] * count


Hold = Callable[[], Callable[[], None]]


@pytest.fixture
def hold() -> Iterator[Hold]:
    """`release = hold()`: another connection has the database's write lock until `release()`."""
    free, holds = threading.Event(), threading.Event()

    def holding() -> None:
        with nothing_can_be_written():
            holds.set()
            free.wait(20)
        connection.close()

    holder = threading.Thread(target=holding)

    def begin() -> Callable[[], None]:
        holder.start()
        assert holds.wait(20)
        return free.set

    yield begin
    free.set()
    holder.join()


def test_it_commits_on_the_loop_s_thread_what_comes_alone(
    ingestor: Ingestor, alice: User, told: Told
) -> None:
    these = numbered(alice, FIRST + 5)
    assert asyncio.run(one_by_one(ingestor, *these)) == [1] * len(these)
    assert told.threads == [WRITER] * FIRST + here(5)
    assert told.signals == stored() == [f"n{number}" for number in range(FIRST + 5)]
    assert vibe_metrics("persona.alpha", now=timezone.now())["total_feedback"] == FIRST + 5
    entry = DecisionEntry.objects.get(allowed=True, action__startswith="telemetry.")
    assert entry.count == FIRST + 5
    assert ingestor.waiting == 0


def test_it_leaves_its_turn_to_the_writer(ingestor: Ingestor, alice: User, told: Told) -> None:
    these = numbered(alice, 2 * FIRST + IN_A_ROW + 1)
    assert asyncio.run(one_by_one(ingestor, *these)) == [1] * len(these)
    assert told.threads == [WRITER] * FIRST + here(IN_A_ROW) + [WRITER] * FIRST + here(1)
    # What is committed here is carried over to the database's file too.
    carries = "arw-checkpoints" in {it.name for it in threading.enumerate()}
    assert carries == (connection.vendor == "sqlite")


def test_it_leaves_to_the_writer_what_comes_in_company_or_is_large(
    ingestor: Ingestor, alice: User, told: Told
) -> None:
    async def some() -> None:
        await one_by_one(ingestor, *numbered(alice, FIRST + 1))
        await asyncio.gather(*map(ingestor.submit_soon, numbered(alice, 2, "pair")))
        await one_by_one(ingestor, *numbered(alice, FIRST + 1))
        await ingestor.submit_soon(one(alice, *["large"] * (MOST_SAMPLES + 1)))

    asyncio.run(some())
    alone = [WRITER] * FIRST + here(1)
    assert told.threads == [*alone, WRITER, WRITER, *alone, WRITER]
    assert ingestor.waiting == 0


@pytest.mark.parametrize("reason", ["redis", "full"])
def test_it_leaves_everything_to_the_writer_where_a_commit_takes_long(
    alice: User, told: Told, settings: Any, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    if reason == "redis":
        settings.ARW_REDIS_URL = "redis://127.0.0.1:1"
    elif connection.vendor == "sqlite":
        options = connection.settings_dict["OPTIONS"]
        full = options["init_command"] + "PRAGMA synchronous=FULL;"
        monkeypatch.setitem(options, "init_command", full)
    ingestor = start_ingestor()
    try:
        outcomes = asyncio.run(one_by_one(ingestor, *numbered(alice, FIRST + 2)))
    finally:
        stop_ingestor()
    assert outcomes == [1] * (FIRST + 2)
    assert told.threads == [WRITER] * (FIRST + 2)


def test_it_hands_over_in_order_what_would_have_to_wait_and_holds_nobody_up(
    ingestor: Ingestor, alice: User, told: Told, hold: Hold
) -> None:
    async def some() -> list[Outcome]:
        before = await one_by_one(ingestor, *numbered(alice, FIRST + 1))
        release = hold()
        waiting = [ingestor.submit_soon(one(alice, "w0"))]
        for _ in range(100):
            await asyncio.sleep(0)  # the loop turns
        assert not waiting[0].done()
        waiting += [ingestor.submit_soon(one(alice, "w1"))]
        threads = ingestor.submit(one(alice, "w2"))
        waiting += [ingestor.submit_soon(one(alice, "w3"))]
        await until(lambda: ingestor.waiting == 4)
        assert not threads.done()
        assert not any(it.done() for it in waiting)
        release()
        answered = [*await asyncio.gather(*waiting), await asyncio.wrap_future(threads)]
        return before + answered + await one_by_one(ingestor, *numbered(alice, FIRST + 1, "z"))

    outcomes = asyncio.run(some())
    assert outcomes == [1] * (2 * FIRST + 6)
    first, last = ([f"{letter}{number}" for number in range(FIRST + 1)] for letter in ("n", "z"))
    assert told.signals == stored() == [*first, "w0", "w1", "w2", "w3", *last]
    alone = [WRITER] * FIRST + here(1)
    assert told.threads == [*alone, *[WRITER] * 4, *alone]


def test_it_counts_once_in_the_rate_what_it_hands_over(
    ingestor: Ingestor, alice: User, consenting: Consenting, settings: Any, hold: Hold
) -> None:
    about = f"persona.{uuid.uuid4().hex}"  # nobody has taken from its bucket
    consenting(about)
    settings.ARW_PERSONA_FEEDBACK_RATE_PERSONA = FIRST + 3
    this = one(alice, "a", about=about)

    async def some() -> list[Outcome]:
        before = await one_by_one(ingestor, *[this] * (FIRST + 1))
        release = hold()
        waiting = ingestor.submit_soon(this)
        await asyncio.sleep(0.01)
        release()
        return [*before, await waiting, *await one_by_one(ingestor, this, this)]

    *accepted, limited = asyncio.run(some())
    assert accepted == [1] * (FIRST + 3)
    assert isinstance(limited, RateLimited)
    assert len(stored()) == FIRST + 3


def test_it_counts_nothing_where_the_database_fails(
    ingestor: Ingestor, alice: User, consenting: Consenting, settings: Any, told: Told
) -> None:
    about = f"persona.{uuid.uuid4().hex}"
    consenting(about)
    settings.ARW_PERSONA_FEEDBACK_RATE_PERSONA = FIRST + 4
    this, table = one(alice, "a", about=about), VibeSample._meta.db_table
    before = asyncio.run(one_by_one(ingestor, *[this] * (FIRST + 1)))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO put_aside")
    try:
        (failed,) = asyncio.run(one_by_one(ingestor, this))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE put_aside RENAME TO {table}")
    assert len(stored()) == FIRST + 1
    after = asyncio.run(one_by_one(ingestor, this, this, this))
    assert isinstance(failed, StoreUnavailable)
    # The one that failed was let in by the clamp, as any is that the database refuses later.
    assert before + after[:2] == [1] * (FIRST + 3)
    assert isinstance(after[2], RateLimited)
    assert len(stored()) == len(told.signals) == FIRST + 3


def refusals(alice: User, about: str) -> dict[str, Submission]:
    return {
        "nobody": one(token_claim("arw_" + "0" * 40), "a"),
        "a stranger": one(someone("charlie"), "a"),
        "no such persona": one(alice, "a", about="nobody"),
        "consent is off": one(alice, "a", about="persona.off"),
        "no lease": one(alice, "a", about="persona.other"),
        "another body for the key": one(alice, "b", key="k"),
        "too many": one(alice, "a", about=about),
    }


def shown(outcome: Outcome) -> Any:
    if isinstance(outcome, RateLimited):
        return RateLimited, round(outcome.wait / 60)
    if isinstance(outcome, DomainError):
        return door_refusal(outcome, "/persona/it/feedback", "an-id")
    return type(outcome), str(outcome)


def test_it_refuses_alike_on_both_threads(
    ingestor: Ingestor, alice: User, consenting: Consenting, settings: Any, told: Told
) -> None:
    make_persona("persona.off")
    consenting("persona.other", scope="other")
    consenting("persona.third")
    seen: list[dict[str, Any]] = []
    for lone in (False, True):
        about = f"persona.{uuid.uuid4().hex}"
        consenting(about)

        def outcome_of(this: Submission, lone: bool = lone) -> Outcome:
            if lone:
                return asyncio.run(one_by_one(ingestor, this))[0]
            return ingestor.submit(this).result()

        asyncio.run(one_by_one(ingestor, one(alice, "a", key="k"), *numbered(alice, FIRST)))
        assert outcome_of(one(alice, "a", about=about)) == 1
        kept, outcomes = stored(), {}
        for name, this in refusals(alice, about).items():
            settings.ARW_PERSONA_FEEDBACK_RATE_PERSONA = 1 if name == "too many" else 60_000
            outcomes[name] = shown(outcome_of(this))
        seen.append(outcomes)
        assert stored() == kept
        settings.ARW_PERSONA_FEEDBACK_RATE_PERSONA = 60_000
        assert outcome_of(one(alice, "end", about="persona.third")) == 1
        assert told.threads[-1:] == (here(1) if lone else [WRITER])
    assert seen[0] == seen[1]
    assert [it[0] for it in seen[0].values()] == [
        AuthenticationFailed, 403, 404, 412, 403, 409, RateLimited,
    ]  # fmt: skip


def test_it_keeps_each_one_s_order_and_loses_nothing(
    ingestor: Ingestor, alice: User, told: Told
) -> None:
    count = 150

    def by_thread(letter: str) -> list[Outcome]:
        return [ingestor.submit(this).result(20) for this in numbered(alice, count, letter)]

    async def some() -> list[Outcome]:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as pool:
            beside = loop.run_in_executor(pool, by_thread, "t")
            own = await one_by_one(ingestor, *numbered(alice, count, "l"))
            return [*own, *await beside]

    assert asyncio.run(some()) == [1] * (2 * count)
    ingestor.close()
    for letter in "tl":
        order = [it for it in told.signals if it.startswith(letter)]
        assert order == [f"{letter}{number}" for number in range(count)]
    # Retention keeps the newest of them; what is kept was told in the order of the commits.
    kept = stored()
    assert kept == told.signals[-len(kept) :]
    assert len(told.signals) == 2 * count
    assert vibe_metrics("persona.alpha", now=timezone.now())["total_feedback"] == 2 * count


def test_it_stores_answers_and_tells_everything_before_it_stops(alice: User, told: Told) -> None:
    opened: list[Any] = []

    def note(*, connection: Any, **_: Any) -> None:
        opened.append(connection)

    connection_created.connect(note)
    ingestor = start_ingestor()
    try:

        async def some() -> int:
            accepted = 0
            stopping = None
            try:
                for this in numbered(alice, 10_000):
                    assert await ingestor.submit_soon(this) == 1
                    accepted += 1
                    if accepted == FIRST + 10:
                        stopping = asyncio.create_task(asyncio.to_thread(stop_ingestor))
            except Overloaded:
                assert stopping is not None
                await stopping
            return accepted

        accepted = asyncio.run(some())
    finally:
        stop_ingestor()
        connection_created.disconnect(note)
    assert accepted >= FIRST + 10
    assert told.signals == [f"n{number}" for number in range(accepted)]
    assert stored() == told.signals[-len(stored()) :]
    assert len(opened) >= 1 + (connection.vendor == "sqlite")
    assert all(it.connection is None for it in opened)
    assert ingestor.waiting == 0
