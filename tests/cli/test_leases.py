"""Leases and tokens from the command line."""

import json
from datetime import datetime

import pytest

from tests.cli.conftest import Desk, lines


@pytest.mark.parametrize(("ttl", "secs"), [("90s", 90), ("30m", 1800), ("1h", 3600), ("7", 7)])
def test_it_lends_for_the_time_that_was_said(desk: Desk, ttl: str, secs: int) -> None:
    done = desk("admin", "lease", "grant", "cli:ttl", "--ttl", ttl, "--json")

    lease = json.loads(done.stdout)
    lent = datetime.fromisoformat(lease["ttl_until"]) - datetime.fromisoformat(lease["created"])
    assert round(lent.total_seconds()) == secs


def test_it_lends_with_every_detail(desk: Desk) -> None:
    done = desk(
        "admin", "lease", "grant", "cli:detail", "--ttl-secs", "60", "--scope", "agent:a",
        "--subject", "alice", "--budget", "3", "--reason", "for the retrospective",
    )  # fmt: skip

    [lease] = [
        item
        for item in desk.get("/state/leases").json()["items"]
        if item["capability"] == "cli:detail"
    ]
    assert done.returncode == 0
    assert done.stdout == (
        f"Granted cli:detail lease {lease['id']} (scope: agent:a) "
        f"valid until {lease['ttl_until']}\n"
    )
    assert (lease["budget"], lease["reason"]) == (3, "for the retrospective")
    assert lease["subject"] not in ("local", "alice")
    listed = desk("admin", "lease", "list", who="alice")
    assert any(line.startswith(lease["id"]) for line in lines(listed.stdout))


def test_it_names_each_fault_of_a_lease(desk: Desk) -> None:
    done = desk("admin", "lease", "grant", "cli:bad", "--ttl-secs", "-1", "--scope", "nonsense")

    assert (done.returncode, done.stdout) == (1, "")
    assert [line.split(":")[0] for line in lines(done.stderr)[1:]] == ["  /scope", "  /ttl_secs"]
    assert "cli:bad" not in desk.get("/state/leases", all="true").text


def test_it_grants_nothing_for_those_who_may_not(desk: Desk) -> None:
    done = desk("admin", "lease", "grant", "cli:bob", who="bob")

    assert done.returncode == 1
    assert "Forbidden" in done.stderr
    assert "cli:bob" not in desk.get("/state/leases", all="true").text


def test_it_makes_a_token_that_works_until_it_is_revoked(desk: Desk) -> None:
    made = desk("admin", "token", "create", "nightly", "--expires", "2d", who="alice")
    token = made.stdout.strip()
    assert made.returncode == 0
    assert len(lines(made.stdout)) == 1
    assert "nightly" in made.stderr
    assert token not in made.stderr
    assert desk.server.cli("persona", "list", token=token).returncode == 0

    listed = json.loads(desk("admin", "token", "list", "--json", who="alice").stdout)["items"]
    [mine] = [item for item in listed if item["name"] == "nightly"]
    assert token not in json.dumps(listed)
    foreign = desk("admin", "token", "revoke", mine["id"], who="bob")
    assert foreign.returncode == 1
    assert "Token Not Found" in foreign.stderr
    assert desk.server.cli("persona", "list", token=token).returncode == 0

    done = desk("admin", "token", "revoke", mine["id"], who="alice")
    assert (done.returncode, done.stdout) == (0, f"Revoked token {mine['id']}\n")
    assert desk.server.cli("persona", "list", token=token).returncode == 1


def test_it_takes_an_instant_for_a_token(desk: Desk) -> None:
    done = desk("admin", "token", "create", "late", "--expires", "2001-01-01T00:00:00Z")

    assert done.returncode == 1
    assert "  /expires: " in done.stderr


def test_it_shows_the_notice_before_memory_is_shared(desk: Desk) -> None:
    notice = desk.get("/state/sharing-notice").json()
    asked = ("admin", "lease", "grant", "share:persona", "--scope", "agent:notice")

    alone = desk(*asked)

    assert (alone.returncode, alone.stdout) == (2, "")
    assert notice["title"] in alone.stderr
    assert "--yes" in alone.stderr
    assert "agent:notice" not in desk.get("/state/leases", all="true").text

    done = desk(*asked, "--yes")

    assert done.returncode == 0
    assert done.stdout.startswith("Granted share:persona lease ")
    assert notice["title"] in done.stderr
    assert "agent:notice" in desk.get("/state/leases").text


def test_it_shows_no_notice_for_anything_else(desk: Desk) -> None:
    done = desk("admin", "lease", "grant", "cli:plain")

    assert (done.returncode, done.stderr) == (0, "")


def test_it_shows_the_notice_before_a_request_to_share_is_granted(desk: Desk) -> None:
    notice = desk.get("/state/sharing-notice").json()
    made = desk(
        "admin", "lease", "request", "share:persona", "--reason", "notes", "--json", who="alice"
    )
    request_id = json.loads(made.stdout)["id"]

    alone = desk("admin", "lease", "grant-request", request_id)

    assert (alone.returncode, alone.stdout) == (2, "")
    assert notice["title"] in alone.stderr
    waiting = desk.get("/state/lease-requests", status="pending").json()["items"]
    assert request_id in {item["id"] for item in waiting}

    done = desk("admin", "lease", "grant-request", request_id, "--yes")

    assert done.returncode == 0
    assert done.stdout.startswith(f"Granted request {request_id}")
