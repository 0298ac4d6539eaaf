"""Processes that this one starts, watches and ends, each by its id."""

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(eq=False)
class Child:
    """A process, how to ask it to end, and how long it may take."""

    name: str
    process: subprocess.Popen[bytes]
    stop_by: int = signal.SIGTERM
    patience: float = 15.0
    began: float = field(default_factory=time.monotonic)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def lived(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.began

    def ask_to_end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(self.stop_by)

    def see_it_end(self) -> None:
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True)
class Ready:
    """A child said that it answers."""

    child: Child


@dataclass(frozen=True)
class Ended:
    """A child ended, asked or not."""

    child: Child


@dataclass(frozen=True)
class Stop:
    """This process was asked to end, by a signal."""


News = Ready | Ended | Stop


class Children:
    """Starts processes and tells what happens to them; use it on the main thread.

    They are sessions of their own, so that Ctrl-C reaches only this process, which ends them in
    order; on Linux they are told to end when this one is killed.
    """

    def __init__(self) -> None:
        self._news: queue.SimpleQueue[News] = queue.SimpleQueue()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: self._news.put(Stop()))

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        descriptors: Sequence[int] = (),
        log: Path | None = None,
        stop_by: int = signal.SIGTERM,
        **account: Any,
    ) -> Child:
        """Start a program; ``account`` as ``Popen`` takes it: ``user``, ``group``."""
        output = log.open("ab") if log else None
        try:
            process = subprocess.Popen(
                [*ending_with_parent(), *command],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=descriptors,
                start_new_session=True,
                **account,
            )
        finally:
            if output:
                output.close()
        child = Child(name, process, stop_by)
        self._beside(self._see_end, child)
        return child

    def start_server(
        self, name: str, descriptor: int, *, env: Mapping[str, str], log: Path | None = None
    ) -> Child:
        """Start a server on a listening socket; the news say ``Ready`` when it answers."""
        reading, writing = os.pipe()
        command = [sys.executable, "-m", "arw_site.run", "serve", str(descriptor)]
        try:
            child = self.start(
                name,
                [*command, "--alone", "--announce", str(writing)],
                env=env,
                descriptors=[descriptor, writing],
                log=log,
            )
        finally:
            os.close(writing)
        self._beside(self._see_ready, child, reading)
        return child

    def next(self) -> News:
        """What happens next; waits for it."""
        return self._news.get()

    def _beside(self, work: Any, *arguments: Any) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _see_end(self, child: Child) -> None:
        child.process.wait()
        self._news.put(Ended(child))

    def _see_ready(self, child: Child, reading: int) -> None:
        with os.fdopen(reading, "rb") as pipe:
            if pipe.read(1):
                self._news.put(Ready(child))


def end_all(children: Sequence[Child]) -> None:
    """Ask all to end, and see them end."""
    for child in children:
        child.ask_to_end()
    for child in children:
        child.see_it_end()


def ending_with_parent() -> list[str]:
    """What to put before a command so that it is told to end when this process is killed."""
    program = shutil.which("setpriv") if sys.platform == "linux" else None
    return [program, "--pdeathsig", "TERM", "--"] if program else []
