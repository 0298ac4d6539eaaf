"""The newest anchor of a persona's history that the server's log holds (contract §5)."""

from __future__ import annotations

import logging
from functools import lru_cache

from django.conf import settings

from leases.pseudonyms import keyed_digest
from personas.documents.chain import Anchor
from telemetry.eventlog.anchor_index import AnchorIndex
from telemetry.eventlog.errors import EventLogError
from telemetry.eventlog.paths import home_from_environment
from telemetry.redaction import sanitize_text

logger = logging.getLogger(__name__)

_index = AnchorIndex()


@lru_cache(maxsize=4096)
def persona_ref(persona_id: str) -> str:
    """How the log names a persona: by its id, or by a pseudonym where the id would be redacted.

    Redacted ids are all alike: one persona's anchor would be taken for another's.
    """
    if sanitize_text(persona_id).value == persona_id:
        return persona_id
    return "persona:" + keyed_digest(persona_id)[:16]


def newest(persona_id: str) -> Anchor | None:
    """The newest anchor; None where there is none, or where the log cannot be read."""
    if not settings.ARW_EVENT_LOG:
        return None
    try:
        found = _index.newest(home_from_environment(), persona_ref(persona_id))
    except (EventLogError, OSError) as problem:
        logger.warning("event_log_unreadable", extra={"problem": type(problem).__name__})
        return None
    return None if found is None else Anchor(*found)
