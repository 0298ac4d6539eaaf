"""`manage.py sweep`, and sweeps that race: what time decides is written down once (contract §4)."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from arw_site.sweeps import SWEEPS, Sweep, run_sweeps
from leases.models import User
from personas.models import HistoryEntry, Notification, Persona, Proposal
from personas.services.expiry import proposals_expire
from personas.services.reminders import proposals_remind
from personas.signals import proposal_expired
from tests.people import propose

WORKERS = 8
MANY = 24
IDLE = {sweep.name: 0 for sweep in SWEEPS}


@pytest.fixture
def announced() -> Iterator[list[str]]:
    """The proposals whose expiry was announced, in order."""
    heard: list[str] = []

    def hear(*, proposal: Proposal, **_: Any) -> None:
        heard.append(str(proposal.pk))

    proposal_expired.connect(hear)
    yield heard
    proposal_expired.disconnect(hear)


def proposals(persona: Persona, *, expires_in: timedelta, count: int = MANY) -> None:
    for number in range(count):
        propose(persona, [{"op": "add", "path": f"/traits/t{number}", "value": number}])
    Proposal.objects.update(expires_at=timezone.now() + expires_in)
    Notification.objects.all().delete()


def at_once(work: Callable[[], int]) -> list[int]:
    """What each of the workers returned who did it at the same time."""
    results: list[int] = []
    start = threading.Barrier(WORKERS)

    def run() -> None:
        try:
            start.wait(60)
            results.append(work())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == WORKERS
    return results


def told() -> dict[str, int]:
    """How many were told of each kind."""
    kinds = [str(kind) for kind in Notification.objects.values_list("kind", flat=True)]
    return {kind: kinds.count(kind) for kind in set(kinds)}


@pytest.mark.django_db(transaction=True)
def test_it_expires_each_proposal_once_with_many_workers(
    alice: User, bob: User, persona: Persona, announced: list[str]
) -> None:
    proposals(persona, expires_in=timedelta(seconds=-1))
    now = timezone.now()
    marked = at_once(lambda: proposals_expire(now=now))
    assert sum(marked) == MANY
    assert sorted(announced) == sorted(str(pk) for pk in Proposal.objects.values_list("pk", flat=1))
    assert set(Proposal.objects.values_list("status", "decided_by")) == {("expired", None)}
    assert told() == {"expired": MANY}
    assert set(Notification.objects.values_list("recipient__username", flat=True)) == {"alice"}
    persona.refresh_from_db()
    assert (persona.version, HistoryEntry.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_it_reminds_of_each_proposal_once_with_many_workers(
    alice: User, bob: User, dana: User, persona: Persona, announced: list[str]
) -> None:
    proposals(persona, expires_in=timedelta(hours=1))
    now = timezone.now()
    reminded = at_once(lambda: proposals_remind(now=now))
    assert sum(reminded) == MANY
    assert told() == {"expiring": 3 * MANY}
    assert set(Proposal.objects.values_list("status", flat=True)) == {"pending"}
    assert announced == []


@pytest.mark.django_db(transaction=True)
def test_it_sweeps_everything_once_with_many_workers(
    alice: User, bob: User, dana: User, persona: Persona, announced: list[str]
) -> None:
    proposals(persona, expires_in=timedelta(seconds=-1), count=8)
    failures: list[object] = []

    def sweep() -> int:
        swept = run_sweeps(SWEEPS, clock=timezone.now)
        failures.extend(swept.failures.values())
        return swept.amounts.get("proposals_expired", 0)

    assert sum(at_once(sweep)) == 8
    assert failures == []
    assert len(announced) == 8
    assert told() == {"expired": 8}


@pytest.mark.django_db(transaction=True)
def test_it_is_a_command(
    alice: User, persona: Persona, announced: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    proposals(persona, expires_in=timedelta(seconds=-1), count=3)
    call_command("sweep", "--json")
    assert json.loads(capsys.readouterr().out) == {**IDLE, "proposals_expired": 3, "failed": {}}
    call_command("sweep")
    assert "proposals expired: 0\n" in capsys.readouterr().out
    call_command("sweep", verbosity=0)
    assert capsys.readouterr().out == ""
    assert len(announced) == 3
    assert told() == {"expired": 3}


@pytest.mark.django_db(transaction=True)
def test_it_says_what_failed_and_does_the_rest(
    persona: Persona, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    proposals(persona, expires_in=timedelta(seconds=-1), count=1)
    # No length of time: nothing can be said about when a proposal ends soon.
    settings.ARW_PERSONA_PROPOSAL_TTL = "soon"
    with pytest.raises(CommandError, match=r"^proposals_reminded failed \(TypeError\)$"):
        call_command("sweep", "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["failed"] == {"proposals_reminded": "TypeError"}
    assert (report["proposals_expired"], report["news_pruned"]) == (1, 0)
    assert Proposal.objects.get().status == "expired"


def test_it_goes_on_after_a_sweep_that_fails() -> None:
    def fail(_: datetime) -> int:
        raise ValueError("any error will do")

    swept = run_sweeps([Sweep("bad", fail), Sweep("good", lambda _: 7)], clock=timezone.now)
    assert swept.amounts == {"good": 7}
    assert list(swept.failures) == ["bad"]
