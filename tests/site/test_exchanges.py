"""Recorded exchanges of the reference server: each answer is the same, or the table says why not.

The recording lies beside the repository. Where it does not, a set of our own stands for it; that
one always runs.
"""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.conftest import StartServer
from tests.deployments import Deployment
from tests.site.exchange_replay import UUID, Difference, Replay, seed

ROOT = Path(settings.BASE_DIR)
RECORDING = ROOT.parent / "shared" / "data" / "arw" / "exchanges.jsonl"
TABLE = ROOT / "docs" / "compatibility.md"
OWN = json.loads(Path(__file__).with_name("exchanges.json").read_text(encoding="utf-8"))


def explained() -> dict[Difference, str]:
    """The rows of the table: each difference with its reason."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| request ")
    ]
    assert all(len(row) == 4 and row[3] for row in rows)
    return {Difference(*row[:3]): row[3] for row in rows}


def replayed(start_server: StartServer, exchanges: list[dict[str, Any]]) -> set[Difference]:
    """Every difference, after all exchanges were sent in order."""
    deployment = Deployment(start_server())
    made = {
        one["response_body"]["proposal_id"]
        for one in exchanges
        if isinstance(one.get("response_body"), dict)
        and str(one["path"]).endswith("/proposals")
        and "proposal_id" in one["response_body"]
    }
    replay = Replay(deployment, made)
    found: list[Difference] = []
    sections = list(dict.fromkeys(one["section"] for one in exchanges))
    for section in sections:
        mine = [one for one in exchanges if one["section"] == section]
        if "disabled" in section and "ENABLE" in section:
            off = start_server(beside=deployment.server, env={"ARW_PERSONA_ENABLE": "false"})
            replay.base = off.base
        seeds = [one for one in mine if "cli" in one and "seed" in one["cli"]]
        if seeds:
            assert set(seed(deployment, seeds)) <= {201, 400}
        if section.startswith("4"):
            # The recorder waited for the lease of one second to end.
            while deployment.admin.get("/state/leases").json()["count"]:
                pass
        found += replay.differences([one for one in mine if one.get("method")])
    deployment.close()
    assert len(found) == len(set(found))
    return set(found)


def test_it_answers_our_own_exchanges(start_server: StartServer) -> None:
    assert replayed(start_server, OWN) == set()


def test_it_differs_from_the_reference_only_as_the_table_says(start_server: StartServer) -> None:
    if not RECORDING.exists():
        return
    lines = RECORDING.read_text(encoding="utf-8").splitlines()
    found = replayed(start_server, [json.loads(line) for line in lines])
    known = explained()
    assert found - known.keys() == set(), "not in the table"
    assert known.keys() - found == set(), "in the table, but no longer so"


def test_it_gives_a_reason_for_every_difference() -> None:
    assert all(len(reason) > 10 for reason in explained().values())
    assert UUID.search(TABLE.read_text(encoding="utf-8")) is None
