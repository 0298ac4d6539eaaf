"""Pins `.ci/requirements/*.in` into `*.txt`: one lock for every platform, with hashes, no hosts."""

import subprocess
import sys
from pathlib import Path

LOCKS = Path(__file__).resolve().parent / "requirements"
UV = Path(sys.executable).with_name("uv")
OPTIONS = (
    *("--universal", "--generate-hashes", "--python-version", "3.11", "--quiet"),
    *("--no-header", "--no-emit-index-url", "--no-emit-find-links"),
)


def main() -> int:
    for name in ("base", "dev"):
        command = [str(UV), "pip", "compile", *OPTIONS, f"{name}.in", "-o", f"{name}.txt"]
        subprocess.run([*command, *sys.argv[1:]], cwd=LOCKS, check=True)
        lock = LOCKS / f"{name}.txt"
        if "://" in lock.read_text(encoding="utf-8"):
            print(f"error: {lock.name} names a host", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
