"""Keeps `.venv` in step with `.ci/requirements/`: `install.py base` or `install.py dev`.

Installs only what a lock names, by hash, and only when a lock or the project's own metadata has
changed since the last time. Uses the standard library alone: it runs before anything is there.
"""

import hashlib
import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / ".ci" / "requirements"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
PIP = (str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")


def main(lock: str) -> int:
    wanted = fingerprints(lock)
    present = read_stamp()
    if all(present.get(name) == value for name, value in wanted.items()):
        return 0
    try:
        install(lock, present, wanted)
    except subprocess.CalledProcessError as failure:
        print(f"error: could not install {lock}.txt into .venv (see above)", file=sys.stderr)
        return failure.returncode or 1
    except OSError as failure:
        print(f"error: could not make .venv: {failure}", file=sys.stderr)
        return 1
    STAMP.write_text(json.dumps({**present, **wanted}, indent=1), encoding="utf-8")
    return 0


def fingerprints(lock: str) -> dict[str, str]:
    """What must be recorded in the stamp for this lock: dev covers base."""
    names = ("base", "dev") if lock == "dev" else ("base",)
    locks = {name: digest(LOCKS / f"{name}.txt") for name in names}
    return {**locks, "project": digest(ROOT / "pyproject.toml"), "root": str(ROOT)}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_stamp() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8"))) if PYTHON.exists() else {}
    except (OSError, ValueError):
        return {}


def install(lock: str, present: dict[str, str], wanted: dict[str, str]) -> None:
    moved = present.get("root") not in (None, wanted["root"])
    if not PYTHON.exists() or moved:
        print("making .venv", flush=True)
        venv.create(VENV, with_pip=True, clear=moved)
        present = {}
    if present.get(lock) != wanted[lock]:
        print(f"installing .ci/requirements/{lock}.txt", flush=True)
        requirements = str(LOCKS / f"{lock}.txt")
        subprocess.run(
            [*PIP, "install", "--no-deps", "--require-hashes", "-r", requirements], check=True
        )
    # `compat` lays a plain path file: the default editable finder slows every start of arw-cli.
    editable = ["--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat"]
    subprocess.run([*PIP, "install", *editable, "--editable", str(ROOT)], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
