"""Many switches at once on the desk: a confirmation that counts, and what became of each (§7)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leases.capabilities import PERSONA_MANAGE
from leases.errors import DomainError
from leases.models import User
from leases.page_errors import page_status, sentence
from leases.roles import Right
from leases.standing import LeaseStanding, lease_standing
from personas.models import Persona
from telemetry.consent_page import SwitchForm, filtered, read_filters, read_switch
from telemetry.notices import current_notice
from telemetry.services.bulk_consent import BULK_MAX, BulkOutcome, consent_set_many
from telemetry.services.consent import Shown


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One persona that was chosen: whether it would change, and under which lease."""

    persona: Persona
    scope: str
    changes: bool
    lease: LeaseStanding


@dataclass(slots=True)
class Bulk:
    """What was chosen: ``enabled`` is what shall be true afterwards. ``left_out`` were too many.

    ``shown`` is by id what the page said of each persona when it was agreed to.
    """

    enabled: bool
    personas: list[Persona]
    shown: dict[str, Shown] = field(default_factory=dict)
    left_out: int = 0
    form: SwitchForm = field(default_factory=SwitchForm)
    outcome: BulkOutcome | None = None


def read_bulk(sent: QueryDict) -> Bulk:
    """The personas named by ``persona``; with ``all``, those of the filter that differ from ``to``.

    Ids that nobody knows are left out, and what is beyond the most that is taken at once.
    """
    enabled = sent.get("to") == "on"
    if "all" in sent:
        wanted = filtered(read_filters(sent))
        differing = [one for one in wanted if one.consent.enabled != enabled]
    else:
        ids = list(dict.fromkeys(sent.getlist("persona")))
        known = Persona.objects.in_bulk(ids[: BULK_MAX * 2])
        differing = [known[one] for one in ids if one in known]
    chosen = differing[:BULK_MAX]
    notice = sent.get("notice", "")
    shown = {one.id: Shown(notice, sent.get(f"scope-{one.id}", "")) for one in chosen}
    return Bulk(enabled, chosen, shown, len(differing) - len(chosen), read_switch(sent))


def bulk_run(bulk: Bulk, *, actor: User, now: datetime) -> None:
    """Do it, where the deliberate yes is there; what became of each is in ``bulk.outcome``."""
    form = bulk.form
    if bulk.enabled and not form.complete():
        return
    try:
        bulk.outcome = consent_set_many(
            actor=actor,
            persona_ids=[one.id for one in bulk.personas],
            enabled=bulk.enabled,
            scope=(form.scope or None) if bulk.enabled else None,
            accessibility_attested=form.attested,
            shown=bulk.shown,
            now=now,
        )
    except DomainError as error:
        form.refuse(error, status=int(page_status(error)))
        return
    refused = bulk.outcome.refused
    if refused and not bulk.outcome.changed and not bulk.outcome.already:
        form.status = int(page_status(refused[0].error))


def bulk_context(bulk: Bulk, *, viewer: User, now: datetime, here: str) -> dict[str, Any]:
    """What ``desk/consent_bulk.html`` shows, before and after."""
    rows = [_row(persona, bulk, viewer, now, here) for persona in bulk.personas]
    changing = [row for row in rows if row.changes]
    able = [row for row in changing if row.lease.held]
    return {
        "bulk": bulk,
        "form": bulk.form,
        "rows": rows,
        "changing": changing,
        "able": able,
        "staying": len(rows) - len(changing),
        "unable": len(changing) - len(able),
        "heading": bulk_heading(bulk, len(changing)),
        "notice": current_notice(),
        "needs_attestation": bulk.enabled and settings.ARW_PERSONA_ACCESSIBILITY == "attest",
        "may_switch": viewer.has_right(Right.MANAGE),
        "refused": _refused(bulk),
        "draft_about": selection_digest(bulk),
    }


def selection_digest(bulk: Bulk) -> str:
    """The same for the same personas and the same move, in whatever order: what a draft is about."""
    chosen = "\n".join(sorted(one.id for one in bulk.personas))
    return hashlib.sha256(f"{bulk.enabled}\n{chosen}".encode()).hexdigest()[:16]


def bulk_heading(bulk: Bulk, count: int) -> str:
    """What would be done to how many."""
    said = (
        ngettext(
            "Turn telemetry on for %(n)d persona", "Turn telemetry on for %(n)d personas", count
        )
        if bulk.enabled
        else ngettext(
            "Turn telemetry off for %(n)d persona", "Turn telemetry off for %(n)d personas", count
        )
    )
    return said % {"n": count}


def done_text(outcome: BulkOutcome, *, enabled: bool) -> str:
    """How many were changed, and how many were so already."""
    changed, already = len(outcome.changed), len(outcome.already)
    said = (
        ngettext("Telemetry of %(n)d persona is on.", "Telemetry of %(n)d personas is on.", changed)
        if enabled
        else ngettext(
            "Telemetry of %(n)d persona is off.", "Telemetry of %(n)d personas is off.", changed
        )
    ) % {"n": changed}
    if not already:
        return said
    more = ngettext("%(n)d was so already.", "%(n)d were so already.", already)
    return f"{said} {more % {'n': already}}"


def _row(persona: Persona, bulk: Bulk, viewer: User, now: datetime, here: str) -> BulkRow:
    consent = persona.consent
    scope = (bulk.form.scope if bulk.enabled else "") or consent.scope
    changes = consent.enabled != bulk.enabled or scope != consent.scope
    lease = lease_standing(
        viewer=viewer, action=PERSONA_MANAGE, resource=persona.resource, now=now, back=here
    )
    return BulkRow(persona, scope, changes, lease)


def _refused(bulk: Bulk) -> Sequence[tuple[str, str, str]]:
    """Name, address and reason of each that stayed as it was."""
    known = {one.id: one for one in bulk.personas}
    if bulk.outcome is None:
        return []
    return [
        (
            str(known.get(one.persona_id, one.persona_id)),
            known[one.persona_id].get_absolute_url() if one.persona_id in known else "",
            sentence(one.error) or _("Refused."),
        )
        for one in bulk.outcome.refused
    ]
