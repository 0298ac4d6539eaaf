"""Starts the cluster's parts in order, keeps them running, and ends them in the opposite order."""

import fcntl
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from arw_site.run.children import Child, Children, Ended, News, Ready, Stop
from arw_site.run.cluster.ports import kept_ports
from arw_site.run.cluster.postgresql import PostgreSQL
from arw_site.run.cluster.programs import ensure_programs
from arw_site.run.cluster.proxy import Proxy
from arw_site.run.cluster.redis import Redis
from arw_site.run.cluster.screen import welcome
from arw_site.run.failures import CannotStart
from arw_site.run.folder import write_private
from arw_site.run.listener import HOST, listen

NODES = ("node-1", "node-2")
PATIENCE = 60.0  # seconds for a part to answer on a slow machine
PACE = 0.05
SHORT_LIFE = 5.0


class Cluster:
    """PostgreSQL, Redis, two nodes and the proxy of one state folder."""

    def __init__(self, state: Path, port: int) -> None:
        self.state = state
        self.port = port
        self.folder = state / "cluster"
        self.running: dict[str, Child] = {}
        self.starts: dict[str, Callable[[], Child]] = {}

    def run(self) -> int:
        """Runs until SIGINT or SIGTERM; the exit code. Raises CannotStart."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with only_one(self.folder):
            ensure_programs()
            self.children = Children()
            try:
                return self.keep() if self.start() else 0
            finally:
                for child in reversed(list(self.running.values())):
                    child.ask_to_end()
                    child.see_it_end()

    def start(self) -> bool:
        """Whether everything is up; False when it was asked to end before."""
        self.ports = kept_ports(self.folder / "ports.json", ("postgresql", "redis", *NODES))
        database = PostgreSQL(self.folder, self.ports["postgresql"])
        redis = Redis(self.folder, self.ports["redis"])
        proxy = Proxy(self.folder, self.port, [self.ports[name] for name in NODES])
        fast = {"stop_by": signal.SIGINT, **database.account, "cwd": "/"}
        self.add("postgresql", lambda: self.program("postgresql", database.command, **fast))
        self.add("redis", lambda: self.program("redis", redis.command))
        self.wait_for("postgresql", database.answers)
        self.wait_for("redis", redis.answers)
        chosen = {
            "ARW_STATE_DIR": str(self.state),
            "ARW_DATABASE_URL": database.url,
            "ARW_REDIS_URL": redis.url,
            "ARW_BASE": f"http://{HOST}:{self.port}",
        }
        self.env = {**os.environ, **chosen}
        lines = [f"export {name}={shlex.quote(value)}" for name, value in chosen.items()]
        write_private(self.folder / "env", "\n".join([*lines, ""]))
        self.prepare()
        for name in NODES:
            self.add(name, lambda name=name: self.node(name))  # type: ignore[misc]
        if not self.wait_for_nodes():
            return False
        self.add("nginx", lambda: self.program("nginx", proxy.command))
        self.wait_for("nginx", proxy.answers)
        print(welcome(self.state, self.port, self.ports, self.running), flush=True)
        return True

    def keep(self) -> int:
        """Starts anew what ends by itself; 1 when that is in vain, 0 when asked to end."""
        while not isinstance(news := self.children.next(), Stop):
            if isinstance(news, Ended) and self.running.get(news.child.name) is news.child:
                self.refuse_short_life(news.child)
                print(
                    f"warning: {said(news.child)}; starting it again", file=sys.stderr, flush=True
                )
                self.add(news.child.name, self.starts[news.child.name])
        return 0

    def add(self, name: str, start: Callable[[], Child]) -> None:
        self.starts[name] = start
        self.running[name] = start()

    def program(self, name: str, command: list[str], **options: Any) -> Child:
        return self.children.start(name, command, log=self.log(name), **options)

    def node(self, name: str) -> Child:
        """A server on its port; while it is down nobody listens there, and the proxy goes on."""
        with listen(self.ports[name]) as listener:
            return self.children.start_server(
                name, listener.fileno(), env=self.env, log=self.log(name)
            )

    def prepare(self) -> None:
        """Tables, static files, and demo data in an empty database."""
        command = [sys.executable, "-m", "arw_site.run", "prepare", "--fill"]
        if subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, check=False).returncode:
            raise CannotStart("the database of the cluster could not be prepared")

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def wait_for(self, name: str, answers: Callable[[], bool]) -> None:
        """Returns once the part answers; raises CannotStart when it ends, or takes too long."""
        process, deadline = self.running[name].process, time.monotonic() + PATIENCE
        while not answers():
            try:
                process.wait(PACE)
            except subprocess.TimeoutExpired:
                if time.monotonic() < deadline:
                    continue
            raise CannotStart(f"{name} did not start; see {self.log(name)}")

    def wait_for_nodes(self) -> bool:
        """Whether all nodes answer; False when it was asked to end."""
        waiting = set(NODES)
        while waiting:
            news: News = self.children.next()
            if isinstance(news, Stop):
                return False
            if isinstance(news, Ready):
                waiting.discard(news.child.name)
            elif self.running.get(news.child.name) is news.child:
                self.refuse_short_life(news.child, longest=PATIENCE)
        return True

    def refuse_short_life(self, child: Child, longest: float = SHORT_LIFE) -> None:
        if child.lived < longest:
            raise CannotStart(f"{said(child)}; see {self.log(child.name)}")


def said(child: Child) -> str:
    return f"{child.name} ended with code {child.process.returncode}"


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds the folder; raises CannotStart where another cluster holds it."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as failure:
            raise CannotStart(f"a cluster runs already on {folder}") from failure
        yield
