"""Bodies: strict JSON (contract §2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from leases.api.errors import MalformedJSON
from leases.strict_json import StrictJSONError, loads

MAX_DEPTH = 64


class StrictJSONParser(BaseParser):
    """JSON without duplicate keys, NaN, unsafe integers, U+0000 or lone surrogates."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return parse_body(stream.read())


def parse_body(body: bytes) -> Any:
    """The value of ``body``; an empty body is an empty object. Raises ``MalformedJSON``."""
    if not body.strip():
        return {}
    try:
        return loads(body, max_depth=MAX_DEPTH)
    except StrictJSONError as error:
        raise MalformedJSON(error.faults[0].message, errors=error.faults) from error
