"""`persona import`: TinyTroupe files become records; what has no place is told."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Desk, lines
from tests.services.server import ROOT

# Agents that others wrote, where they lie beside the checkout.
SAMPLES = sorted((ROOT.parent / "shared" / "data" / "personas").glob("*.json"))

AGENT = {
    "type": "TinyPerson",
    "persona": {
        "name": "Mara Quist",
        "occupation": {"title": "Cartographer", "description": "Draws coasts."},
        "style": "Slow and exact.",
        "personality": {"traits": ["Patient."], "big_five": {"openness": "High."}},
        "preferences": {"likes": ["old paper"]},
        "beliefs": ["Every map is an argument."],
        "shoe_size": 41,
    },
    "mental_faculties": [],
}


def write(folder: Path, value: object) -> str:
    file = folder / "someone.agent.json"
    file.write_text(json.dumps(value))
    return str(file)


def test_it_imports_and_lists_what_has_no_place(desk: Desk, tmp_path: Path) -> None:
    file = write(tmp_path, AGENT)

    done = desk(
        "persona", "import", file, "--id", "import.mara", "--owner-kind", "agent",
        "--owner-ref", "atlas",
    )  # fmt: skip

    assert done.returncode == 0
    assert done.stdout == "Imported persona import.mara (Mara Quist)\n"
    heading, *places = lines(done.stderr)
    assert heading == "No place in a record, and left out:"
    assert "  /persona/shoe_size" in places
    record = desk.record("import.mara")
    assert (record["name"], record["archetype"]) == ("Mara Quist", "Cartographer")
    assert (record["owner_kind"], record["owner_ref"]) == ("agent", "atlas")
    assert "Every map is an argument." in json.dumps(record["worldview"])


def test_it_sends_nothing_on_a_dry_run(desk: Desk, tmp_path: Path) -> None:
    file = write(tmp_path, AGENT)

    done = desk("persona", "import", file, "--id", "import.dry", "--dry-run")

    assert done.returncode == 0
    assert json.loads(done.stdout)["id"] == "import.dry"
    assert "/persona/shoe_size" in done.stderr
    assert desk.get("/state/persona/import.dry").status_code == 404


@pytest.mark.parametrize("value", [[], "text", {}, {"persona": 5}, None])
def test_it_refuses_what_is_no_agent(desk: Desk, tmp_path: Path, value: object) -> None:
    done = desk("persona", "import", write(tmp_path, value), "--id", "import.none")

    assert (done.returncode, done.stdout) == (2, "")
    assert len(lines(done.stderr)) == 1
    assert desk.get("/state/persona/import.none").status_code == 404


def test_it_grants_no_consent_by_import(desk: Desk, tmp_path: Path) -> None:
    consent = {"telemetry": {"vibe": {"enabled": True}}}
    agent = {"persona": {**AGENT["persona"], "preferences": consent}}  # type: ignore[dict-item]

    done = desk("persona", "import", write(tmp_path, agent), "--id", "import.consent")

    assert done.returncode == 0
    assert "telemetry" in done.stderr
    assert "telemetry  off" in desk("persona", "show", "import.consent").stdout


def test_it_takes_every_sample(desk: Desk) -> None:
    for sample in SAMPLES:
        persona_id = f"import.{sample.name.split('.')[0]}"

        done = desk("persona", "import", str(sample), "--id", persona_id)

        assert done.returncode == 0, done.stderr
        assert desk.record(persona_id)["version"] == 1
