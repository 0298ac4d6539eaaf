"""Proposing and deciding from the command line."""

import json
from pathlib import Path

from tests.cli.conftest import Desk, lines

WARM = [{"op": "replace", "path": "/traits/tone", "value": "warm"}]


def pending(desk: Desk, persona_id: str) -> list[str]:
    return [item["proposal_id"] for item in desk.record(persona_id)["pending_proposals"]]


def test_it_proposes_from_a_file(desk: Desk, tmp_path: Path) -> None:
    desk.seed("prop.file", "--traits", '{"tone": "cool"}')
    file = tmp_path / "diff.json"
    file.write_text(json.dumps(WARM))

    done = desk(
        "persona", "propose", "prop.file", "--file", str(file), "--rationale", "friendlier",
        "--lease-required", "persona:manage", "--lease-required", "a:b", who="alice",
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    [proposal_id] = pending(desk, "prop.file")
    assert done.stdout == f"Proposed {proposal_id} for persona prop.file\n"
    stored = desk.get(f"/state/proposals/{proposal_id}").json()
    assert stored["diff"] == WARM
    assert stored["rationale"] == "friendlier"
    assert stored["leases_required"] == ["persona:manage", "a:b"]
    assert desk.record("prop.file")["version"] == 1


def test_it_proposes_a_merge_object_and_further_opt_ins(desk: Desk, tmp_path: Path) -> None:
    desk.seed("prop.merge", "--traits", '{"tone": "cool", "pace": "slow"}')
    scope = tmp_path / "scope.json"
    scope.write_text('{"vibe": {"enabled": true, "scope": "workspace"}}')

    proposal_id = desk.propose(
        "prop.merge", {"traits": {"tone": None}}, "--telemetry-scope", f"@{scope}"
    )

    stored = desk.get(f"/state/proposals/{proposal_id}").json()
    assert stored["diff"] == [{"op": "remove", "path": "/traits/tone"}]
    assert stored["telemetry_scope"] == json.loads(scope.read_text())


def test_it_prints_each_fault_of_a_refused_diff(desk: Desk) -> None:
    desk.seed("prop.refused")
    diff = [
        {"op": "replace", "path": "/id", "value": "x"},
        {"op": "replace", "path": "/version", "value": 9},
    ]

    done = desk(
        "persona", "propose", "prop.refused", "--file", "-", who="alice", stdin=json.dumps(diff)
    )

    assert (done.returncode, done.stdout) == (1, "")
    title, *faults = lines(done.stderr)
    assert title.startswith("Immutable Field: ")
    assert [fault.split(":")[0] for fault in faults] == ["  /diff/0/path", "  /diff/1/path"]
    assert pending(desk, "prop.refused") == []


def test_it_shows_what_a_proposal_would_change(desk: Desk) -> None:
    desk.seed("prop.shown", "--traits", '{"tone": "cool", "old": 1}')
    proposal_id = desk.propose(
        "prop.shown",
        {"traits": {"tone": "warm", "old": None, "new": [1]}},
        "--rationale",
        "why not",
    )

    done = desk("persona", "proposal", proposal_id, who="bob")

    assert done.returncode == 0
    assert "rationale     why not" in lines(done.stdout)
    assert '  ~ /traits/tone: "cool" -> "warm"' in lines(done.stdout)
    assert "  - /traits/old: 1" in lines(done.stdout)
    assert "  + /traits/new: [1]" in lines(done.stdout)


def test_it_approves_and_shows_the_operations_afterwards(desk: Desk) -> None:
    desk.seed("prop.approved", "--traits", '{"tone": "cool"}')
    proposal_id = desk.propose("prop.approved", WARM)

    done = desk("persona", "approve", proposal_id, who="bob")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (f"Approved {proposal_id}: persona prop.approved is now at version 2\n")
    assert desk.record("prop.approved")["traits"] == {"tone": "warm"}
    shown = desk("persona", "proposal", proposal_id)
    assert '  replace /traits/tone: "warm"' in lines(shown.stdout)


def test_it_refuses_ones_own_proposal_and_a_second_decision(desk: Desk) -> None:
    desk.seed("prop.own", "--traits", '{"tone": "cool"}')
    made = desk(
        "persona", "propose", "prop.own", "--file", "-", "--json", who="bob", stdin=json.dumps(WARM)
    )
    own = json.loads(made.stdout)["proposal_id"]

    by_author = desk("persona", "approve", own, who="bob")
    by_member = desk("persona", "approve", own, who="alice")
    assert (by_author.returncode, by_member.returncode) == (1, 1)
    assert "Self Approval Forbidden" in by_author.stderr
    assert "ARW_PERSONA_SELF_APPROVAL" in by_author.stderr
    assert "Persona Manage Forbidden" in by_member.stderr
    assert desk.record("prop.own")["version"] == 1

    assert desk("persona", "approve", own, who="dana").returncode == 0
    again = desk("persona", "approve", own, who="dana")
    assert again.returncode == 1
    assert "Proposal Not Pending" in again.stderr
    assert desk.record("prop.own")["version"] == 2


def test_it_approves_only_the_digest_that_was_named(desk: Desk) -> None:
    desk.seed("prop.digest", "--traits", '{"tone": "cool"}')
    proposal_id = desk.propose("prop.digest", WARM)
    digest = desk.get(f"/state/proposals/{proposal_id}").json()["digest"]

    other = desk("persona", "approve", proposal_id, "--digest", "0" * 64, who="bob")
    assert other.returncode == 1
    assert "Review Outdated" in other.stderr
    assert desk.record("prop.digest")["version"] == 1

    right = desk("persona", "approve", proposal_id, "--digest", digest, who="bob")
    assert right.returncode == 0


def test_it_names_each_conflict(desk: Desk) -> None:
    desk.seed("prop.stale", "--traits", '{"tone": "cool"}')
    late = desk.propose("prop.stale", WARM)
    first = desk.propose("prop.stale", [{**WARM[0], "value": "dry"}])
    assert desk("persona", "approve", first, who="bob").returncode == 0

    done = desk("persona", "approve", late, who="bob")

    assert done.returncode == 1
    assert lines(done.stderr)[0].startswith("Stale Proposal: ")
    assert any(line.startswith("  /traits/tone: base ") for line in lines(done.stderr))
    assert desk.record("prop.stale")["version"] == 2


def test_it_rejects_with_the_reason(desk: Desk) -> None:
    desk.seed("prop.rejected", "--traits", '{"tone": "cool"}')
    proposal_id = desk.propose("prop.rejected", WARM)

    done = desk("persona", "reject", proposal_id, "--rationale", "too warm", who="bob")

    assert (done.returncode, done.stdout) == (0, f"Rejected {proposal_id}\n")
    listed = desk("persona", "proposals", "--status", "rejected", "--persona", "prop.rejected")
    assert proposal_id in listed.stdout
    stored = desk.get(f"/state/proposals/{proposal_id}").json()
    assert (stored["status"], stored["decision_rationale"]) == ("rejected", "too warm")
    assert desk.record("prop.rejected")["version"] == 1


def test_it_tells_a_proposal_that_is_not_there(desk: Desk) -> None:
    done = desk("persona", "approve", "nothing", who="bob")

    assert done.returncode == 1
    assert "Proposal Not Found" in done.stderr
