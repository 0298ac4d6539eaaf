"""What every bench begins with: its arguments, an environment of its own, and an exit code."""

from __future__ import annotations

import json
import os
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.report import Report, say

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Arguments:
    """`[WORD …] [--short] [--once] [--name=VALUE …]`.

    ``short`` shows that a bench works in little time; what it finds is shown and not kept.
    """

    name: str
    words: tuple[str, ...] = ()
    short: bool = False
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, name: str, given: Sequence[str]) -> Arguments:
        options = dict(one[2:].partition("=")[::2] for one in given if one.startswith("--"))
        words = tuple(one for one in given if not one.startswith("--"))
        short = options.pop("short", None) is not None
        return cls(name, words, short, options)

    def chosen(self, names: Sequence[str]) -> list[str]:
        """Those of ``names`` that were asked for; all where none was. Ends the bench on another."""
        for word in self.words:
            if word not in names:
                raise SystemExit(f"{word!r} is none of: {', '.join(names)}")
        return [name for name in names if not self.words or name in self.words]

    def rounds(self, usual: int = 3) -> int:
        return 1 if self.short else usual

    def report(
        self, key: str, title: str, how: str, part: str = "", *, kept: bool | None = None
    ) -> Report:
        """A new section. It is kept unless the run was made shorter or changed by arguments."""
        command = " ".join(filter(None, ["python -m", f"tests.bench.{self.name}", part]))
        if kept is None:
            kept = not self.short and not self.options and (bool(part) or not self.words)
        return Report(key, title, command, how, kept)


@contextmanager
def own_environment() -> Iterator[Path]:
    """A new folder, and ARW_* as the tests have them; what the developer has set is put aside."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers end with the bench
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory(prefix="arw-bench-") as folder:
        for name in [name for name in os.environ if name.startswith("ARW_")]:
            del os.environ[name]
        state = Path(folder) / "state"
        (state / "static").mkdir(parents=True)
        os.environ.update(
            ARW_STATE_DIR=str(state),
            ARW_SECRET_KEY=secrets.token_urlsafe(50),
            ARW_PSEUDONYM_KEY=secrets.token_hex(32),
            ARW_DATABASE_URL=f"sqlite:///{folder}/arw.sqlite3",
            ARW_LOG_LEVEL="warning",
            AGENTWELLNESS_HOME=str(Path(folder) / "wellness"),
            DJANGO_SETTINGS_MODULE="arw_site.settings",
        )
        yield Path(folder)


def need(program: str) -> None:
    """End the bench where a program of the system is missing."""
    if shutil.which(program) is None:
        say(f"{program} is missing: install the system's package of that name")
        sys.exit(1)


def found_on(database: str, module: str, *words: str) -> Any:
    """What `python -m MODULE --here WORDS…` prints as JSON, on a new database of its own.

    ``database`` is ``sqlite`` or ``postgresql``.
    """
    from tests.services.postgresql import PostgreSQL

    server = PostgreSQL() if database == "postgresql" else None
    with own_environment():
        env = {**os.environ, **({"ARW_DATABASE_URL": server.create("bench")} if server else {})}
        try:
            command = [sys.executable, "-m", module, "--here", *words]
            printed = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE)
        finally:
            if server:
                server.stop()
    return json.loads(printed.stdout.splitlines()[-1])


def prepare_here() -> None:
    """Django on the database of the environment, with all its tables."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    call_command("migrate", verbosity=0)
