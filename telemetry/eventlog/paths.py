"""Where the log lies, and opening its files without following anybody's symlink (contract §9).

`AGENTWELLNESS_HOME`, else `~/.agentwellness`; the log is `telemetry/events.jsonl` under it.
"""

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from telemetry.eventlog.errors import LogUnwritable, UnsafePath

LIVE: Final = "events.jsonl"
_SAFE: Final = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one runner."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "telemetry"

    @property
    def log(self) -> Path:
        return self.folder / LIVE

    @property
    def score_state(self) -> Path:
        return self.root / "state" / "score_state.json"


def home_from_environment(environment: Mapping[str, str] | None = None) -> Home:
    """The home that the environment names."""
    named = (os.environ if environment is None else environment).get("AGENTWELLNESS_HOME", "")
    chosen = Path(named).expanduser() if named.strip() else Path.home() / ".agentwellness"
    return Home(Path(os.path.abspath(chosen)))


class Folder:
    """One open folder; every file in it is opened relative to it, and checked.

    Files are 0600, the folder 0700. Raises UnsafePath for a symlink, a foreign owner, or something
    that is no plain file; FileNotFoundError where nothing is; LogUnwritable where the system refuses.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> Self:
        """Opens `path`; `create` makes it and its parents, closed to others."""
        _check_way(path)
        if create:
            _make(path)
            _check_way(path)
        try:
            descriptor = os.open(path, os.O_DIRECTORY | _SAFE)
        except FileNotFoundError:
            raise
        except OSError as problem:
            raise UnsafePath(f"{path} cannot be opened: {problem.strerror}") from None
        try:
            _check(os.fstat(descriptor), path, stat.S_ISDIR)
            if create and stat.S_IMODE(os.fstat(descriptor).st_mode) != 0o700:
                os.fchmod(descriptor, 0o700)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    def open_file(self, name: str, flags: int) -> int:
        """A descriptor of the file `name`, which is a plain file of ours and 0600 if written."""
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        path = self.path / name
        try:
            descriptor = os.open(name, flags | _SAFE, 0o600, dir_fd=self.descriptor)
        except (FileNotFoundError, FileExistsError):
            raise
        except OSError as problem:
            if path.is_symlink():
                raise UnsafePath(f"{path} is a symlink; it is not followed") from None
            raise LogUnwritable(f"{path} cannot be opened: {problem.strerror}") from None
        try:
            facts = os.fstat(descriptor)
            _check(facts, path, stat.S_ISREG)
            if writes and stat.S_IMODE(facts.st_mode) != 0o600:
                os.fchmod(descriptor, 0o600)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def names(self) -> list[str]:
        return sorted(os.listdir(self.descriptor))

    def facts(self, name: str) -> os.stat_result | None:
        try:
            return os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def rename(self, old: str, new: str) -> None:
        os.rename(old, new, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)

    def remove(self, name: str) -> None:
        os.unlink(name, dir_fd=self.descriptor)

    def sync(self) -> None:
        os.fsync(self.descriptor)

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        raise UnsafePath(f"{path} is in the way: not a folder") from None
    except OSError as problem:
        raise LogUnwritable(f"{path} cannot be made: {problem.strerror}") from None


def _check_way(path: Path) -> None:
    """Whoever may write the folder above may put another folder in the place of ours."""
    above = path.parent
    for each in (above, path):
        _refuse_symlink(each)
    with suppress(FileNotFoundError):
        facts = above.stat()
        if facts.st_uid not in {os.geteuid(), 0}:
            raise UnsafePath(f"{above} belongs to another user ({facts.st_uid})")
        if facts.st_mode & stat.S_IWOTH and not facts.st_mode & stat.S_ISVTX:
            raise UnsafePath(f"{above} may be written by anybody")


def _refuse_symlink(path: Path) -> None:
    if path.is_symlink():
        raise UnsafePath(f"{path} is a symlink; it is not followed")


def _check(facts: os.stat_result, path: Path, is_kind: Callable[[int], bool]) -> None:
    if not is_kind(facts.st_mode):
        raise UnsafePath(f"{path} is neither a plain file nor a folder")
    if facts.st_uid != os.geteuid():
        raise UnsafePath(f"{path} belongs to another user ({facts.st_uid})")
