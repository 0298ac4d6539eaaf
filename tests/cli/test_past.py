"""The past from the command line: versions, diffs, restore, and the proof of a history."""

import json
import sqlite3

import pytest

from tests.cli.conftest import Desk, lines
from tests.conftest import StartServer
from tests.services.server import RunningServer

WARM = [{"op": "replace", "path": "/traits/tone", "value": "warm"}]


def moved_on(desk: Desk, persona_id: str) -> str:
    """A persona at version 2; returns the proposal that took it there."""
    desk.seed(persona_id, "--traits", '{"tone": "cool"}')
    proposal_id = desk.propose(persona_id, WARM)
    assert desk("persona", "approve", proposal_id, who="bob").returncode == 0
    return proposal_id


def test_it_shows_a_record_as_it_was(desk: Desk) -> None:
    moved_on(desk, "past.shown")
    first, second = reversed(desk.get("/state/persona/past.shown/history").json()["items"])

    by_version = desk("persona", "show", "past.shown", "--version", "1", who="alice")
    by_instant = desk("persona", "show", "past.shown", "--at", first["applied_at"])
    now = desk("persona", "show", "past.shown", "--at", second["applied_at"])
    as_json = desk("persona", "show", "past.shown", "--version", "1", "--json")

    assert (by_version.returncode, by_version.stderr) == (0, "")
    assert by_version.stdout == by_instant.stdout
    assert '  "tone": "cool"' in by_version.stdout
    assert "version    1" in lines(by_version.stdout)
    assert '  "tone": "warm"' in now.stdout
    answer = desk.get("/state/persona/past.shown", version="1")
    assert as_json.stdout == answer.text + "\n"


def test_it_tells_of_a_version_that_never_was(desk: Desk) -> None:
    moved_on(desk, "past.missing")

    for option, value in (("--version", "9"), ("--at", "2001-01-01T00:00:00+01:00")):
        done = desk("persona", "show", "past.missing", option, value)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("Persona Not Found: ")


@pytest.mark.parametrize(
    "command",
    [
        "show p --version 1 --at 2026-01-31T12:00:00Z",
        "show p --at yesterday",
        "show p --at 2026-01-31T12:00:00",
        "show p --version -1",
        "show p --version x",
        "diff",
        "diff p --proposal q",
        "diff --proposal q --from 1",
        "diff p --from -1",
        "verify",
        "verify p --all",
        "restore p",
        "revise q",
        "comment q",
        "request-changes q",
    ],
)
def test_it_refuses_what_makes_no_sense_before_asking(desk: Desk, command: str) -> None:
    done = desk("persona", *command.split(), "--base", "http://127.0.0.1:9")

    assert (done.returncode, done.stdout) == (2, "")
    assert len(lines(done.stderr)) == 1


def test_it_compares_versions(desk: Desk) -> None:
    moved_on(desk, "past.diff")

    last = desk("persona", "diff", "past.diff")
    back = desk("persona", "diff", "past.diff", "--from", "2", "--to", "1")
    first = desk("persona", "diff", "past.diff", "--to", "1")
    same = desk("persona", "diff", "past.diff", "--from", "2")
    as_json = desk("persona", "diff", "past.diff", "--from", "1", "--json")

    assert (last.returncode, last.stderr) == (0, "")
    assert lines(last.stdout) == [
        "past.diff: version 1 to 2",
        '  ~ /traits/tone: "cool" -> "warm"',
    ]
    assert '  ~ /traits/tone: "warm" -> "cool"' in lines(back.stdout)
    assert lines(first.stdout)[0] == "past.diff: version 0 to 1"
    assert '  + /traits: {"tone": "cool"}' in lines(first.stdout)
    assert (same.returncode, same.stdout) == (0, "past.diff: version 2 to 2\n")
    assert same.stderr == "no changes\n"
    answer = desk.get("/state/persona/past.diff/compare", **{"from": "1"})
    assert as_json.stdout == answer.text + "\n"


