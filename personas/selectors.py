"""Reading records, proposals and the past (contract §3 to §5)."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.conf import settings

from personas.documents.limits import Limits
from personas.documents.patch import apply_raw
from personas.errors import PersonaNotFound, ProposalNotFound
from personas.models import HistoryEntry, Persona, Proposal


def limits() -> Limits:
    """The limits of documents and diffs, from the settings."""
    return Limits(
        document_bytes=settings.ARW_PERSONA_DOCUMENT_BYTES,
        diff_bytes=settings.ARW_PERSONA_DIFF_BYTES,
        operations=settings.ARW_PERSONA_DIFF_OPERATIONS,
        depth=settings.ARW_PERSONA_DEPTH,
        string_bytes=settings.ARW_PERSONA_STRING_BYTES,
    )


def stored_limits() -> Limits:
    """For diffs that were judged when they were submitted: only their result is bounded.

    An operator who lowers a limit does not make older proposals unreadable, and the way back to an
    older version may be longer than what anybody may write.
    """
    return replace(limits(), diff_bytes=sys.maxsize, operations=sys.maxsize)


def persona_get(persona_id: str) -> Persona:
    """The persona with that id; raises ``PersonaNotFound``."""
    # PostgreSQL refuses U+0000 in a parameter: no persona has such an id either.
    found = None if "\x00" in persona_id else Persona.objects.filter(pk=persona_id).first()
    if found is None:
        raise PersonaNotFound
    return found


def proposal_get(proposal_id: uuid.UUID | str) -> Proposal:
    """The proposal with that id, its persona and people joined; raises ``ProposalNotFound``."""
    try:
        wanted = uuid.UUID(str(proposal_id))
    except ValueError:
        raise ProposalNotFound from None
    found = (
        Proposal.objects.select_related("persona", "submitted_by", "decided_by")
        .filter(pk=wanted)
        .first()
    )
    if found is None:
        raise ProposalNotFound
    return found


def document_at(persona: Persona, version: int) -> Any:
    """The document as it was at ``version``; version 0 is ``{}`` (contract §3).

    Walks back from the present by the inverse diffs, so the cost is that of the versions between.
    Raises ``PersonaNotFound`` for a version that never was.
    """
    return documents_at(persona, [version])[version]


def documents_at(persona: Persona, versions: Collection[int]) -> dict[int, Any]:
    """``document_at`` for several versions in one walk back, by version."""
    for version in versions:
        if not 0 <= version <= persona.version:
            message = f"{persona.id} has no version {version}"
            raise PersonaNotFound(message, code="version_not_found")
    document: Any = persona.document
    left = sorted(set(versions))
    if not left or left[0] == persona.version:
        return dict.fromkeys(left, document)
    later = HistoryEntry.objects.filter(
        persona_id=persona.id, version__gt=left[0], version__lte=persona.version
    )
    found: dict[int, Any] = {}
    for entry in later.newest_first().only("version", "inverse"):
        while left[-1] >= entry.version:
            found[left.pop()] = document
        document = apply_raw(document, entry.inverse)
    return found | dict.fromkeys(left, document)
