"""Policy and its decision log from the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Desk, Done, cli, lines

FORBIDDING = {"cedar": {"policy": 'forbid (principal in Group::"members", action, resource);'}}


@pytest.fixture
def policies(tmp_path: Path) -> dict[str, str]:
    """Policy files by name."""
    documents = {"empty": {}, "all": {"allow_all": True}, "forbid": FORBIDDING}
    paths = {}
    for name, document in documents.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        paths[name] = str(path)
    return paths


def refuse_alice(desk: Desk) -> None:
    """A decision in the log that only another policy would turn."""
    done = desk("admin", "lease", "revoke-prefix", "persona:manage")
    assert done.returncode == 0, done.stderr
    refused = desk(
        "persona", "propose", "persona.ines", "--file", "-", who="alice", stdin='{"name": "X"}'
    )
    desk("admin", "persona", "grant")
    assert refused.returncode == 1


def test_it_shows_what_is_in_force(desk: Desk) -> None:
    done = desk("policy", "show", who="alice")

    assert done.returncode == 0
    assert lines(done.stdout)[0].split() == ["mode", "leases"]
    assert json.loads(desk("policy", "show", "--json").stdout)["revision"] is None
    unknown = desk("policy", "show", "--revision", "0123abc")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "Policy Revision Not Found" in unknown.stderr


def test_it_simulates(desk: Desk) -> None:
    done = desk("policy", "simulate", "memory.share.persona", "--resource", "persona.ines")

    assert done.returncode == 0
    assert done.stdout.startswith("refused: ")
    assert "share:persona" in done.stdout
    other = desk("policy", "simulate", "persona.manage", "--subject", "dana", who="alice")
    assert (other.returncode, other.stdout) == (1, "")


def test_it_reloads(desk: Desk) -> None:
    done = desk("policy", "reload")

    assert (done.returncode, done.stdout) == (0, "In force: - (leases)\n")
    assert desk("policy", "reload", who="alice").returncode == 1


def test_it_stops_telemetry_and_lets_it_run_again(desk: Desk) -> None:
    stopped = desk("policy", "kill-switch", "--engage", "--reason", "drill")
    assert json.loads(desk("policy", "show", "--json").stdout)["halted"] is True
    lifted = desk("policy", "kill-switch", "--lift", "--restore-leases")

    assert (stopped.returncode, stopped.stdout) == (0, "Telemetry is stopped\n")
    assert (lifted.returncode, lifted.stdout) == (0, "Telemetry runs again\n")
    assert json.loads(desk("policy", "show", "--json").stdout)["halted"] is False


@pytest.mark.parametrize(
    "options", [[], ["--engage"], ["--engage", "--reason", "x", "--restore-leases"]]
)
def test_it_moves_no_switch_without_all_it_needs(desk: Desk, options: list[str]) -> None:
    done = desk("policy", "kill-switch", *options)

    assert (done.returncode, done.stdout) == (2, "")
    assert json.loads(desk("policy", "show", "--json").stdout)["halted"] is False


def test_it_searches_and_exports_decisions(desk: Desk) -> None:
    refuse_alice(desk)
    listed = desk("policy", "decisions", "--refused", "--actor", "alice", "--all", "--json")
    exported = desk("policy", "decisions", "--refused", "--actor", "alice", "--export")

    items = json.loads(listed.stdout)["items"]
    assert {item["allowed"] for item in items} == {False}
    assert [json.loads(line) for line in lines(exported.stdout)] == sorted(
        items, key=lambda item: item["id"]
    )
    assert "persona.manage" in desk("policy", "decisions", "--refused").stdout
    assert desk("policy", "decisions", who="bob").returncode == 1
    assert desk("policy", "decisions", "--since", "yesterday").returncode == 2


def test_it_says_what_would_flip(desk: Desk, policies: dict[str, str], tmp_path: Path) -> None:
    refuse_alice(desk)
    log = tmp_path / "decisions.jsonl"
    log.write_text(desk("policy", "decisions", "--export").stdout, encoding="utf-8")

    same = desk("policy", "diff", policies["empty"], policies["empty"], "--fail-on-flip")
    assert same.returncode == 0
    assert lines(same.stdout)[-1].startswith("0 of ")
    found = desk("policy", "diff", policies["empty"], policies["all"], "--json")
    flips = json.loads(found.stdout)
    assert found.returncode == 0
    assert flips["flipped"] >= 1
    assert ("persona.manage", True) in {
        (one["action"], one["now_allowed"]) for one in flips["flips"]
    }
    assert flips["flipped"] == sum(one["count"] for one in flips["flips"])

    offline = diff_offline(policies["empty"], policies["all"], log)
    assert json.loads(offline.stdout) == flips
    failing = diff_offline(policies["empty"], policies["all"], log, "--fail-on-flip")
    assert (failing.returncode, json.loads(failing.stdout)) == (1, flips)


def diff_offline(old: str, new: str, log: Path, *more: str) -> Done:
    return cli(
        "policy", "diff", old, new, "--decisions", str(log), "--json", *more,
        env={"ARW_BASE": "http://127.0.0.1:9"},
    )  # fmt: skip


def test_it_says_where_a_policy_is_wrong(policies: dict[str, str], tmp_path: Path) -> None:
    bad, log = tmp_path / "bad.json", tmp_path / "log.jsonl"
    bad.write_text('{\n  "allow_all": 1\n}', encoding="utf-8")
    log.write_text("{}\n", encoding="utf-8")
    done = diff_offline(policies["empty"], str(bad), log)
    broken = diff_offline(policies["empty"], policies["all"], log)
    unreachable = cli(
        "policy", "diff", policies["empty"], policies["all"],
        env={"ARW_BASE": "http://127.0.0.1:9"},
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{bad}:2:" in done.stderr
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "decisions, line 1" in broken.stderr
    assert unreachable.returncode == 3
