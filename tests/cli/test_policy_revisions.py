"""Policies that were in force, named by the beginning of their revision; and a reload that fails."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import lines
from tests.conftest import StartServer
from tests.deployments import Deployment

BAD = '{\n  "lease_rules": [],\n  "allow_all": 1\n}'


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    path.write_text('{"allow_all": true}', encoding="utf-8")
    return path


@pytest.fixture
def deployment(start_server: StartServer, policy_file: Path) -> Iterator[Deployment]:
    found = Deployment(start_server(env={"ARW_POLICY_FILE": str(policy_file)}))
    yield found
    found.close()


def test_it_shows_and_compares_what_was_in_force(deployment: Deployment, policy_file: Path) -> None:
    def run(*arguments: str, who: str = "dana") -> str:
        done = deployment.server.cli("policy", *arguments, token=deployment.tokens[who])
        assert done.returncode == 0, done.stderr
        return done.stdout

    old = json.loads(run("show", "--json"))["revision"]
    deployment.persona()
    deployment.propose({"name": "New"})
    policy_file.write_text("{}", encoding="utf-8")
    new = json.loads(run("reload", "--json"))["policy"]["revision"]
    assert (len(old), len(new), old == new) == (64, 64, False)

    shown = json.loads(run("show", "--revision", old[:7], "--json"))
    assert (shown["revision"], shown["allow_all"]) == (old, True)
    assert ["allow_all", "true"] in [line.split() for line in lines(run("show", "--revision", old))]
    assert json.loads(run("show", "--json"))["revision"] == new

    flips = json.loads(run("diff", old[:12], new[:7], "--json"))
    assert (flips["old"], flips["new"]) == (old, new)
    assert [(one["action"], one["now_allowed"], one["old_reason"]) for one in flips["flips"]] == [
        ("persona.manage", False, "allow_all")
    ] * len(flips["flips"])
    assert flips["flipped"] == flips["decisions"] >= 2
    assert json.loads(run("diff", new[:7], new, "--json"))["flipped"] == 0

    refused = deployment.server.cli(
        "policy", "show", "--revision", old[:7], token=deployment.tokens["alice"]
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    unknown = deployment.server.cli(
        "policy", "diff", "0" * 12, new[:7], token=deployment.tokens["dana"]
    )
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "Policy Revision Not Found" in unknown.stderr


def test_it_says_where_a_reload_failed(deployment: Deployment, policy_file: Path) -> None:
    before = deployment.admin.get("/state/policy").json()
    policy_file.write_text(BAD, encoding="utf-8")
    answer = deployment.admin.post("/policy/reload")

    problem = answer.json()
    assert (answer.status_code, problem["title"]) == (400, "Invalid Policy")
    [fault] = problem["errors"]
    assert (fault["pointer"], fault["line"], fault["column"]) == ("/allow_all", 3, 16)
    done = deployment.server.cli("policy", "reload", token=deployment.tokens["dana"])
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{policy_file}:3:16" in done.stderr
    assert deployment.admin.get("/state/policy").json() == before
