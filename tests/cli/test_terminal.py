"""On a terminal: tables are drawn, and consent is asked for."""

import json
import os
import pty
import re
import subprocess
import sys

from tests.cli.conftest import Desk
from tests.services.server import PATIENCE, ROOT


def on_terminal(desk: Desk, *arguments: str, answer: str = "", **env: str) -> tuple[int, str]:
    """Exit code and everything shown, of a command that has a terminal for all its streams."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "arw_site.cli", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env={**desk.env(), **env}, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        os.write(ours, answer.encode())
        shown = b""
        try:
            while chunk := os.read(ours, 65536):
                shown += chunk
        except OSError:
            pass  # Linux ends a terminal whose other side has gone with EIO
        code = process.wait(PATIENCE)
    os.close(ours)
    return code, shown.decode().replace("\r\n", "\n")


def test_it_draws_tables(desk: Desk) -> None:
    code, shown = on_terminal(
        desk, "persona", "list", "--owner-kind", "agent", "--owner-ref", "night-desk"
    )

    assert code == 0
    assert "───" in shown
    assert "Juniper" in shown


def test_it_asks_before_consent_is_granted(desk: Desk) -> None:
    desk.seed("tty.consent")
    command = ("persona", "telemetry", "tty.consent", "--enable")

    code, shown = on_terminal(desk, *command, answer="n\n")
    assert code == 130
    assert "Grant consent?" in shown
    assert shown.endswith("nothing was done\n")
    assert desk.record("tty.consent")["version"] == 1

    code, shown = on_terminal(desk, *command, answer="y\n")
    assert code == 0
    assert shown.endswith("Telemetry enabled for persona tty.consent (scope: workspace)\n")
    assert desk.record("tty.consent")["version"] == 2
    history = desk.get("/state/persona/tty.consent/history").json()["items"]
    assert history[0]["kind"] == "consent"


def test_it_draws_changes_in_colour(desk: Desk) -> None:
    long = "one two three four five six seven eight nine ten eleven twelve thirteen"
    bad = "\u001b[2J" + "x"
    desk.seed("tty.diff", "--traits", json.dumps({"tone": "cool", "voice": long, "old": bad}))
    diff = {"traits": {"tone": "warm", "voice": long.replace("six", "SIX"), "old": None, "n": 1}}
    proposal_id = desk.propose("tty.diff", diff)
    command = ("persona", "diff", "--proposal", proposal_id)

    code, shown = on_terminal(desk, *command, TERM="xterm-256color", NO_COLOR="")
    assert code == 0
    assert '\x1b[33m  ~ /traits/tone: \x1b[0m\x1b[31m"cool"\x1b[0m -> \x1b[32m"warm"' in shown
    assert "\x1b[32m  + /traits/n: 1" in shown
    assert "\x1b[31m  - /traits/old: " in shown
    assert "\x1b[1;4;32mSIX\x1b[0m" in shown
    assert "\x1b[2J" not in shown

    code, plain = on_terminal(desk, *command, TERM="xterm-256color", NO_COLOR="1")
    assert code == 0
    assert "\x1b[3" not in plain
    assert desk(*command).stdout == re.sub(r"\x1b\[[\d;]*m", "", plain)


def test_it_survives_a_full_disk(desk: Desk) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "arw_site.cli", "persona", "list"],
            cwd=ROOT, env=desk.env(), stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr == "error: No space left on device\n"
