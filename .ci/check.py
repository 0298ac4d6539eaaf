"""`make check`: every static check, each with its time; shows the output of those that fail."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable
# As behind a TLS proxy, with everything that `check --deploy` asks for.
PRODUCTION = {
    "ARW_ALLOWED_HOSTS": "desk.example.org",
    "ARW_TRUSTED_ORIGINS": "https://desk.example.org",
    "ARW_HTTPS": "true",
    "ARW_REDIS_URL": "redis://127.0.0.1:6379/0",  # named, not asked: no check connects
}
CHECKS: tuple[tuple[str, Sequence[str]], ...] = (
    ("format", (str(BIN / "ruff"), "format", "--check", ".")),
    ("lint", (str(BIN / "ruff"), "check", ".")),
    ("import contracts", (str(BIN / "lint-imports"), "--no-cache")),
    ("migrations complete", (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run")),
    ("deployment", (PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING")),
    ("templates", (str(BIN / "djlint"), "--lint", "--quiet", "templates")),
    ("types", (str(BIN / "mypy"),)),
)


def main() -> int:
    names = sys.argv[1:]
    failed = []
    with tempfile.TemporaryDirectory(prefix="arw-check-") as folder:
        environment = production_environment(Path(folder))
        for name, command in CHECKS:
            if (not names or name in names) and not passes(name, command, environment):
                failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def passes(name: str, command: Sequence[str], environment: dict[str, str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    verdict = "FAILED" if done.returncode else "ok"
    print(f"{name:<22} {verdict:<7} {time.monotonic() - started:5.1f} s", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def production_environment(folder: Path) -> dict[str, str]:
    """What the project sees: nothing of the developer's own, and secrets made for this run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ARW_")}
    state = folder / "state"
    state.mkdir(mode=0o700)
    return {
        **kept,
        **PRODUCTION,
        "ARW_STATE_DIR": str(state),
        "ARW_SECRET_KEY": secrets.token_urlsafe(64),
        "ARW_PSEUDONYM_KEY": secrets.token_urlsafe(64),
    }


if __name__ == "__main__":
    sys.exit(main())
