"""Memory from the command line."""

import json
import uuid

import pytest

from tests.cli.conftest import Desk, lines


def remember(desk: Desk, text: str, *more: str, who: str = "alice") -> str:
    done = desk("memory", "upsert", "--lane", "semantic", "--text", text, "--json", *more, who=who)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["output"]["item_id"])


def state(desk: Desk, item_id: str, who: str = "alice") -> str:
    done = desk("memory", "show", item_id, "--json", who=who)
    return str(json.loads(done.stdout)["output"]["state"])


def test_it_keeps_an_item_and_finds_it_again(desk: Desk) -> None:
    word = f"wren{uuid.uuid4().hex[:8]}"

    kept = desk(
        "memory", "upsert", "--lane", "profile", "--text", f"A {word} sings.",
        "--value", '{"times": 2}', "--tag", "birds", "--tag", "morning", "--confidence", "0.9",
        "--source", "the garden", "--owner-kind", "project", "--owner-ref", "tidewatch",
        "--relevance", "persona.tomas=0.75", who="alice",
    )  # fmt: skip
    found = desk("memory", "search", word, "--persona", "persona.tomas", who="alice")
    none = desk("memory", "search", word, "--tag", "evening", who="alice")

    assert (kept.returncode, kept.stderr) == (0, "")
    item_id = kept.stdout.removeprefix("Remembered as ").strip()
    heading, row = lines(found.stdout)
    assert heading.split() == ["ITEM", "LANE", "OWNER", "RELEVANCE", "UPDATED", "TEXT"]
    assert row.split()[:4] == [item_id, "profile", "project:tidewatch", "0.75"]
    assert row.endswith(f"A {word} sings.")
    assert (none.returncode, none.stdout, none.stderr) == (0, "", "no items\n")
    shown = lines(desk("memory", "show", item_id, who="alice").stdout)
    assert shown[0].split() == ["state", "present"]
    assert (
        shown[-5:] == ["text", f"  A {word} sings.", "value", "  {", '    "times": 2', "  }"][-5:]
    )


def test_it_replaces_an_item_of_ones_own_only(desk: Desk) -> None:
    item_id = remember(desk, "Before.")

    own = remember(desk, "After.", "--item", item_id)
    theirs = desk(
        "memory", "upsert", "--lane", "semantic", "--text", "Mine.", "--item", item_id, who="bob"
    )

    assert own == item_id
    assert theirs.returncode == 1
    assert "Not Found" in theirs.stderr
    assert "After." in desk("memory", "show", item_id, who="alice").stdout


def test_it_withholds_what_is_not_shared(desk: Desk) -> None:
    # Of an owner without personas, so that no lease for them can be about it.
    item_id = remember(desk, "Between us.", "--owner-kind", "project", "--owner-ref", "attic")

    done = desk("memory", "show", item_id, who="dana")

    assert done.returncode == 0
    assert lines(done.stdout) == ["state  withheld", f"id     {item_id}"]


def test_it_erases_for_good(desk: Desk) -> None:
    item_id = remember(desk, "Soon gone.")
    kept = remember(desk, "Stays.")

    stranger = desk("memory", "erase", item_id, who="bob")
    assert stranger.returncode == 1
    assert state(desk, item_id) == "present"

    done = desk("memory", "erase", item_id, who="alice")

    assert (done.returncode, done.stdout) == (0, f"Erased {item_id}\n")
    shown = desk("memory", "show", item_id, who="alice").stdout
    assert lines(shown)[0].split() == ["state", "erased"]
    assert "Soon gone" not in shown
    assert state(desk, kept) == "present"


def test_it_erases_all_that_somebody_wrote(desk: Desk) -> None:
    mine, theirs = remember(desk, "Bob's own.", who="bob"), remember(desk, "Alice's own.")

    done = desk("memory", "erase", "--all-of", "bob", who="bob")

    assert done.returncode == 0
    assert done.stdout.startswith("Erased ")
    assert state(desk, mine, "bob") == "erased"
    assert state(desk, theirs) == "present"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["erase"], "say what: an item, or --all-of WHO"),
        (["erase", "a", "--all-of", "b"], "say what: an item, or --all-of WHO"),
        (
            ["upsert", "--lane", "semantic", "--relevance", "x"],
            "--relevance: 'x' is no PERSONA=X such as persona.alpha=0.7",
        ),
        (
            ["upsert", "--lane", "semantic", "--relevance", "=1"],
            "--relevance: '=1' is no PERSONA=X such as persona.alpha=0.7",
        ),
        (
            ["upsert", "--lane", "semantic", "--relevance", "p=nan"],
            "--relevance: must be a finite number",
        ),
    ],
)
def test_it_sends_nothing_that_makes_no_sense(desk: Desk, arguments: list[str], says: str) -> None:
    done = desk("memory", *arguments, who="alice")

    assert (done.returncode, done.stdout, lines(done.stderr)) == (2, "", [says])


def test_it_tells_what_the_server_refuses(desk: Desk) -> None:
    done = desk("memory", "upsert", "--lane", "dreams", "--text", "t", who="alice")

    assert (done.returncode, done.stdout) == (1, "")
    assert "/input/lane" in done.stderr
