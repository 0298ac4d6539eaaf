"""From ``ARW_DATABASE_URL`` to Django's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from environ import Env

# Feedback writes the same pages again and again, and a checkpoint writes each of them once, then
# waits for the disk. SQLite's own 1,000 would make every hundredth sample wait: this is 32 MB.
CHECKPOINT_PAGES = 8_000


def database_config(url: str, state_dir: Path, synchronous: str = "normal") -> dict[str, Any]:
    """Django's database settings for ``url``; SQLite in the state folder when it is empty.

    ``synchronous`` is SQLite's: ``normal`` or ``full``.
    """
    config: dict[str, Any] = Env.db_url_config(url or f"sqlite:///{state_dir / 'arw.sqlite3'}")
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # IMMEDIATE: a write transaction takes its lock at the start and waits for it, instead of
        # failing in the middle with "database is locked".
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;"
                f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES};"
                f"PRAGMA synchronous={synchronous.upper()};PRAGMA foreign_keys=ON;"
            ),
        }
    else:
        # Requests run on many short-lived threads under ASGI: a pool, not a connection for each.
        options = config.setdefault("OPTIONS", {})
        options.setdefault("pool", {"min_size": 1, "max_size": 16, "timeout": 10})
        # A connection that died in the pool is replaced when it is taken, not when it is used.
        config["CONN_HEALTH_CHECKS"] = True
    return config
