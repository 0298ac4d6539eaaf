"""Full text over memory items: SQLite's FTS5 or PostgreSQL's, behind one function (contract §10).

Both index the text of an item by themselves, whatever writes it: on SQLite triggers keep a table
beside it, on PostgreSQL an index does. Words are compared as they are written, in lower case and
without stemming, in any language. What is searched for is put together from words that hold
letters and digits only, and is given as a parameter: nobody can reach a query language.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from django.db import connection

from telemetry.models.memory import MemoryItemQuerySet

ITEMS = "telemetry_memory_items"
SEARCH = "telemetry_memory_search"
NUMBERS = "telemetry_memory_numbers"
POSTGRESQL_INDEX = "memory_text_words"
# Shorter beginnings of words would find nearly everything.
_PREFIX_FROM = 3

# PostgreSQL takes addresses, paths and numbers with points for one word each, FTS5 does not.
_APART = "!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~“”‘’«»…–—·"
_SPACES = " " * len(_APART.replace("''", "'"))
POSTGRESQL_WORDS = (
    f"to_tsvector('simple'::regconfig, translate({ITEMS}.text, '{_APART}', '{_SPACES}'))"
)


def matching(
    items: MemoryItemQuerySet, words: Collection[str], *, any_of: bool = False
) -> MemoryItemQuerySet:
    """Those of ``items`` whose text holds all ``words``, or one of them; none for no words.

    ``words`` come from ``telemetry.memory.words``. One of three letters or more also finds
    what begins with it. The best match comes first; each row has its ``rank``, an order and no
    measure, as every database has its own. It goes by the row's own text and by nothing else that
    is stored: how often others use a word must not show in the order of what one may read.
    """
    if not words:
        return items.none()
    if connection.vendor == "postgresql":
        found = _in_postgresql(items, words, " | " if any_of else " & ")
    else:
        found = _in_sqlite(items, words, " OR " if any_of else " ")
    return found.order_by("-rank", "-updated_at", "-id")  # type: ignore[misc]  # the rank is selected


def _in_sqlite(
    items: MemoryItemQuerySet, words: Collection[str], between: str
) -> MemoryItemQuerySet:
    wanted = between.join(f'"{word}"{"*" if _is_prefix(word) else ""}' for word in words)
    found = items.extra(  # noqa: S610  the names are fixed above, the search is a parameter
        tables=[NUMBERS, SEARCH],
        where=[
            f"{NUMBERS}.item = {ITEMS}.id",
            f"{SEARCH}.rowid = {NUMBERS}.number",
            f"{SEARCH} MATCH %s",
        ],
        params=[wanted],
        # How many of its words match, and not bm25, which weighs them by everybody's texts.
        select={"rank": f"length(highlight({SEARCH}, 0, '#', '')) - length({SEARCH}.words)"},
    )
    return cast(MemoryItemQuerySet, found)


def _in_postgresql(
    items: MemoryItemQuerySet, words: Collection[str], between: str
) -> MemoryItemQuerySet:
    wanted = between.join(f"'{word}'{':*' if _is_prefix(word) else ''}" for word in words)
    query = "to_tsquery('simple'::regconfig, %s)"
    escaped = POSTGRESQL_WORDS.replace("%", "%%")
    found = items.extra(  # noqa: S610  the names are fixed above, the search is a parameter
        where=[f"{escaped} @@ {query}"],
        params=[wanted],
        select={"rank": f"ts_rank({escaped}, {query})"},
        select_params=[wanted],
    )
    return cast(MemoryItemQuerySet, found)


def _is_prefix(word: str) -> bool:
    return len(word) >= _PREFIX_FROM
