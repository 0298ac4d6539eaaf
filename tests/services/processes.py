"""Processes of the test session: ports, waiting with a deadline, ending by process id."""

import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

# Below those that the system lends to whoever connects or asks for any: a service that is to come
# back to its port finds it, and two workers never take each other's service for their own.
PORTS = range(20_000, 32_000)
MOST_WORKERS = 16
PACE = 0.05  # seconds between two looks at a process that is coming up


class ServiceFailed(RuntimeError):
    """A service did not come up; the message ends with what it printed."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody held a moment ago, and that nobody here is given again."""
    for _ in PORTS:
        port = next(_own_ports)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServiceFailed("no port is free")


def shuffled_ports() -> list[int]:
    """The part of `PORTS` that belongs to this worker of the session alone."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = list(PORTS[worker % MOST_WORKERS :: MOST_WORKERS])
    random.shuffle(ports)
    return ports


_own_ports = cycle(shuffled_ports())


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, *, seconds: float
) -> None:
    """Returns once `ready()`; raises ServiceFailed when the process ends or time runs out."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            end(process)
            raise ServiceFailed(f"not ready after {seconds:.0f} s: {tail(log)}")
        try:
            process.wait(timeout=PACE)
        except subprocess.TimeoutExpired:
            continue
        raise ServiceFailed(f"ended with code {process.returncode}: {tail(log)}")


def eventually(true: Callable[[], bool], *, seconds: float) -> None:
    """Returns once `true()`; fails the test when time runs out."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not true():
        assert time.monotonic() < deadline, f"not so after {seconds:.0f} s"
        pause.wait(PACE)


def is_running(pid: int) -> bool:
    """Whether a process of that id runs; what has ended and was not asked for its code does not."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return listed.stdout.strip()[:1] not in {"", "Z"}


def end(process: subprocess.Popen[bytes], *, by: int = signal.SIGTERM, seconds: float = 60) -> int:
    """Asks the process to end, makes it after `seconds`; returns its exit code."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.returncode


def tail(log: Path, characters: int = 4000) -> str:
    """The end of what a process printed."""
    return log.read_text(encoding="utf-8", errors="replace")[-characters:] if log.exists() else ""
