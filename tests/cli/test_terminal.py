"""On a terminal: tables are drawn, and consent is asked for."""

import os
import pty
import subprocess
import sys

from tests.cli.conftest import Desk
from tests.services.server import PATIENCE, ROOT


def on_terminal(desk: Desk, *arguments: str, answer: str = "") -> tuple[int, str]:
    """Exit code and everything shown, of a command that has a terminal for all its streams."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "arw_site.cli", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=desk.env(), stdin=theirs, stdout=theirs, stderr=theirs
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


def test_it_survives_a_full_disk(desk: Desk) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "arw_site.cli", "persona", "list"],
            cwd=ROOT, env=desk.env(), stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr == "error: No space left on device\n"
