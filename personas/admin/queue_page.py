"""The review queue: which proposals wait, and what each would do (contract §4)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.utils.translation import gettext as _

from leases.models import User
from personas.admin.change_rows import summary_text
from personas.admin.queue_overlaps import OverlapCounts, overlap_counts
from personas.changes import Merged, asked_on, carry_over
from personas.documents.canonical import Json, sha256_hex
from personas.documents.compare import compare, summarise
from personas.documents.consent import consent_of
from personas.documents.impact import Impact, assess, highest_severity
from personas.models import Persona, Proposal
from personas.overlaps import MOST_COMPARED
from personas.selectors import documents_at
from personas.services.decisions import approvals_required, standing_approvals

PAGE_SIZE = 20
SOON = timedelta(hours=24)
ALL = "all"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One proposal of the list. ``mark`` is ``conflict``, ``moved``, ``done`` or empty.

    ``size`` counts the changed paths of a pending one. ``approvals`` of ``required`` count so far;
    ``overlaps`` other pending proposals touch the same paths; ``overlaps_cut`` says that more wait
    than were looked at.
    """

    proposal: Proposal
    status: Proposal.Status
    summary: str
    impacts: list[Impact]
    mark: str
    expires_soon: bool
    approvals: int = 0
    required: int = 1
    overlaps: int = 0
    size: int = 0
    overlaps_cut: bool = False

    @property
    def pending(self) -> bool:
        return self.status == Proposal.Status.PENDING


def queue_context(query: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """The page of the queue that ``query`` asks for.

    Its members are ``status``, ``persona`` and ``who`` (ids), ``page``.
    """
    statuses = [*Proposal.Status.values, ALL]
    status = query.get("status", "")
    status = status if status in statuses else str(Proposal.Status.PENDING)
    persona = query.get("persona", "")
    found = Proposal.objects.select_related("persona", "submitted_by", "decided_by")
    found = found if status == ALL else found.with_status_at(status, now)
    if persona:
        found = found.filter(persona_id=persona.replace("\x00", ""))
    who = _proposer(query.get("who", ""))
    if who:
        found = found.filter(submitted_by_id=who)
    pending = status == Proposal.Status.PENDING
    ordered = found.oldest_first() if pending else found.newest_first()
    page = Paginator(ordered, PAGE_SIZE).get_page(query.get("page"))
    rows = queue_rows(page.object_list, now=now)
    return {
        "rows": rows,
        **cut_context(rows),
        "page": page,
        "status": status,
        "persona_id": persona,
        "who": who,
        "filtered": bool(persona or who) or not pending,
        "any_persona": Persona.objects.exists,  # asked only where the queue is empty
        "statuses": [*Proposal.Status.choices, (ALL, _("all"))],
        "personas": Persona.objects.filter(proposals__isnull=False).distinct().order_by("name"),
        "proposers": User.objects.filter(proposals__isnull=False).distinct().order_by("username"),
        "query": urlencode(_kept({"status": status, "persona": persona, "who": who})),
    }


def _kept(filters: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in filters.items() if value}


def _proposer(text: str) -> uuid.UUID | None:
    """The id of a person, or None where the text is none."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def queue_rows(proposals: Iterable[Proposal], *, now: datetime) -> list[QueueRow]:
    """Rows for ``proposals``; what a pending one would do is computed on the record as it is."""
    listed = list(proposals)
    waiting = [one for one in listed if one.status_at(now) == Proposal.Status.PENDING]
    overlapping = overlap_counts(waiting, now=now)
    bases = _bases(waiting)
    return [_row(one, now, overlapping, bases.get(one.pk)) for one in listed]


def cut_context(rows: Iterable[QueueRow]) -> dict[str, Any]:
    """The personas among ``rows`` of which more wait than were looked at for overlaps."""
    cut = {row.proposal.persona_id: row.proposal.persona for row in rows if row.overlaps_cut}
    return {"overlaps_cut": cut, "most_compared": MOST_COMPARED}


def _bases(proposals: Iterable[Proposal]) -> dict[uuid.UUID, Json]:
    """The documents that the proposals were written on; each persona's past is walked once."""
    of_persona: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        of_persona.setdefault(proposal.persona_id, []).append(proposal)
    found: dict[uuid.UUID, Json] = {}
    for listed in of_persona.values():
        documents = documents_at(listed[0].persona, {one.base_version for one in listed})
        found |= {one.pk: documents[one.base_version] for one in listed}
    return found


def _row(proposal: Proposal, now: datetime, overlapping: OverlapCounts, base: Json) -> QueueRow:
    status = proposal.status_at(now)
    if status != Proposal.Status.PENDING:
        return QueueRow(proposal, status, "", [], "", expires_soon=False)
    overlaps = overlapping.by_proposal.get(proposal.pk, 0)
    cut = proposal.persona_id in overlapping.cut
    merged = carry_over(proposal, proposal.persona, base, asked_on(base, proposal))
    soon = proposal.expires_at - now < SOON
    if merged.preview is None:
        return QueueRow(
            proposal, status, "", [], _mark(merged), soon, overlaps=overlaps, overlaps_cut=cut
        )
    before, after = merged.document, merged.preview.result
    changes = summarise(compare(before, after))
    impacts = assess(before, after, ops_count=len(merged.preview.ops))
    return QueueRow(
        proposal,
        status,
        summary_text(changes, consent_of(before), consent_of(after)),
        impacts,
        "moved" if merged.onto_version != proposal.base_version else "",
        soon,
        len(standing_approvals(proposal, sha256_hex(after))),
        approvals_required(highest_severity(impacts)),
        overlaps,
        changes.total,
        cut,
    )


def _mark(merged: Merged) -> str:
    return "conflict" if merged.conflicts or merged.problem else "done"