def test_it_breaks_long_values_into_lines(desk: Desk) -> None:
    long = "word " * 20
    desk.seed("past.long", "--traits", json.dumps({"voice": long, "gone": {"a": long}}))
    proposal_id = desk.propose("past.long", {"traits": {"voice": long + "more", "gone": None}})

    done = desk("persona", "diff", "--proposal", proposal_id)

    assert lines(done.stdout) == [
        f"{proposal_id} (pending) on past.long, version 1",
        "  - /traits/gone:",
        "      {",
        f'        "a": "{long}"',
        "      }",
        "  ~ /traits/voice",
        f'    - "{long}"',
        f'    + "{long}more"',
    ]


def test_it_shows_what_a_proposal_changes_now_and_after_the_decision(desk: Desk) -> None:
    desk.seed("past.proposal", "--traits", '{"tone": "cool", "pace": 3}')
    proposal_id = desk.propose("past.proposal", {"traits": {"tone": "warm"}})
    other = desk.propose("past.proposal", {"traits": {"pace": 5}})
    assert desk("persona", "approve", other, who="bob").returncode == 0

    pending = desk("persona", "diff", "--proposal", proposal_id, "--json")
    found = json.loads(pending.stdout)
    assert (found["version"], found["status"], found["conflicts"]) == (2, "pending", [])
    change = {"path": "/traits/tone", "kind": "changed", "before": "cool", "after": "warm"}
    assert found["changes"] == [{**change, "from_path": None}]

    assert desk("persona", "approve", proposal_id, who="bob").returncode == 0
    decided = desk("persona", "diff", "--proposal", proposal_id)
    assert lines(decided.stdout) == [
        f"{proposal_id} (approved) on past.proposal, version 1",
        '  ~ /traits/tone: "cool" -> "warm"',
    ]


def test_it_shows_opt_ins_as_part_of_what_a_proposal_changes(desk: Desk) -> None:
    desk.seed("past.optin", "--preferences", '{"telemetry": {"vibe": {"enabled": false}}}')
    scope = '{"vibe": {"enabled": true, "scope": "workspace"}}'
    proposal_id = desk.propose("past.optin", {"name": "Opt"}, "--telemetry-scope", scope)
    expected = [
        '  ~ /name: null -> "Opt"',
        "  ~ /preferences/telemetry/vibe/enabled: false -> true",
        '  + /preferences/telemetry/vibe/scope: "workspace"',
    ]

    pending = desk("persona", "diff", "--proposal", proposal_id)
    assert lines(pending.stdout)[1:] == expected
    assert desk("persona", "withdraw", proposal_id, who="alice").returncode == 0
    withdrawn = desk("persona", "diff", "--proposal", proposal_id)
    assert lines(withdrawn.stdout)[1:] == expected


def test_it_shows_conflicts(desk: Desk) -> None:
    desk.seed("past.conflict", "--traits", '{"tone": "cool"}')
    late = desk.propose("past.conflict", {"traits": {"tone": "dry"}})
    first = desk.propose("past.conflict", WARM)
    assert desk("persona", "approve", first, who="bob").returncode == 0

    done = desk("persona", "diff", "--proposal", late)

    assert lines(done.stdout) == [
        f"{late} (pending) on past.conflict, version 1",
        '  ~ /traits/tone: "cool" -> "dry"',
        "conflicts with what was applied since",
        "  ! /traits/tone",
        '    before    "cool"',
        '    now       "warm"',
        '    proposed  "dry"',
    ]


