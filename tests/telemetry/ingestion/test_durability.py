"""What SQLite is told about the disk (contract §7: 202 means committed)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from arw_site.environment.database import database_config

NORMAL, FULL = 1, 2


@pytest.mark.parametrize(("setting", "level"), [("normal", NORMAL), ("full", FULL)])
def test_it_writes_ahead_with_the_chosen_care(tmp_path: Path, setting: str, level: int) -> None:
    config = database_config("", tmp_path, setting)
    with closing(sqlite3.connect(config["NAME"])) as link:
        link.executescript(config["OPTIONS"]["init_command"])
        assert link.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert link.execute("PRAGMA synchronous").fetchone() == (level,)


def test_it_leaves_other_databases_alone(tmp_path: Path) -> None:
    url = "postgres://someone:word@127.0.0.1/arw"
    assert database_config(url, tmp_path, "full") == database_config(url, tmp_path, "normal")
