"""Reading: words for people, the server's own JSON for programs."""

import json

import pytest

from tests.cli.conftest import Desk, lines


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("persona list", "/state/persona"),
        ("persona show persona.juniper", "/state/persona/persona.juniper"),
        ("persona history persona.juniper", "/state/persona/persona.juniper/history"),
        ("persona proposals --persona persona.juniper", "/state/proposals?persona=persona.juniper"),
        ("admin token list", "/state/tokens"),
    ],
)
def test_it_prints_exactly_the_servers_json(desk: Desk, command: str, path: str) -> None:
    done = desk(*command.split(), "--json")
    pretty = desk(*command.split(), "--pretty")

    answer = desk.get(path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == answer.text + "\n"
    assert json.loads(pretty.stdout) == answer.json()
    assert len(lines(pretty.stdout)) > 1


def test_it_lists_personas(desk: Desk) -> None:
    done = desk("persona", "list", "--owner-kind", "agent", "--owner-ref", "night-desk")

    assert done.returncode == 0
    heading, row = lines(done.stdout)
    assert heading.split() == ["ID", "NAME", "OWNER", "VERSION", "PENDING", "UPDATED"]
    assert row.split()[:5] == ["persona.juniper", "Juniper", "agent:night-desk", "1", "1"]


def test_it_says_when_there_is_nothing(desk: Desk) -> None:
    done = desk("persona", "list", "--owner-kind", "agent", "--owner-ref", "nobody")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no personas\n")


def test_it_follows_pages_only_when_asked(desk: Desk) -> None:
    whole = desk("persona", "list", "--json", "--limit", "500")
    one = desk("persona", "list", "--json", "--limit", "1")
    every = desk("persona", "list", "--json", "--limit", "1", "--all")

    ids = [item["id"] for item in json.loads(whole.stdout)["items"]]
    assert len(ids) >= 3
    assert [item["id"] for item in json.loads(one.stdout)["items"]] == ids[:1]
    assert json.loads(one.stdout)["next"]
    followed = json.loads(every.stdout)
    assert [item["id"] for item in followed["items"]] == ids
    assert followed["next"] is None


def test_it_shows_a_persona(desk: Desk) -> None:
    done = desk("persona", "show", "persona.ines")

    assert done.returncode == 0
    assert "name       Ines Calder" in lines(done.stdout)
    assert "telemetry  on, scope workspace" in lines(done.stdout)
    assert "A claim without a source is a question." in done.stdout


def test_it_shows_history(desk: Desk) -> None:
    done = desk("persona", "history", "persona.ines")

    assert done.returncode == 0
    assert [line.split()[:2] for line in lines(done.stdout)[1:]][-2:] == [
        ["2", "consent"],
        ["1", "create"],
    ]


def test_it_tells_what_is_not_there(desk: Desk) -> None:
    done = desk("persona", "show", "nobody")
    strange = desk("persona", "show", "a/../b%2f?x#y ü")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Persona Not Found: Persona id not found\n"
    assert (strange.returncode, strange.stdout) == (1, "")
    assert "Not Found" in strange.stderr


@pytest.mark.parametrize(
    "command",
    [
        "persona list",
        "persona show persona.ines",
        "persona history persona.ines",
        "persona proposals",
        "persona feedback persona.ines --signal warmer",
        "admin persona seed --id charlies",
        "admin persona grant",
        "admin lease grant persona:manage",
        "admin lease list",
    ],
)
def test_it_refuses_a_stranger(desk: Desk, command: str) -> None:
    done = desk(*command.split(), who="charlie")

    assert (done.returncode, done.stdout) == (1, "")
    assert "Forbidden" in done.stderr
    assert desk.get("/state/persona/charlies").status_code == 404


@pytest.mark.parametrize("token", ["", "wrong-" + "x" * 20])
def test_it_says_how_to_sign_in(desk: Desk, token: str) -> None:
    done = desk.server.cli("persona", "list", token=token)

    assert (done.returncode, done.stdout) == (1, "")
    first = "unauthorized: provide --admin-token or set ARW_ADMIN_TOKEN"
    assert lines(done.stderr)[0] == first


def test_it_prints_the_problem_document_too_when_json_is_asked_for(desk: Desk) -> None:
    done = desk("persona", "show", "nobody", "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == "persona_not_found"
    assert "Persona Not Found" in done.stderr


def test_it_takes_the_address_from_the_option_first(desk: Desk) -> None:
    done = desk("persona", "list", "--base", "http://127.0.0.1:9")
    there = desk("persona", "list", "--base", desk.server.base + "/")

    assert done.returncode == 3
    assert there.returncode == 0
