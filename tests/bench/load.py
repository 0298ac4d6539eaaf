"""Load by `wrk`, and servers to put it on."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.processes import end

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = Path("/proc")
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True)
class Figure:
    """What one run of wrk saw: requests a second, latency in ms, and answers that were not 2xx."""

    rate: float
    p50: float
    p99: float
    wrong: int


@dataclass(frozen=True)
class Target:
    """A running server; ``pid`` is its process, which may have started more of them."""

    port: int
    pid: int

    @property
    def memory(self) -> float:
        """Resident memory of all its processes, in MiB."""
        return sum(memory_of(pid) for pid in family(self.pid))

    @property
    def cpu(self) -> float:
        """Seconds of CPU that all its processes have used."""
        return sum(map(cpu_of, family(self.pid)))


def family(pid: int, processes: Path = PROCESSES) -> list[int]:
    """A process and those that it started, and so on."""
    found = [pid]
    for one in found:
        for tasks in (processes / str(one) / "task").glob("*/children"):
            found += map(int, tasks.read_text().split())
    return found


def memory_of(pid: int, processes: Path = PROCESSES) -> float:
    """Resident memory of one process, in MiB."""
    text = (processes / str(pid) / "status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", text)[0]) / 1024


def cpu_of(pid: int, processes: Path = PROCESSES) -> float:
    """Seconds of CPU that one process has used."""
    fields = (processes / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(
    application: str, software: str, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Target]:
    """``application`` under uvicorn (httptools, uvloop) or daphne, in one process.

    ``product`` is this server as `make run` serves it, by uvicorn too.
    """
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    if software == "product":
        listener.listen(2048)
    else:
        # By its number: uvicorn takes a descriptor for that of a Unix socket, and waits with half
        # of each answer for the client's acknowledgement of the other.
        listener.close()
    command = {
        "uvicorn": ["uvicorn", "--port", str(port), "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning", "--no-server-header", application],
        "daphne": ["daphne", "-p", str(port), "-b", "127.0.0.1", "--verbosity", "0", "--no-server-name", application],
        "product": ["arw_site.run", "serve", str(listener.fileno())],
    }[software]  # fmt: skip
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdout=output,
            stderr=output,
            pass_fds=[listener.fileno()] if software == "product" else [],
        )
    listener.close()
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{application} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield Target(port, process.pid)
    finally:
        end(process, seconds=30)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as link:
            link.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return bool(link.recv(1))
    except ConnectionError:
        return False


def script(
    folder: Path, name: str, paths: Sequence[str], bodies: Sequence[bytes], token: str = ""
) -> Path:
    """A script for wrk that posts ``bodies`` to ``paths``, each in turn."""
    lines = folder / f"{name}.bodies"
    lines.write_bytes(b"\n".join(bodies))
    lua = folder / f"{name}.lua"
    lua.write_text(
        f"""
        local paths, bodies, at = {{{",".join(json.dumps(path) for path in paths)}}}, {{}}, 0
        for line in io.lines({json.dumps(str(lines))}) do bodies[#bodies + 1] = line end
        local made = {{}}
        function init()
          wrk.headers["Content-Type"] = "application/json"
          wrk.headers["Authorization"] = {json.dumps(f"Bearer {token}")}
          local most = math.max(#paths, #bodies)
          for n = 1, most do
            made[n] = wrk.format(
              "POST", paths[(n - 1) % #paths + 1], wrk.headers, bodies[(n - 1) % #bodies + 1])
          end
        end
        function request()
          at = at % #made + 1
          return made[at]
        end
        """
    )
    return lua


def wrk(target: Target, lua: Path, clients: int, seconds: int) -> Figure:
    """One run with one thread of wrk, which counts in whole seconds."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "--timeout", "30s", "-s", str(lua), f"http://127.0.0.1:{target.port}/"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", done)[0])
    wrong = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", done)))
    for kind in re.findall(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", done
    ):
        wrong += sum(map(int, kind))
    return Figure(rate, _percentile(done, 50), _percentile(done, 99), wrong)


def _percentile(text: str, which: int) -> float:
    ((amount, unit),) = re.findall(rf"{which}%\s+([\d.]+)(us|ms|s|m)\b", text)
    return float(amount) * _UNITS[unit]
