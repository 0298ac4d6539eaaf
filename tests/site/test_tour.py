"""The tour of the README, as it is printed there, with the real command line and a real server."""

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import StartServer

ROOT = Path(__file__).resolve().parent.parent.parent

_VARYING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "<instant>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<digest>"),
)


def tour() -> list[tuple[str, list[str]]]:
    """Each command of the README's console blocks, with the lines it prints."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    steps: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
    return steps


def alike(lines: list[str]) -> list[str]:
    """Lines with what differs from run to run replaced."""
    text = "\n".join(line.rstrip() for line in lines)
    for pattern, name in _VARYING:
        text = pattern.sub(name, text)
    return text.splitlines()


def test_it_prints_what_the_readme_says(start_server: StartServer) -> None:
    server = start_server()
    server.manage("demo")
    steps = tour()
    assert len(steps) > 15
    mark = "--- next step ---"
    script = "\n".join(f"{command}\necho '{mark}'" for command, _ in steps)
    env = {name: value for name, value in server.env.items() if name != "ARW_ADMIN_TOKEN"}
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        cwd=ROOT,
        env={**env, "PATH": f"{Path(sys.executable).parent}:{env['PATH']}"},
        text=True,
        capture_output=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    printed = [part.strip("\n").splitlines() for part in done.stdout.split(f"{mark}\n")]
    for (command, expected), actual in zip(steps, printed, strict=False):
        assert alike(actual) == alike(expected), command
