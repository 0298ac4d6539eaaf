"""The one path on which a record is written (contract §3, §5).

Create, approved change and consent switch all end here: a conditional update of the record, one
row of history chained to the last, and news after commit. Nothing else writes a persona.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from leases.capabilities import Resource
from leases.instants import to_milliseconds, to_unix_ms
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from leases.signals import send_after_commit
from personas.documents.canonical import FIELDS, JSON_FIELDS, Json, Op, sha256_hex
from personas.documents.chain import GENESIS_HASH, entry_hash, payload_of
from personas.documents.consent import Consent, consent_of
from personas.documents.inverse import difference
from personas.documents.patch import Preview, preview
from personas.documents.schema import validate_document
from personas.errors import PersonaExists, VersionMoved
from personas.models import HistoryEntry, Persona, Proposal
from personas.selectors import limits, persona_get
from personas.services.rights import require_manage, require_role, spend_manage
from personas.signals import consent_moved, consent_moving, persona_updated


@dataclass(frozen=True, slots=True)
class Change:
    """One change about to be written: what it does, of which kind, by whom, and when."""

    preview: Preview
    kind: HistoryEntry.Kind
    actor: User
    now: datetime
    proposal: Proposal | None = None
    accessibility_attested: bool = False


@refusals_kept
def persona_create(
    *,
    actor: User,
    fields: Mapping[str, Any],
    now: datetime,
    accessibility_attested: bool = False,
) -> Persona:
    """Create a persona from ``fields`` as version 1 (contract §3).

    ``fields`` holds ``owner_kind``, ``owner_ref`` and any of ``id, name, archetype`` and the five
    JSON fields; without ``id`` it gets a UUID. Raises ``PersonaManageForbidden``,
    ``InvalidPersona``, ``PersonaExists``.
    """
    document = new_document(fields)
    require_role(actor, Right.MANAGE)
    resource = Resource(
        str(document["id"]), str(document["owner_kind"]), str(document["owner_ref"])
    )
    require_manage(actor=actor, resource=resource, now=now)
    validate_document(document, limits())
    born = Preview(difference({}, document), document, difference(document, {}))
    change = Change(
        born,
        HistoryEntry.Kind.CREATE,
        actor,
        now,
        accessibility_attested=accessibility_attested,
    )
    with transaction.atomic():
        spend_manage(actor=actor, resource=resource, now=now)
        try:
            with transaction.atomic():
                persona = Persona.objects.create(**document, version=1, updated_at=to_unix_ms(now))
        except IntegrityError:
            raise PersonaExists from None
        _record(persona.id, 1, Consent(enabled=False, scope=""), change)
    return persona


def new_document(fields: Mapping[str, Any]) -> dict[str, Json]:
    """The whole document that ``fields`` means, with an id and empty fields filled in."""
    blank = {field: fields.get(field) for field in FIELDS}
    blank["id"] = fields.get("id") or str(uuid.uuid4())
    for field in JSON_FIELDS:
        if blank[field] is None:
            blank[field] = {}
    return blank


def record_apply(
    *,
    persona_id: str,
    base_version: int,
    ops: list[Op],
    kind: HistoryEntry.Kind,
    actor: User,
    now: datetime,
    accessibility_attested: bool = False,
) -> HistoryEntry:
    """Apply ``ops`` to the record at ``base_version`` and write the next version.

    For changes that need no proposal. The caller has judged the rights. Raises ``InvalidDiff``
    (code ``no_change`` when nothing would change) and ``VersionMoved``.
    """
    with transaction.atomic():
        persona = persona_get(persona_id)
        if persona.version != base_version:
            raise VersionMoved
        change = Change(
            preview(persona.document, ops, limits()),
            kind,
            actor,
            now,
            accessibility_attested=accessibility_attested,
        )
        return record_change(
            persona_id=persona_id, base_version=base_version, before=persona.document, change=change
        )


def record_change(
    *, persona_id: str, base_version: int, before: Json, change: Change
) -> HistoryEntry:
    """Write ``change`` as the version after ``base_version``; call it inside a transaction.

    ``before`` is the document at ``base_version``. Raises ``VersionMoved`` and writes nothing
    when the record is not at ``base_version`` any more.
    """
    values = {field: change.preview.result[field] for field in FIELDS if field != "id"}
    moved = Persona.objects.filter(pk=persona_id, version=base_version).update(
        **values, version=base_version + 1, updated_at=to_unix_ms(change.now)
    )
    if moved != 1:
        raise VersionMoved
    return _record(persona_id, base_version + 1, consent_of(before), change)


def _record(persona_id: str, version: int, before: Consent, change: Change) -> HistoryEntry:
    entry = HistoryEntry(
        persona_id=persona_id,
        version=version,
        proposal=change.proposal,
        kind=change.kind,
        diff=change.preview.ops,
        inverse=change.preview.inverse,
        applied_by=change.actor,
        applied_at=to_milliseconds(change.now),
        document_digest=sha256_hex(change.preview.result),
        prev_hash=_last_hash(persona_id, version),
    )
    entry.entry_hash = entry_hash(entry.prev_hash, payload_of(entry.as_row()))
    entry.save(force_insert=True)
    about = {"persona_id": persona_id, "actor": change.actor, "now": change.now}
    after = consent_of(change.preview.result)
    if _moves(before, after):
        consent_moving.send(
            Persona,
            before=before,
            after=after,
            entry=entry,
            accessibility_attested=change.accessibility_attested,
            **about,
        )
        send_after_commit(consent_moved, Persona, before=before, after=after, **about)
    send_after_commit(
        persona_updated, Persona, version=version, kind=str(change.kind), entry=entry, **about
    )
    return entry


def _moves(before: Consent, after: Consent) -> bool:
    """Whether consent moved; while it is off, its scope means nothing to anybody."""
    return (before.enabled or after.enabled) and before != after


def _last_hash(persona_id: str, version: int) -> str:
    if version == 1:
        return GENESIS_HASH
    return HistoryEntry.objects.values_list("entry_hash", flat=True).get(
        persona_id=persona_id, version=version - 1
    )
