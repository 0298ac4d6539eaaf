"""The policy file and what it refers to, read from disk (contract §6). Pure."""

from __future__ import annotations

import stat
from pathlib import Path

from leases.policy.document import policy_parse
from leases.policy.faults import PolicyFault, invalid
from leases.policy.rules import PolicyDocument

MAX_FILE_BYTES = 1_048_576


def policy_file_parse(path: Path) -> PolicyDocument:
    """The document that the file means; what it refers to lies relative to its folder.

    Raises ``InvalidPolicy``, whose errors name file, line and column.
    """
    try:
        path = _at_home(path)
        text = file_text(path)
    except (OSError, ValueError) as error:
        strerror = error.strerror if isinstance(error, OSError) else None
        reason = f"the file cannot be read: {strerror or error}"
        raise invalid([PolicyFault("", reason, "unreadable", str(path))]) from None

    def read_file(name: str) -> str:
        return file_text(path.parent / _at_home(Path(name)))

    return policy_parse(text, read_file=read_file, source=str(path))


def file_text(path: Path) -> str:
    """The text of a regular file of at most 1 MiB. Raises OSError and ValueError."""
    if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
        # Opening a pipe waits for whoever writes to it, and the server with it.
        raise ValueError("it is no regular file")
    with path.open("rb") as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"it is larger than {MAX_FILE_BYTES:,} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 at byte {error.start}") from None


def _at_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(str(error)) from None
