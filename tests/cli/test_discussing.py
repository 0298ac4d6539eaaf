"""Revising, withdrawing and talking from the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Desk, lines
from tests.conftest import StartServer

WARM = [{"op": "replace", "path": "/traits/tone", "value": "warm"}]
GENTLE = {"traits": {"tone": "gentle"}}
TONE = ("--traits", '{"tone": "cool", "pace": 3}')


def stored(desk: Desk, proposal_id: str) -> dict[str, object]:
    return dict(desk.get(f"/state/proposals/{proposal_id}").json())


def test_it_revises_from_a_file(desk: Desk, tmp_path: Path) -> None:
    desk.seed("rev.file", *TONE)
    proposal_id = desk.propose("rev.file", WARM, "--rationale", "friendlier")
    file = tmp_path / "diff.json"
    file.write_text(json.dumps(GENTLE))

    done = desk("persona", "revise", proposal_id, "--file", str(file), who="alice")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Revised {proposal_id}: revision 2\n"
    now = stored(desk, proposal_id)
    assert now["diff"] == [{**WARM[0], "value": "gentle"}]
    assert (now["revision"], now["rationale"], now["status"]) == (2, "friendlier", "pending")
    assert desk.record("rev.file")["version"] == 1

    shown = lines(desk("persona", "proposal", proposal_id).stdout)
    assert "revision      2" in shown
    assert [line.split("  ")[0] for line in shown if line.startswith("revision ")][1:] == [
        "revision 1",
        "revision 2",
    ]
    assert '  ~ /traits/tone: "cool" -> "gentle"' in shown


def test_it_revises_only_the_digest_that_was_named(desk: Desk) -> None:
    desk.seed("rev.digest", *TONE)
    proposal_id = desk.propose("rev.digest", WARM)
    first = str(stored(desk, proposal_id)["digest"])
    command = ("persona", "revise", proposal_id, "--file", "-", "--rationale", "gentler")
    again = json.dumps(GENTLE)

    done = desk(*command, "--digest", first, "--json", who="alice", stdin=again)
    assert done.returncode == 0
    assert json.loads(done.stdout)["revision"] == 2

    late = desk(*command, "--digest", first, who="bob", stdin=json.dumps({"name": "Late"}))
    assert (late.returncode, late.stdout) == (1, "")
    assert late.stderr.startswith("Review Outdated: ")
    now = stored(desk, proposal_id)
    assert (now["revision"], now["rationale"]) == (2, "gentler")


def test_it_refuses_a_revision_by_another_member(desk: Desk) -> None:
    desk.seed("rev.other", *TONE)
    made = desk(
        "persona", "propose", "rev.other", "--file", "-", "--json",
        who="dana", stdin=json.dumps(WARM),
    )  # fmt: skip
    proposal_id = json.loads(made.stdout)["proposal_id"]

    revised = desk(
        "persona", "revise", proposal_id, "--file", "-", who="alice", stdin=json.dumps(GENTLE)
    )
    withdrawn = desk("persona", "withdraw", proposal_id, who="alice")

    assert (revised.returncode, withdrawn.returncode) == (1, 1)
    assert revised.stderr.startswith("Persona Manage Forbidden: ")
    assert withdrawn.stderr.startswith("Persona Manage Forbidden: ")
    now = stored(desk, proposal_id)
    assert (now["revision"], now["status"], now["diff"]) == (1, "pending", WARM)


def test_it_withdraws(desk: Desk) -> None:
    desk.seed("disc.withdrawn", *TONE)
    proposal_id = desk.propose("disc.withdrawn", WARM)

    done = desk("persona", "withdraw", proposal_id, "--rationale", "not needed", who="alice")

    assert (done.returncode, done.stdout) == (0, f"Withdrawn {proposal_id}\n")
    now = stored(desk, proposal_id)
    assert (now["status"], now["decision_rationale"]) == ("withdrawn", "not needed")
    again = desk("persona", "withdraw", proposal_id, who="alice")
    assert again.returncode == 1
    assert again.stderr.startswith("Proposal Not Pending: ")
    assert desk.record("disc.withdrawn")["version"] == 1


def test_it_comments_on_a_path(desk: Desk) -> None:
    desk.seed("disc.comment", *TONE)
    proposal_id = desk.propose("disc.comment", WARM)

    whole = desk("persona", "comment", proposal_id, "why\nnow?", who="bob")
    part = desk(
        "persona", "comment", proposal_id, "too formal", "--path", "/traits/tone", who="alice"
    )

    assert (whole.returncode, whole.stdout) == (0, f"Commented on {proposal_id}\n")
    assert part.stdout == f"Commented on {proposal_id} at /traits/tone\n"
    comments = stored(desk, proposal_id)["comments"]
    assert isinstance(comments, list)
    assert [(one["text"], one["path"]) for one in comments] == [
        ("why\nnow?", None),
        ("too formal", "/traits/tone"),
    ]
    shown = lines(desk("persona", "proposal", proposal_id).stdout)
    said = [line for line in shown if line.startswith("comment  ")]
    assert said[0].endswith(": why\\nnow?")
    assert said[1].endswith(" on /traits/tone: too formal")


@pytest.mark.parametrize(("text", "path"), [(" ", "/a"), ("fine", "no-pointer")])
def test_it_tells_what_is_wrong_with_a_comment(desk: Desk, text: str, path: str) -> None:
    name = f"disc.bad{len(path)}"
    desk.seed(name, *TONE)
    proposal_id = desk.propose(name, WARM)

    done = desk("persona", "comment", proposal_id, text, "--path", path, who="alice")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Invalid Comment: ")
    assert stored(desk, proposal_id)["comments"] == []


def test_it_asks_for_changes_which_holds_the_approval_up(desk: Desk) -> None:
    desk.seed("disc.changes", *TONE)
    proposal_id = desk.propose("disc.changes", WARM)

    done = desk("persona", "request-changes", proposal_id, "--comment", "keep it cool", who="bob")
    assert (done.returncode, done.stdout) == (0, f"Asked for changes to {proposal_id}\n")
    shown = desk("persona", "proposal", proposal_id)
    assert "changes were asked for: it waits for a revision" in lines(shown.stdout)
    assert ": keep it cool" in shown.stdout

    refused = desk("persona", "approve", proposal_id, who="dana")
    assert refused.returncode == 1
    assert desk.record("disc.changes")["version"] == 1

    revised = desk(
        "persona", "revise", proposal_id, "--file", "-", who="alice", stdin=json.dumps(GENTLE)
    )
    assert revised.returncode == 0
    assert desk("persona", "approve", proposal_id, who="dana").returncode == 0
    assert desk.record("disc.changes")["traits"]["tone"] == "gentle"


def test_it_shows_what_overlaps_and_what_conflicts(desk: Desk) -> None:
    desk.seed("disc.overlap", *TONE)
    first = desk.propose("disc.overlap", WARM)
    second = desk.propose("disc.overlap", GENTLE)

    shown = desk("persona", "proposal", second)
    assert f"overlaps  {first} at /traits/tone" in lines(shown.stdout)

    assert desk("persona", "approve", first, who="bob").returncode == 0
    shown = desk("persona", "proposal", second)
    assert "cannot be applied: the record moved on" in lines(shown.stdout)
    at = lines(shown.stdout).index("conflicts")
    assert lines(shown.stdout)[at + 1 :] == [
        "  ! /traits/tone",
        '    before    "cool"',
        '    now       "warm"',
        '    proposed  "gentle"',
    ]


def test_it_says_how_many_approvals_there_are(start_server: StartServer) -> None:
    server = start_server(
        env={"ARW_PERSONA_APPROVALS_REQUIRED": "2", "ARW_PERSONA_APPROVALS_REQUIRED_HIGH": "2"}
    )
    desk = Desk(server, server.tokens)
    assert desk("admin", "persona", "grant").returncode == 0
    desk.seed("quorum", *TONE)
    proposal_id = desk.propose("quorum", WARM)
    assert "approvals     0 of 2" in lines(desk("persona", "proposal", proposal_id).stdout)

    first = desk("persona", "approve", proposal_id, "--rationale", "fine", who="bob")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == "Approval recorded: 1 of 2\n"
    shown = lines(desk("persona", "proposal", proposal_id).stdout)
    assert "approvals     1 of 2" in shown
    assert any(line.endswith("(revision 1): fine") for line in shown)
    again = desk("persona", "approve", proposal_id, who="bob")
    assert again.stdout == "Approval recorded: 1 of 2\n"
    assert desk.record("quorum")["version"] == 1

    revised = desk(
        "persona", "revise", proposal_id, "--file", "-", who="alice", stdin=json.dumps(GENTLE)
    )
    assert revised.stdout == f"Revised {proposal_id}: revision 2; 1 approval no longer counts\n"
    shown = lines(desk("persona", "proposal", proposal_id).stdout)
    assert "approvals     0 of 2" in shown
    assert any("(revision 1, no longer counts)" in line for line in shown)

    assert desk("persona", "approve", proposal_id, who="bob").returncode == 0
    second = desk("persona", "approve", proposal_id, who="dana")
    assert second.stdout == f"Approved {proposal_id}: persona quorum is now at version 2\n"
    shown = lines(desk("persona", "proposal", proposal_id).stdout)
    assert sum("no longer counts" in line for line in shown) == 1
    assert sum(line.startswith("approval  ") for line in shown) == 3
