"""The files of one log: sealed segments `events.000001.jsonl` … and the live `events.jsonl`.

A sealed segment is never written again. The first row of each file continues the chain of the file
before it, so that a missing segment shows.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from telemetry.eventlog.errors import LogChanged
from telemetry.eventlog.paths import LIVE, Folder

_SEALED = re.compile(r"events\.([0-9]{6,})\.jsonl")


def sealed_names(folder: Folder) -> list[str]:
    """Sealed segments, oldest first."""
    found = [(int(match[1]), name) for name in folder.names() if (match := _SEALED.fullmatch(name))]
    return [name for _, name in sorted(found)]


def next_sealed_name(folder: Folder) -> str:
    newest = sealed_names(folder)[-1:]
    match = _SEALED.fullmatch(newest[0]) if newest else None
    return f"events.{int(match[1]) + 1 if match else 1:06}.jsonl"


def all_names(folder: Folder) -> list[str]:
    """Every file of the log that exists, in the order of its rows."""
    return [*sealed_names(folder), *([LIVE] if folder.facts(LIVE) else [])]


@contextmanager
def opened_files(folder: Folder) -> Iterator[list[tuple[str, int]]]:
    """(name, descriptor) of every file of the log, for reading, oldest first; without any lock."""
    files = _open_all(folder)
    try:
        yield files
    finally:
        _close(files)


def _open_all(folder: Folder) -> list[tuple[str, int]]:
    """A rotation between listing and opening would hide rows: this repeats until both agree."""
    for _ in range(100):
        files: list[tuple[str, int]] = []
        try:
            names = all_names(folder)
            for name in names:
                files.append((name, folder.open_file(name, os.O_RDONLY)))  # noqa: PERF401  closed on error
            if all_names(folder) == names and _are_still_there(folder, files):
                return files
        except FileNotFoundError:
            pass  # renamed or purged meanwhile
        except BaseException:
            _close(files)
            raise
        _close(files)
    raise LogChanged(f"{folder.path} changes faster than it can be opened; try again")


def _are_still_there(folder: Folder, files: list[tuple[str, int]]) -> bool:
    """Whether each name still means the file that was opened."""
    for name, descriptor in files:
        facts = folder.facts(name)
        if facts is None or facts.st_ino != os.fstat(descriptor).st_ino:
            return False
    return True


def _close(files: list[tuple[str, int]]) -> None:
    for _, descriptor in files:
        os.close(descriptor)
