"""The anchor beside the log: the newest row known to be on disk (contract §9).

It finds a cut tail, which no chain shows by itself, and lets `status` answer without reading the
log. A fixed-size record, overwritten in place under a lock of its own, and only after the rows that
it names are durable: after a crash it may be behind the log and is never ahead.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from telemetry.eventlog.paths import Folder

NAME: Final = "events.anchor"
_SIZE: Final = 512
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Anchor:
    """`inode`, `size`, `rows`: the live file up to its newest durable row, whose hash is `head`.

    `synced`: bytes of the live file that are durable. `sealed_rows`, `sealed_bytes`: the same of
    the sealed segments. Rows are lines that are not blank.
    """

    inode: int
    size: int
    rows: int
    head: str
    synced: int
    sealed_rows: int = 0
    sealed_bytes: int = 0


def encode(anchor: Anchor) -> bytes:
    """A check, the version and the fields in their order, in a record of fixed size."""
    body = (
        f"{_VERSION} {anchor.inode} {anchor.size} {anchor.rows} {anchor.head} "
        f"{anchor.synced} {anchor.sealed_rows} {anchor.sealed_bytes}"
    ).encode()
    return f"{_check(body)} ".encode() + body.ljust(_SIZE - 18) + b"\n"


def decode(record: bytes) -> Anchor | None:
    """None for a record that is missing, damaged or of another version."""
    check, _, body = record.rstrip().partition(b" ")
    if _check(body).encode() != check:
        return None
    try:
        version, inode, size, rows, head, synced, sealed_rows, sealed_bytes = body.split()
        numbers = int(synced), int(sealed_rows), int(sealed_bytes)
        anchor = Anchor(int(inode), int(size), int(rows), head.decode("ascii"), *numbers)
    except ValueError:
        return None
    is_ours = version == b"%d" % _VERSION and len(anchor.head) == 64
    return anchor if is_ours and min(anchor.size, anchor.rows, *numbers) >= 0 else None


def _check(body: bytes) -> str:
    return sha256(body).hexdigest()[:16]


def read(folder: Folder) -> Anchor | None:
    """The anchor, for readers; without a lock."""
    try:
        descriptor = folder.open_file(NAME, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        # A write in progress shows as a damaged record.
        return next(filter(None, (_load(descriptor) for _ in range(5))), None)
    finally:
        os.close(descriptor)


def is_present(folder: Folder) -> bool:
    return folder.facts(NAME) is not None


class AnchorFile:
    """The writers' side. `locked()` first, then `load` and `save`."""

    def __init__(self, folder: Folder) -> None:
        self._descriptor = folder.open_file(NAME, os.O_RDWR | os.O_CREAT)

    @contextmanager
    def locked(self) -> Iterator[None]:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def load(self) -> Anchor | None:
        return _load(self._descriptor)

    def save(self, anchor: Anchor) -> None:
        os.pwrite(self._descriptor, encode(anchor), 0)

    def close(self) -> None:
        os.close(self._descriptor)


def _load(descriptor: int) -> Anchor | None:
    return decode(os.pread(descriptor, _SIZE, 0))
