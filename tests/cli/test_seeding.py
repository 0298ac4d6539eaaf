"""`admin persona seed` and `grant`: the reference server's flags and words, through the API."""

import json
from pathlib import Path

from tests.cli.conftest import Desk, lines

CONTEXT = {
    "context": {
        "lane_weights": {"semantic": 0.2, "episodic": -0.1},
        "slot_budgets": {"evidence": 3},
        "min_score_bias": 0.1,
    }
}


def test_it_seeds_through_the_versioned_path(desk: Desk) -> None:
    done = desk(
        "admin", "persona", "seed", "--id", "seed.one", "--owner-kind", "project",
        "--owner-ref", "p1", "--name", "One", "--archetype", "ally", "--traits", '{"tone": "warm"}',
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Seeded persona seed.one (owner_kind=project, owner_ref=p1)\n"
    record = desk.record("seed.one")
    assert (record["name"], record["archetype"]) == ("One", "ally")
    assert record["traits"] == {"tone": "warm"}
    history = desk.get("/state/persona/seed.one/history").json()["items"]
    assert [(row["version"], row["kind"]) for row in history] == [(1, "create")]


def test_it_reads_every_field_from_files(desk: Desk, tmp_path: Path) -> None:
    arguments = []
    for field in ("traits", "preferences", "worldview", "vibe_profile", "calibration"):
        file = tmp_path / f"{field}.json"
        file.write_text(json.dumps({"from": field}))
        arguments += [f"--{field.replace('_', '-')}", f"@{file}"]

    record = desk.seed("seed.files", *arguments)

    assert record["vibe_profile"] == {"from": "vibe_profile"}
    assert record["calibration"] == {"from": "calibration"}


def test_it_answers_json_as_the_reference_does(desk: Desk) -> None:
    done = desk("admin", "persona", "seed", "--id", "seed.json", "--json")
    pretty = desk("admin", "persona", "seed", "--id", "seed.pretty", "--json", "--pretty")

    both = json.loads(done.stdout)
    assert set(both) == {"entry", "preview"}
    assert both["entry"]["version"] == 1
    assert both["preview"] == desk.record("seed.json")
    assert len(lines(done.stdout)) == 1
    assert len(lines(pretty.stdout)) > 10


def test_it_shows_the_notice_and_the_previews_with_consent(desk: Desk) -> None:
    done = desk(
        "admin", "persona", "seed", "--id", "seed.consent", "--enable-telemetry",
        "--preferences", json.dumps(CONTEXT),
    )  # fmt: skip

    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "Seeded persona seed.consent (owner_kind=workspace, owner_ref=local)",
        "Telemetry enabled (scope: workspace)",
        "Context bias preview:",
        "  lane episodic         -0.10",
        "  lane semantic         +0.20",
        "  slot minimums:",
        "    evidence         3",
        "  min_score_delta: +0.10",
        "Vibe metrics preview:",
        "  total_feedback: 0",
    ]
    notice = desk.get("/state/consent-notice").json()
    assert notice["title"] in done.stderr
    assert f"Notice {notice['version']}" in done.stderr
    vibe = desk.record("seed.consent")["preferences"]["telemetry"]["vibe"]
    assert vibe == {"enabled": True, "scope": "workspace"}


def test_it_refuses_an_id_that_is_taken_and_one_that_is_none(desk: Desk) -> None:
    desk.seed("seed.taken", "--name", "First")

    taken = desk("admin", "persona", "seed", "--id", "seed.taken", "--name", "Second")
    wrong = desk("admin", "persona", "seed", "--id", "weird id/ü%")

    assert taken.returncode == 1
    assert "Persona Exists" in taken.stderr
    assert desk.record("seed.taken")["name"] == "First"
    assert wrong.returncode == 1
    assert "Invalid Persona" in wrong.stderr
    assert "  /id: " in wrong.stderr


def test_it_does_not_touch_a_state_folder(desk: Desk, tmp_path: Path) -> None:
    done = desk("admin", "persona", "seed", "--id", "seed.folder", "--state-dir", str(tmp_path))

    assert done.returncode == 0
    assert done.stderr == "--state-dir is ignored: records are created through the server\n"
    assert list(tmp_path.iterdir()) == []


def test_it_grants_in_the_words_of_the_reference(desk: Desk) -> None:
    plain = desk("admin", "persona", "grant")
    narrow = desk("admin", "persona", "grant", "--scope", "persona:x", "--ttl-secs", "60")
    raw = desk("admin", "persona", "grant", "--json", "--budget", "2")

    leases = {item["id"]: item for item in desk.get("/state/leases").json()["items"]}
    made = {line.split()[3]: line for line in lines(plain.stdout) + lines(narrow.stdout)}
    first, second = (leases[lease_id] for lease_id in made)
    assert lines(plain.stdout) == [
        f"Granted persona:manage lease {first['id']} valid until {first['ttl_until']}"
    ]
    assert narrow.stdout == (
        f"Granted persona:manage lease {second['id']} (scope: persona:x) "
        f"valid until {second['ttl_until']}\n"
    )
    assert leases[json.loads(raw.stdout)["id"]] == json.loads(raw.stdout)
    assert json.loads(raw.stdout)["budget"] == 2
