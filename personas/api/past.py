"""Which version of a record a query asks for, and that version as JSON (contract §5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

from leases.errors import Fault, InvalidInput
from leases.instants import rfc3339, to_unix_ms
from personas.models import Persona
from personas.selectors import document_at
from personas.verification import entry_of, version_at

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+ -]\d\d:\d\d)", re.ASCII
)


def asked_version(persona: Persona, query: QueryDict) -> int | None:
    """The version that ``version`` or ``at`` names; None when neither is given."""
    if "version" in query and "at" in query:
        raise _refused("at", "ask for a version or for an instant, not for both")
    if "version" in query:
        return read_version(query.get("version"), "version")
    if "at" in query:
        return version_at(persona, _read_instant(query.get("at", "")))
    return None


def past_record(persona: Persona, version: int) -> dict[str, Any]:
    """The record as it was at ``version``; raises ``PersonaNotFound`` for one that never was."""
    entry = entry_of(persona, version)
    return {
        **document_at(persona, version),
        "updated": rfc3339(entry.applied_at),
        "updated_at": to_unix_ms(entry.applied_at),
        "version": version,
    }


def read_version(text: str | None, name: str) -> int:
    """A version number from the query; raises ``InvalidInput``."""
    if text is None or not re.fullmatch(r"[0-9]{1,9}", text):
        raise _refused(name, f"{name} must be a version number")
    return int(text)


def _read_instant(text: str) -> datetime:
    found = _INSTANT.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        # A plus sign that was not escaped arrives as a space.
        zone = found[4].upper().replace(" ", "+").replace("Z", "+00:00")
        fraction = (found[3] or ".")[1:7].ljust(6, "0")
        # In UTC at once: near the first and the last year that does not exist.
        return datetime.fromisoformat(f"{found[1]}T{found[2]}.{fraction}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refused("at", "at must be an instant in RFC 3339") from None


def _refused(name: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[Fault(f"?{name}", message, "query")], code="invalid_query")
