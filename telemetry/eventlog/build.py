"""The `build` field of a row: what wrote it (spec 002 "Event schema")."""

import platform
from functools import cache
from pathlib import Path
from typing import Any, Final

_PROJECT: Final = Path(__file__).resolve().parent.parent.parent


@cache
def build() -> dict[str, Any]:
    """`{runner_version, git_sha | None, python_version, platform}` of this process."""
    return {
        "runner_version": _version(),
        "git_sha": _git_sha(_PROJECT / ".git"),
        "python_version": platform.python_version(),
        "platform": platform.platform(),
    }


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("arw-personas")
    except PackageNotFoundError:
        return "unknown"


def _git_sha(git: Path) -> str | None:
    """The commit of a checkout, read from its files; None where it is none."""
    try:
        head = (git / "HEAD").read_text(encoding="ascii").strip()
        if not head.startswith("ref: "):
            return _hexadecimal(head)
        name = head.removeprefix("ref: ")
        loose = git / name
        if loose.is_file():
            return _hexadecimal(loose.read_text(encoding="ascii").strip())
        for line in (git / "packed-refs").read_text(encoding="utf-8").splitlines():
            if line.endswith(f" {name}"):
                return _hexadecimal(line.split(" ", 1)[0])
    except (OSError, ValueError):
        return None
    return None


def _hexadecimal(text: str) -> str | None:
    is_commit = len(text) in {40, 64} and set(text) <= set("0123456789abcdef")
    return text if is_commit else None
