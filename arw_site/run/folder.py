"""The state folder and the keys in it. Standard library only: it runs before the settings exist."""

import os
import secrets
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from arw_site.run.failures import CannotStart

KEYS = {"secret_key": "ARW_SECRET_KEY", "pseudonym_key": "ARW_PSEUDONYM_KEY"}


def prepare_folder(folder: Path, environment: Mapping[str, str]) -> None:
    """Leaves a private, writable `folder` (0700) with every key that the environment lacks.

    Raises CannotStart when the folder cannot be made or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            folder.chmod(0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for name, variable in KEYS.items():
            if not environment.get(variable):
                ensure_key(folder / name)
    except OSError as failure:
        reason = failure.strerror or failure
        raise CannotStart(f"cannot write the state folder {folder}: {reason}") from failure


def ensure_key(path: Path) -> None:
    """A random key in `path`, made once, readable by its owner alone."""
    if path.exists() and path.stat().st_size:
        path.chmod(0o600)
        return
    write_private(path, secrets.token_urlsafe(48) + "\n")


def write_private(path: Path, text: str) -> None:
    """Replaces `path` in one step by a file (0600) with `text`."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)