def test_it_restores_by_proposal(desk: Desk) -> None:
    moved_on(desk, "past.restored")
    before = desk("persona", "restore", "past.restored", "--version", "2", who="alice")
    assert before.returncode == 1
    assert before.stderr.startswith("Invalid Diff: ")

    done = desk("persona", "restore", "past.restored", "--version", "1", who="alice")

    [pending] = desk.record("past.restored")["pending_proposals"]
    assert done.stdout == (
        f"Proposed {pending['proposal_id']} to restore version 1 of persona past.restored\n"
    )
    assert pending["rationale"] == "Restore version 1"
    assert desk.record("past.restored")["traits"] == {"tone": "warm"}
    assert desk("persona", "approve", pending["proposal_id"], who="bob").returncode == 0
    record = desk.record("past.restored")
    assert (record["version"], record["traits"]) == (3, {"tone": "cool"})


def test_it_proves_a_sound_history(desk: Desk) -> None:
    moved_on(desk, "past.sound")

    one = desk("persona", "verify", "past.sound", who="alice")
    every = desk("persona", "verify", "--all")
    as_json = desk("persona", "verify", "past.sound", "--json")

    assert (one.returncode, one.stderr) == (0, "")
    heading, row = lines(one.stdout)
    assert heading.split() == ["PERSONA", "RESULT", "VERSION", "CHECKED", "ANCHOR"]
    assert row.split() == ["past.sound", "sound", "2", "2", "unanchored"]
    assert (every.returncode, "NOT" in every.stdout) == (0, False)
    total = len(lines(every.stdout)) - 1
    assert every.stderr == f"{total} of {total} sound\n"
    assert total == len(desk.get("/state/persona", limit="500").json()["items"])
    assert json.loads(as_json.stdout)["ok"] is True


def test_it_names_the_first_bad_row_and_why(start_server: StartServer) -> None:
    server = start_server(env={"ARW_EVENT_LOG": "false"})  # as in the fixture `desk`
    desk = Desk(server, server.tokens)
    assert desk("admin", "persona", "grant").returncode == 0
    moved_on(desk, "past.kept")
    moved_on(desk, "past.edited")
    moved_on(desk, "past.cut")
    tamper(server, "UPDATE persona_history SET kind = 'consent'", "past.edited")
    tamper(server, "DELETE FROM persona_history", "past.cut")

    edited = desk("persona", "verify", "past.edited")
    every = desk("persona", "verify", "--all")
    as_json = desk("persona", "verify", "--all", "--json")

    assert edited.returncode == every.returncode == as_json.returncode == 1
    assert "NOT SOUND" in edited.stdout
    assert edited.stderr == "past.edited: version 2 edited: the row is not what was hashed\n"
    assert lines(every.stderr) == [
        "1 of 3 sound",
        "past.cut: version 2 truncated: the record is at version 2, its history ends at 1",
        "past.edited: version 2 edited: the row is not what was hashed",
    ]
    report = json.loads(as_json.stdout)
    assert report["ok"] is False
    assert {one["persona_id"]: one["first_bad_version"] for one in report["items"]} == {
        "past.cut": 2,
        "past.edited": 2,
        "past.kept": None,
    }
    assert desk.record("past.edited")["version"] == 2


def tamper(server: RunningServer, statement: str, persona_id: str) -> None:
    """Does to version 2 of the table what no route can do."""
    sql = f"{statement} WHERE persona_id = '{persona_id}' AND version = 2"
    if server.env["ARW_DATABASE_URL"].startswith("sqlite"):
        connection = sqlite3.connect(server.database)
        with connection:
            assert connection.execute(sql).rowcount == 1
        connection.close()
        return
    code = f"from django.db import connection; print(connection.cursor().execute({sql!r}).rowcount)"
    assert server.manage("shell", "-v0", "-c", code).strip() == "1"


def test_it_tells_what_is_not_there(desk: Desk) -> None:
    for command in ("diff nobody", "diff nobody --from 1", "verify nobody"):
        done = desk("persona", *command.split())
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("Persona Not Found: ")
    done = desk("persona", "diff", "--proposal", "nothing")
    assert done.returncode == 1
    assert done.stderr.startswith("Proposal Not Found: ")
