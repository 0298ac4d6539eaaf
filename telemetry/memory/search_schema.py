"""Puts up and takes down what ``full_text`` searches in; for migrations.

A later migration that rebuilds the table of items on SQLite drops its triggers with it: such a
migration calls ``search_create`` again at its end.
"""

from __future__ import annotations

import sqlite3

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from telemetry.memory.full_text import ITEMS, NUMBERS, POSTGRESQL_INDEX, POSTGRESQL_WORDS, SEARCH

# From here on FTS5 can take words out of its index at once, and not only when it merges.
_SECURE_DELETE = (3, 42)
_TRIGGERS = {
    f"{SEARCH}_added": (
        "INSERT",
        f"""INSERT INTO {NUMBERS} (item) VALUES (new.id);
        INSERT INTO {SEARCH} (rowid, words)
        SELECT number, new.text FROM {NUMBERS} WHERE item = new.id;""",
    ),
    f"{SEARCH}_changed": (
        "UPDATE OF text",
        f"""UPDATE {SEARCH} SET words = new.text
        WHERE rowid = (SELECT number FROM {NUMBERS} WHERE item = new.id);""",
    ),
    f"{SEARCH}_removed": (
        "DELETE",
        f"""DELETE FROM {SEARCH}
        WHERE rowid = (SELECT number FROM {NUMBERS} WHERE item = old.id);
        DELETE FROM {NUMBERS} WHERE item = old.id;""",
    ),
}


def search_create(editor: BaseDatabaseSchemaEditor) -> None:
    """Make the index, and put in what is stored already. What was there is made anew."""
    search_drop(editor)
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f"CREATE INDEX {POSTGRESQL_INDEX} ON {ITEMS} USING gin ({POSTGRESQL_WORDS})",
            params=None,
        )
        return
    # Numbers of their own: the row ids of a table without a whole number for a key may change.
    editor.execute(
        f"CREATE TABLE {NUMBERS} (number integer PRIMARY KEY, item char(32) NOT NULL UNIQUE)"
    )
    editor.execute(
        f"CREATE VIRTUAL TABLE {SEARCH}"
        " USING fts5(words, tokenize = 'unicode61 remove_diacritics 0')"
    )
    if sqlite3.sqlite_version_info >= _SECURE_DELETE:
        editor.execute(f"INSERT INTO {SEARCH} ({SEARCH}, rank) VALUES ('secure-delete', 1)")
    editor.execute(f"INSERT INTO {NUMBERS} (item) SELECT id FROM {ITEMS}")
    editor.execute(
        f"INSERT INTO {SEARCH} (rowid, words)"
        f" SELECT number, text FROM {NUMBERS} JOIN {ITEMS} ON item = id"
    )
    for name, (moment, body) in _TRIGGERS.items():
        editor.execute(f"CREATE TRIGGER {name} AFTER {moment} ON {ITEMS} BEGIN {body} END")


def search_drop(editor: BaseDatabaseSchemaEditor) -> None:
    """Take the index away; the items stay."""
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP INDEX IF EXISTS {POSTGRESQL_INDEX}")
        return
    for name in _TRIGGERS:
        editor.execute(f"DROP TRIGGER IF EXISTS {name}")
    for table in (SEARCH, NUMBERS):
        editor.execute(f"DROP TABLE IF EXISTS {table}")
