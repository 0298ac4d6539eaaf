"""Consent and feedback from the command line."""

import json
from pathlib import Path

from tests.cli.conftest import Desk, lines


def vibe(desk: Desk, persona_id: str) -> dict[str, object]:
    return desk.record(persona_id)["preferences"].get("telemetry", {}).get("vibe", {})


def test_it_shows_the_notice_before_a_grant(desk: Desk) -> None:
    desk.seed("vibe.grant")

    done = desk("persona", "telemetry", "vibe.grant", "--enable", "--scope", "team", "--yes")

    notice = desk.get("/state/consent-notice").json()
    told = " ".join(done.stderr.split())
    assert done.returncode == 0
    assert notice["title"] in told
    assert all(" ".join(paragraph.split()) in told for paragraph in notice["paragraphs"])
    assert done.stdout == "Telemetry enabled for persona vibe.grant (scope: team)\n"
    assert vibe(desk, "vibe.grant") == {"enabled": True, "scope": "team"}


def test_it_grants_nothing_when_nobody_is_there_to_agree(desk: Desk) -> None:
    desk.seed("vibe.alone")

    done = desk("persona", "telemetry", "vibe.alone", "--enable")

    assert (done.returncode, done.stdout) == (2, "")
    assert lines(done.stderr)[-1] == (
        "nobody is there to agree: read the notice above and add --yes"
    )
    assert vibe(desk, "vibe.alone") == {}
    assert desk.record("vibe.alone")["version"] == 1


def test_it_withdraws_without_asking(desk: Desk) -> None:
    desk.seed("vibe.off", "--enable-telemetry")

    done = desk("persona", "telemetry", "vibe.off", "--disable")
    after = desk("persona", "feedback", "vibe.off", "--signal", "warmer", who="alice")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Telemetry disabled for persona vibe.off\n"
    assert after.returncode == 1
    assert "Telemetry Disabled" in after.stderr


def test_it_asks_before_an_approval_that_grants_consent(desk: Desk) -> None:
    desk.seed("vibe.approve")
    merge = {"preferences": {"telemetry": {"vibe": {"enabled": True}}}}
    proposal_id = desk.propose("vibe.approve", merge)

    alone = desk("persona", "approve", proposal_id, who="bob")
    assert alone.returncode == 2
    assert desk.get("/state/consent-notice").json()["title"] in alone.stderr
    assert desk.record("vibe.approve")["version"] == 1

    agreed = desk("persona", "approve", proposal_id, "--yes", who="bob")
    assert agreed.returncode == 0
    assert vibe(desk, "vibe.approve")["enabled"] is True


def test_it_gives_feedback_and_reads_it_back(desk: Desk) -> None:
    desk.seed("vibe.sample", "--enable-telemetry")

    done = desk(
        "persona", "feedback", "vibe.sample", "--signal", "warmer", "--strength", "0.7",
        "--note", "kinder than last week", "--kind", "retro", "--metadata", '{"turn": 3}',
        who="alice",
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Accepted 1 sample for persona vibe.sample\n"
    [sample] = desk.get("/state/persona/vibe.sample/vibe_history").json()["items"]
    assert (sample["signal"], sample["strength"], sample["kind"]) == ("warmer", 0.7, "retro")
    assert sample["metadata"] == {"turn": 3}
    history = desk("persona", "vibe-history", "vibe.sample")
    assert "warmer" in history.stdout
    assert "kinder than last week" in history.stdout
    metrics = desk("persona", "metrics", "vibe.sample")
    assert "total_feedback    1" in lines(metrics.stdout)
    assert any(line.split()[:2] == ["warmer", "1"] for line in lines(metrics.stdout))


def test_it_sends_a_batch_once(desk: Desk, tmp_path: Path) -> None:
    desk.seed("vibe.batch", "--enable-telemetry")
    file = tmp_path / "batch.json"
    file.write_text(json.dumps([{"signal": "cooler"}, {"signal": "faster", "strength": 1}]))
    command = ("persona", "feedback", "vibe.batch", "--file", str(file), "--idempotency-key", "k1")

    first, second = desk(*command, who="alice"), desk(*command, who="alice")

    assert first.stdout == "Accepted 2 samples for persona vibe.batch\n"
    assert second.returncode == 0
    assert len(desk.get("/state/persona/vibe.batch/vibe_history").json()["items"]) == 2


def test_it_points_at_each_wrong_sample(desk: Desk) -> None:
    desk.seed("vibe.wrong", "--enable-telemetry")
    batch = [{"strength": 2}, {"signal": "ok"}, {"strength": -1}]

    done = desk(
        "persona", "feedback", "vibe.wrong", "--file", "-", who="alice", stdin=json.dumps(batch)
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "Invalid Feedback" in lines(done.stderr)[0]
    pointers = [line.split(":")[0] for line in lines(done.stderr)[1:]]
    assert pointers == ["  /0/strength", "  /2/strength"]
    assert desk.get("/state/persona/vibe.wrong/vibe_history").json()["items"] == []


def test_it_says_which_lease_is_missing(desk: Desk) -> None:
    desk.seed("vibe.lease", "--enable-telemetry", "--telemetry-scope", "nobody-has-this")

    done = desk("persona", "feedback", "vibe.lease", "--signal", "warmer", who="alice")

    assert done.returncode == 1
    assert "Persona Telemetry Forbidden" in done.stderr
