"""The page of the server's log: for admins, without a row, without a path of the machine."""

import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from leases.models import User
from telemetry.audit import writing
from telemetry.eventlog.paths import Home
from telemetry.eventlog.rows import Event
from tests.people import someone
from tests.telemetry.eventlog.logs import read_rows

pytestmark = pytest.mark.django_db
PAGE = "admin:telemetry_event_log"
EXPORT = "admin:telemetry_event_log_export"


def client_of(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="leases.authentication.PeopleBackend")
    return client


def fill() -> None:
    for _ in range(3):
        writing.record(Event("quest.completed", {"quest_id": "daily.review"}, actor="human:jo"))
    assert writing.flush(30)


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
@pytest.mark.parametrize("page", [PAGE, EXPORT])
def test_it_is_for_admins_only(home: Home, page: str, name: str) -> None:
    fill()
    before = home.log.read_bytes()
    client = client_of(someone(name))
    answer = client.get(reverse(page))
    assert answer.status_code == 403
    assert b"quest" not in answer.content
    assert reverse(PAGE).encode() not in client.get(reverse("admin:index")).content
    assert home.log.read_bytes() == before


def test_it_sends_who_is_not_signed_in_to_the_door() -> None:
    for page in (PAGE, EXPORT):
        assert Client().get(reverse(page)).status_code == 302


def test_it_shows_state_and_proof_but_no_row(home: Home, dana: User) -> None:
    client = client_of(dana)
    empty = client.get(reverse(PAGE))
    assert (empty.context["state"].events, empty.context["verdict"].ok) == (0, True)
    assert not home.root.exists()
    fill()
    answer = client.get(reverse(PAGE))
    text = answer.content.decode()
    assert answer.context["state"].events == 3
    assert answer.context["verdict"].checked_events == 3
    assert "The chain holds: 3 events were checked." in text
    shown = [str(home.root), "human:jo", "daily.review", *(r["event_id"] for r in read_rows(home))]
    assert [one for one in shown if one in text] == []
    assert reverse(PAGE) in client.get(reverse("admin:index")).content.decode()


def test_it_names_the_row_that_breaks_the_chain(home: Home, dana: User) -> None:
    fill()
    rows = home.log.read_bytes()
    home.log.write_bytes(rows.replace(b"daily.review", b"daily.revieW", 1))
    text = client_of(dana).get(reverse(PAGE)).content.decode()
    assert "event_hash_mismatch" in text
    assert "line 1" in text
    assert "A row is not what was written." in text
    assert "daily.revieW" not in text


def test_it_proves_a_large_log_only_when_asked(
    home: Home, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from telemetry.audit import page

    monkeypatch.setattr(page, "VERIFIED_AT_ONCE", 10)
    fill()
    client = client_of(dana)
    assert client.get(reverse(PAGE)).context["verdict"] is None
    assert client.get(reverse(PAGE), {"verify": "1"}).context["verdict"].ok


def test_it_exports_aggregates(home: Home, dana: User) -> None:
    fill()
    answer = client_of(dana).get(reverse(EXPORT), {"range": "24h"})
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"].startswith('attachment; filename="event-log-24h-')
    summary = json.loads(answer.content)
    assert (summary["range"], summary["events_considered"]) == ("24h", 3)
    assert not [row["event_id"] for row in read_rows(home) if row["event_id"] in str(summary)]


@pytest.mark.parametrize("range_text", ["", "7", "0d", "-1d", "7d\r\nX: y", "x" * 5000])
def test_it_refuses_other_ranges(dana: User, range_text: str) -> None:
    answer = client_of(dana).get(reverse(EXPORT), {"range": range_text})
    assert answer.status_code == 400
    assert not answer.has_header("Content-Disposition")


def test_it_takes_no_other_method(home: Home, dana: User) -> None:
    client = client_of(dana)
    assert client.post(reverse(PAGE)).status_code == 405
    assert client.post(reverse(EXPORT)).status_code == 405
    assert not home.root.exists()


def test_it_says_that_a_log_cannot_be_read(home: Home, dana: User, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    home.root.mkdir()
    home.folder.symlink_to(elsewhere)
    client = client_of(dana)
    answer = client.get(reverse(PAGE))
    assert answer.status_code == 200
    assert "The log cannot be read" in answer.content.decode()
    assert str(tmp_path) not in answer.content.decode()
    refused = client.get(reverse(EXPORT))
    assert refused.status_code == 503
    assert str(tmp_path) not in refused.content.decode()
