"""Lists: ``{items, next}``, by keyset cursor (contract §2).

A cursor holds the sort key of the last item shown, so that a page neither repeats nor skips rows
when others are written meanwhile.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from leases.errors import Fault, InvalidInput
from leases.strict_json import StrictJSONError, loads

Row = TypeVar("Row", bound=Model)

MAX_LIMIT = 500


def read_limit(query: QueryDict, *, default: int, cap: int = MAX_LIMIT) -> int:
    """``limit``: clamped to ``cap``; below 1 or not a number is 400."""
    asked = query.get("limit")
    if asked is None:
        return min(default, cap)
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", asked):
        raise _refused("limit", "limit must be a whole number")
    if int(asked) < 1:
        raise _refused("limit", "limit must be at least 1")
    return min(int(asked), cap)


def whole_number(value: Any) -> int:
    """``value`` of a cursor as an integer; raises ``TypeError``."""
    if type(value) is not int:
        raise TypeError("not an integer")
    return value


def text(value: Any) -> str:
    """``value`` of a cursor as a string; raises ``TypeError``."""
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def instant(value: Any) -> datetime:
    """``value`` of a cursor as an aware instant; raises ``ValueError`` or ``OverflowError``."""
    moment = datetime.fromisoformat(text(value))
    if moment.tzinfo is None:
        raise ValueError("an instant names its offset")
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Key:
    """One column of a sort order: how it is written into a cursor and read back."""

    field: str
    descending: bool
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows to show, and the cursor of the page after them."""

    rows: list[Any]
    next: str | None


def read_page(
    rows: QuerySet[Row], query: QueryDict, keys: Sequence[Key], *, default: int = 50
) -> Page:
    """The page that ``limit`` and ``cursor`` ask for; ``rows`` must be ordered by ``keys``."""
    limit = read_limit(query, default=default)
    cursor = query.get("cursor")
    if cursor:
        rows = rows.filter(_after(keys, _decoded(cursor, keys)))
    found = list(rows[: limit + 1])
    shown = found[:limit]
    more = len(found) > limit
    return Page(shown, cursor_after(shown[-1], keys) if more else None)


def _after(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """Rows that sort after ``values``: the columns compared one after the other."""
    condition = Q()
    equal = Q()
    for key, value in zip(keys, values, strict=True):
        comparison = "lt" if key.descending else "gt"
        condition |= equal & Q(**{f"{key.field}__{comparison}": value})
        equal &= Q(**{key.field: value})
    return condition


def cursor_after(row: Any, keys: Sequence[Key]) -> str:
    """The cursor of the page that begins behind ``row``."""
    values = [key.write(getattr(row, key.field)) for key in keys]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _decoded(cursor: str, keys: Sequence[Key]) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = loads(base64.b64decode(padded, altchars=b"-_", validate=True), max_depth=1)
        return [key.read(value) for key, value in zip(keys, values, strict=True)]
    except (binascii.Error, StrictJSONError, ValueError, TypeError, OverflowError):
        raise _refused("cursor", "cursor is not one that this list gave") from None


def _refused(parameter: str, message: str) -> InvalidInput:
    fault = Fault(f"?{parameter}", message, "query")
    return InvalidInput(message, errors=[fault], code="invalid_query")
