"""`python -m arw_site.run` as a person starts it: a process with its own port and state folder."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.services.processes import end, free_port, wait_until
from tests.services.server import PATIENCE, ROOT, run

COMMAND = (sys.executable, "-m", "arw_site.run")


def environment(state: Path, **more: str) -> dict[str, str]:
    """A person's environment: no keys and no database chosen, only where state lives."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ARW_")}
    return {**kept, "ARW_STATE_DIR": str(state), "ARW_PORT": str(free_port()), **more}


@contextmanager
def started(env: dict[str, str], log: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Starts a server and yields its address once it is ready."""
    base = f"http://127.0.0.1:{env['ARW_PORT']}"
    with log.open("ab") as output:
        process = subprocess.Popen(
            COMMAND, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        wait_until(lambda: is_ready(base), process, log, seconds=PATIENCE)
        yield base, process
    finally:
        end(process)


def is_ready(base: str) -> bool:
    try:
        return httpx.get(f"{base}/readyz", timeout=PATIENCE).status_code == 200
    except httpx.TransportError:
        return False


def refused(env: dict[str, str]) -> str:
    """The one line that a start printed which could not succeed."""
    done = run(list(COMMAND), env)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    return line
