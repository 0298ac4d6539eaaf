"""The first page of all personas as readers are shown it (contract §2, §3).

Which personas these are, at which version, and how many proposals wait for each, is read in each
group's own transaction; what was rendered of the same versions before is shown again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from leases.api.pagination import cursor_after
from personas.api.persona_views import NEWEST_PERSONAS
from personas.api.serializers.records import PersonaOut
from personas.models import Persona, Proposal
from telemetry.ingestion.session import Session
from telemetry.reading.kept import Kept
from telemetry.reading.questions import Shown
from telemetry.reading.rendering import etag_of, rendered

LIST_DEFAULT = 50
MOST = 8 * 1024 * 1024
_OVERHEAD = 512


class _Row(NamedTuple):
    """What tells whether a rendered item is current, and its place in the order."""

    id: str
    version: int
    updated_at: int
    pending: int


_Item = tuple[tuple[int, int], bytes]
_Page = tuple[list[_Row], Shown]


class Lists:
    """Reads lists in the transaction of a group, from memory where it may."""

    def __init__(self, most: int = MOST) -> None:
        self._items: Kept[str, _Item] = Kept(most // 2)
        self._pages: Kept[int, _Page] = Kept(most // 2)

    def read(self, session: Session, limits: Collection[int]) -> dict[int, Shown]:
        """The first pages of so many personas, with their ETags."""
        if not limits:
            return {}
        found = session.rows(_NEWEST, [session.moment, max(limits) + 1])
        rows = [_Row(*row) for row in found]
        return {limit: self._page(rows[: limit + 1], limit) for limit in limits}

    def _page(self, rows: list[_Row], limit: int) -> Shown:
        known = self._pages.get(limit)
        if known is not None and known[0] == rows:
            return known[1]
        shown = rows[:limit]
        after = cursor_after(shown[-1], NEWEST_PERSONAS) if len(rows) > limit else None
        texts = self._texts(shown)
        items = b",".join([_ended(texts[row.id], row.pending) for row in shown])
        body = b'{"items":[%s],"next":%s}' % (items, rendered(after))
        page = Shown(body, etag_of(body))
        self._pages.put(limit, (rows, page), len(body) + _OVERHEAD * (1 + len(rows)))
        return page

    def _texts(self, rows: list[_Row]) -> dict[str, bytes]:
        """Each record as it was rendered, without its last brace."""
        texts: dict[str, bytes] = {}
        for row in rows:
            known = self._items.get(row.id)
            if known is not None and known[0] == (row.version, row.updated_at):
                texts[row.id] = known[1]
        shown: Any = PersonaOut()
        missing = [row.id for row in rows if row.id not in texts]
        for persona in Persona.objects.filter(pk__in=missing) if missing else ():
            text = texts[persona.id] = rendered(shown.to_representation(persona))[:-1]
            item = (persona.version, persona.updated_at), text
            self._items.put(persona.id, item, len(text) + _OVERHEAD)
        return texts


def _ended(text: bytes, pending: int) -> bytes:
    required = b"true" if pending else b"false"
    return b'%s,"pending_proposals":%d,"approvals_required":%s}' % (text, pending, required)


_NEWEST = (
    "SELECT p.id, p.version, p.updated_at, (SELECT count(*) FROM"
    f" {Proposal._meta.db_table} q WHERE q.persona_id = p.id AND q.status = 'pending'"
    f" AND q.expires_at > %s) FROM {Persona._meta.db_table} p"
    " ORDER BY p.updated_at DESC, p.id DESC LIMIT %s"
)
