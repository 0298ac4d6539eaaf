"""One node of several processes: they share a port, and answer ``/metrics`` as one (contract §12)."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from arw_site.run.children import Child, Children, Ended, Stop, end_all

COUNT_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
NODE_FOLDER = "ARW_NODE_FOLDER"  # where the processes meet; `arw_site.lifespan` reads it
SHORT_LIFE = 5.0  # seconds: who ends sooner would do so again


def serve_many(descriptor: int, count: int, state: Path, announce: Callable[[], None]) -> int:
    """Serve with `count` processes until SIGINT or SIGTERM; returns the exit code.

    A process that ends by itself is replaced; where one ends at its start, all end.
    """
    with metrics_folder(state) as folder:
        return Node(descriptor, folder).run(count, announce)


class Node:
    """The processes behind one listening socket, and the folder that they count and meet in."""

    def __init__(self, descriptor: int, folder: Path) -> None:
        self.descriptor = descriptor
        self.folder = folder
        self.children = Children()
        self.running: list[Child] = []

    def run(self, count: int, announce: Callable[[], None]) -> int:
        try:
            for number in range(1, count + 1):
                self.start(f"server {number}")
            unheard = set(self.running)
            while not isinstance(news := self.children.next(), Stop):
                if isinstance(news, Ended):
                    unheard.discard(news.child)
                    if not self.replace(news.child):
                        return 1
                elif news.child in unheard:
                    unheard.discard(news.child)
                    if not unheard:
                        announce()
        finally:
            end_all(self.running)
        return 0

    def start(self, name: str) -> None:
        folder = str(self.folder)
        env = {**os.environ, COUNT_FOLDER: folder, NODE_FOLDER: folder}
        self.running.append(self.children.start_server(name, self.descriptor, env=env))

    def replace(self, child: Child) -> bool:
        """Start another in place of one that ended; False where that would be in vain."""
        self.running.remove(child)
        # What it counted stays counted; what it had open is open no more.
        mark_process_dead(child.pid, str(self.folder))
        said = f"{child.name} ended with code {child.process.returncode}"
        if child.lived < SHORT_LIFE:
            print(f"error: {said} right after its start", file=sys.stderr)
            return False
        print(f"warning: {said}; another takes its place", file=sys.stderr, flush=True)
        self.start(child.name)
        return True


@contextmanager
def metrics_folder(state: Path) -> Iterator[Path]:
    """A new folder below the state folder, named after this process; removed in the end.

    Folders of starts that were killed go too.
    """
    parent = state / "metrics"
    parent.mkdir(mode=0o700, exist_ok=True)
    for left in parent.iterdir():
        if not is_alive(left.name):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / str(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_alive(name: str) -> bool:
    try:
        os.kill(int(name), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
