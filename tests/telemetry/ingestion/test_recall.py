"""What the writer recalls never outlives what it was read from (contract §1, §6, §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from leases.models import ApiToken, DecisionEntry, Lease, User
from leases.services.kill_switch import kill_switch_set
from leases.tokens import token_create
from personas.models import Persona
from telemetry.errors import PersonaTelemetryForbidden, TelemetryDisabled
from telemetry.ingestion.claims import token_claim
from telemetry.ingestion.commit import commit_group
from telemetry.ingestion.recall import Recall
from telemetry.ingestion.submission import submission
from telemetry.models import VibeSample
from telemetry.samples import Sample
from tests.people import grant, someone
from tests.telemetry.ingestion.conftest import Consenting

NOW = timezone.now().replace(minute=10, second=0, microsecond=0)
HOUR = timedelta(hours=1)
OFF = {"telemetry": {"vibe": {"enabled": False}}}


class Writer:
    """A thread with a connection of its own, which commits one sample at a time."""

    def __init__(self, thread: ThreadPoolExecutor, secret: str) -> None:
        self.recall = Recall()
        self._thread = thread
        self._one = submission(
            token_claim(secret), "persona.alpha", [Sample("calm")], key=None, in_batch=False
        )

    def commits(self, now: datetime = NOW) -> Any:
        """1, or the class of the refusal."""
        return outcome_of(self.begins(now))

    def begins(self, now: datetime = NOW) -> Future[Any]:
        """The same, on its way."""
        return self._thread.submit(commit_group, [self._one], now, self.recall)


def outcome_of(commit: Future[Any]) -> Any:
    (outcome,) = commit.result()
    return outcome if isinstance(outcome, int) else type(outcome)


@pytest.fixture
def writer(consenting: Consenting) -> Iterator[Writer]:
    """Commits feedback of alice about persona.alpha, by a token that lives for two hours from now."""
    consenting()
    _, secret = token_create(user=someone("alice"), name="w", now=NOW, expires=NOW + 2 * HOUR)
    with ThreadPoolExecutor(1) as thread:
        yield Writer(thread, secret)
        thread.submit(connections.close_all).result()


def withdraw() -> None:
    Persona.objects.update(preferences=OFF)


def revoke_token() -> None:
    ApiToken.objects.all().delete()


def take_lease() -> None:
    Lease.objects.all().delete()


def leave() -> None:
    User.objects.get(username="alice").groups.clear()


def stop() -> None:
    kill_switch_set(actor=someone("dana"), engaged=True, reason="a drill", now=NOW)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (withdraw, TelemetryDisabled),
        (revoke_token, AuthenticationFailed),
        (take_lease, PersonaTelemetryForbidden),
        (leave, PersonaTelemetryForbidden),
        (stop, PersonaTelemetryForbidden),
    ],
)
def test_it_sees_what_others_committed_before(
    writer: Writer, change: Callable[[], None], refusal: type[Exception]
) -> None:
    grant("telemetry:persona:workspace", now=NOW)
    assert [writer.commits(), writer.commits()] == [1, 1]

    change()
    kept = VibeSample.objects.count()

    assert writer.commits() is refusal
    assert VibeSample.objects.count() == kept


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (withdraw, TelemetryDisabled),
        (revoke_token, AuthenticationFailed),
        (take_lease, PersonaTelemetryForbidden),
        (leave, PersonaTelemetryForbidden),
    ],
)
def test_it_sees_what_others_committed_while_it_waited_for_the_record(
    writer: Writer, change: Callable[[], None], refusal: type[Exception]
) -> None:
    grant("telemetry:persona:workspace", now=NOW)
    assert writer.commits() == 1

    with transaction.atomic():
        Persona.objects.select_for_update().get(pk="persona.alpha")
        commit = writer.begins()
        until_it_waits(commit)
        change()
        assert not commit.done()

    assert outcome_of(commit) is refusal
    assert VibeSample.objects.count() == 1


def until_it_waits(commit: Future[Any]) -> None:
    """Until the writer waits for a row of this transaction; SQLite keeps it from beginning."""
    while connection.vendor == "postgresql":
        assert not commit.done()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone() == (1,):
                return


def test_it_keeps_the_newest_whatever_it_knows_of_those_before(
    writer: Writer, settings: Any
) -> None:
    grant("telemetry:persona:workspace", now=NOW)
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 3
    tenth = timedelta(milliseconds=100)

    def kept() -> list[timedelta]:
        times = VibeSample.objects.order_by("-recorded_at").values_list("recorded_at", flat=True)
        return [one - NOW for one in times]

    for turn in range(10, 20):
        assert writer.commits(NOW + turn * tenth) == 1
    assert kept() == [19 * tenth, 18 * tenth, 17 * tenth]
    # A clock that goes back: what is older than all that is kept is not kept itself.
    assert writer.commits(NOW) == 1
    assert kept() == [19 * tenth, 18 * tenth, 17 * tenth]
    # A node whose clock is behind, where fewer than a share were left: looked at again soon.
    VibeSample.objects.exclude(recorded_at=NOW + 19 * tenth).delete()
    (left,) = VibeSample.objects.all()
    VibeSample.objects.create(
        persona_id="persona.alpha", principal=left.principal, signal="late", recorded_at=NOW
    )
    for turn in range(20, 40):
        assert writer.commits(NOW + turn * tenth) == 1
    assert kept() == [39 * tenth, 38 * tenth, 37 * tenth]
    # A smaller share holds from the next sample on.
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 1
    assert writer.commits(NOW + 40 * tenth) == 1
    assert kept() == [40 * tenth]


def test_it_lets_nothing_outlive_a_lease_or_a_token(writer: Writer) -> None:
    grant("telemetry:persona:workspace", now=NOW, ttl_secs=3600)
    assert writer.commits() == 1

    assert writer.commits(NOW + HOUR) is PersonaTelemetryForbidden
    # The token's two hours began when it was made, which may be an hour after ``NOW``.
    assert writer.commits(NOW + 24 * HOUR) is AuthenticationFailed
    # A clock that was wrong, and goes back.
    assert writer.commits(NOW) == 1
    assert VibeSample.objects.count() == 2


def test_it_counts_a_budget_down_exactly(writer: Writer) -> None:
    lease = grant("telemetry:persona:workspace", now=NOW, budget=2)

    outcomes = [writer.commits() for _ in range(3)]

    lease.refresh_from_db()
    assert outcomes == [1, 1, PersonaTelemetryForbidden]
    assert (lease.used, VibeSample.objects.count()) == (2, 2)


def test_it_reads_nothing_again_where_the_database_says_that_nobody_wrote(writer: Writer) -> None:
    grant("telemetry:persona:workspace", now=NOW)
    writer.commits()
    (before,) = writer.recall.judgements.values()
    writer.commits()
    (unchanged,) = writer.recall.judgements.values()
    grant("other:thing", now=NOW)
    writer.commits()
    (anew,) = writer.recall.judgements.values()

    assert (before is unchanged) == (connection.vendor == "sqlite")
    assert anew is not unchanged
    assert anew[0].decision == before[0].decision


def test_it_counts_exactly_and_tells_the_time_to_the_second(writer: Writer) -> None:
    grant("telemetry:persona:workspace", now=NOW)
    writer.commits()
    writer.commits(NOW + timedelta(milliseconds=999))
    soon = DecisionEntry.objects.get(allowed=True, action__startswith="telemetry.")
    writer.commits(NOW + timedelta(milliseconds=1001))
    later = DecisionEntry.objects.get(pk=soon.pk)

    assert (soon.count, soon.at) == (2, NOW)
    assert (later.count, later.at) == (3, NOW + timedelta(milliseconds=1001))
    assert later.inputs == soon.inputs
