"""`python -m tests.services.ensure [NAME ...]`: installs what is missing, or says so.

The names are those of NEEDS; without one, all. Looks first; installs from the system's packages only as root on a Debian-like system.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.services import binaries


@dataclass(frozen=True)
class Need:
    """One thing the tests need, how to find it, and the package that brings it."""

    name: str
    find: Callable[[], Path | None]
    package: str


NEEDS = (
    Need("postgresql", binaries.postgresql_bin, "postgresql"),
    Need("redis", binaries.redis_server, "redis-server"),
    Need("chromium", binaries.chromium, "chromium"),
    Need("prometheus", binaries.prometheus, "prometheus"),
    Need("nginx", binaries.nginx, "nginx"),
)


def main(names: Sequence[str]) -> int:
    lines = ensure([need for need in NEEDS if not names or need.name in names])
    for line in lines:
        print(f"error: {line}", file=sys.stderr)
    return 1 if lines else 0


def ensure(needs: Sequence[Need]) -> list[str]:
    """Installs what is missing where it may; a line for each need that is still missing."""
    missing = [need for need in needs if need.find() is None]
    if missing and can_install():
        install([need.package for need in missing])
        missing = [need for need in missing if need.find() is None]
    return [
        f"the tests need {need.name}: install the system package '{need.package}' "
        "(as root on a Debian-like system, `make test` does it by itself)"
        for need in missing
    ]


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str]) -> None:
    print(f"installing {', '.join(packages)} from the system's packages", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "-y", "-qq", "--no-install-recommends", *packages]
    for arguments in (["update", "-qq"], install):
        subprocess.run(
            ["apt-get", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=env,
            check=False,
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
