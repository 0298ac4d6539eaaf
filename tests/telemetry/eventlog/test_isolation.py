"""No Django, no socket, no waiting: what the event log may not import or open."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from telemetry.eventlog.paths import Home
from tests.services.server import ROOT
from tests.telemetry.eventlog.logs import read_rows

HEAVY = ("django", "rest_framework", "channels", "typer", "pydantic", "msgspec", "redact_secret")

# Any socket ends the process; so does any import of Django.
WITHOUT_SOCKETS = """
import sys
def refuse(event, arguments):
    if event.startswith("socket.") or (event == "import" and arguments[0].startswith("django")):
        print("REFUSED", event, arguments[0], file=sys.stderr)
        import os
        os._exit(70)
sys.addaudithook(refuse)
from telemetry.eventlog.cli.main import main
out = sys.argv[1]
for arguments in (
    ["status"], ["record", "quest.completed", "--data", '{"note": "call +1 202 555 0143, a@example.org"}'],
    ["export", "--out", out], ["verify"], ["tail"], ["purge", "--older-than", "1d", "--yes"],
    ["purge", "--yes"], ["status", "--json"], ["--help"],
):
    code = main(["telemetry", *arguments])
    if code:
        sys.exit(code)
from telemetry.eventlog.background import BackgroundWriter
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
writer = BackgroundWriter(Store())
writer.submit(Event("runner.started"))
writer.close()
assert writer.written == 1
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)


def test_it_runs_every_command_without_sockets_and_django(home: Home, tmp_path: Path) -> None:
    done = python(WITHOUT_SOCKETS, str(tmp_path / "out.json"))

    assert (done.returncode, done.stderr) == (0, "")
    assert read_rows(home)[-1]["event_type"] == "runner.started"


def test_it_imports_nothing_heavy_for_the_status(home: Home) -> None:
    code = (
        "import sys\n"
        "from telemetry.eventlog.cli.main import main\n"
        "assert main(['telemetry', 'status', '--json']) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    done = python(code)

    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stderr == ""


def test_it_is_held_by_the_import_contract_and_has_an_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert project["project"]["scripts"]["runner"] == "telemetry.eventlog.cli.main:main"
    (pure,) = [
        each for each in project["tool"]["importlinter"]["contracts"] if each["id"] == "pure"
    ]
    assert "telemetry.eventlog" in pure["source_modules"]
    assert {"django", "rest_framework", "channels"} <= set(pure["forbidden_modules"])
