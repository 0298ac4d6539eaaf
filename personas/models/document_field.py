from __future__ import annotations

import json
from typing import Any

from django.db import models

_MAX_EXACT = 2**53 - 1


class DocumentDecoder(json.JSONDecoder):
    """Reads back what was stored, on every database.

    PostgreSQL's jsonb spells 1e20 as 100000000000000000000. Read as an integer that would have
    no canonical form (RFC 8785), and the digest of the record would change by being stored.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_int=_number, **options)


def _number(text: str) -> int | float:
    number = int(text) if len(text) < 18 else None
    if number is None or abs(number) > _MAX_EXACT:
        return float(text)
    return number


_DECODER = DocumentDecoder()


class DocumentField(models.JSONField):
    """A JSON value whose canonical bytes survive storage."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("decoder", DocumentDecoder)
        super().__init__(*args, **options)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        # As Django reads it, without making a decoder for every value.
        if isinstance(value, str) and self.decoder is DocumentDecoder:
            try:
                return _DECODER.decode(value)
            except json.JSONDecodeError:
                return value  # a string that was taken out of a document
        return super().from_db_value(value, expression, connection)
