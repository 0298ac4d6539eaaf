"""Who may read a memory item: whoever wrote it, and readers while it is shared (contract §10)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from leases.capabilities import OWNER_KINDS, Resource
from leases.decisions import LOCAL_SUBJECT
from leases.models import Lease, User
from leases.roles import Right
from personas.models import Persona
from telemetry.memory.errors import MemoryForbidden
from telemetry.memory.sharing import Sharing, sharing_capability
from telemetry.models import MemoryItem

Owner = tuple[str, str]


class _Form(NamedTuple):
    """What leases have in common: for everybody or for one, and which kind of scope."""

    of_everybody: bool
    kind: str
    is_narrowed: bool


def require_memory_reader(actor: User) -> None:
    """Raise ``MemoryForbidden`` unless the role may read."""
    if not actor.has_right(Right.READ):
        raise MemoryForbidden(
            "reading memory items needs the role of a member", code="role_required"
        )


def maybe_readable(actor: User, now: datetime) -> Q:
    """A filter of items that holds all that ``actor`` may read, and little else.

    What is somebody else's is to be put to ``readable``, which judges it. However many leases
    there are, the filter has few terms: databases bound how many they take.
    """
    own = Q(principal=actor)
    lent = Lease.objects.active_at(now).filter(capability=sharing_capability())
    terms: defaultdict[_Form, set[tuple[str, str]]] = defaultdict(set)
    for subject, scope in lent.order_by().values_list("subject", "scope").distinct():
        kind, _, ref = (scope or "").partition(":")
        terms[_Form(subject == LOCAL_SUBJECT, kind, bool(ref))].add((subject, ref))
    return _any_of([own, *(_covered(form, lending) for form, lending in terms.items())])


def readable(actor: User, items: Iterable[MemoryItem], now: datetime) -> list[MemoryItem]:
    """Those of ``items`` that ``actor``, a reader, may read at ``now``, in their order."""
    rows = list(items)
    others = [one for one in rows if one.principal_id != actor.pk]
    if not others:
        return rows
    sharing = Sharing.at(now, {one.principal_id for one in others})
    personas = _personas_of({(one.owner_kind, one.owner_ref) for one in others})
    return [
        one
        for one in rows
        if one.principal_id == actor.pk
        or sharing.shares_any(personas.get((one.owner_kind, one.owner_ref), ()), one.principal_id)
    ]


def _personas_of(owners: set[Owner]) -> dict[Owner, list[Resource]]:
    wanted = _any_of([Q(owner_kind=kind, owner_ref=ref) for kind, ref in owners])
    found: dict[Owner, list[Resource]] = {}
    for persona_id, kind, ref in Persona.objects.filter(wanted).values_list(
        "pk", "owner_kind", "owner_ref"
    ):
        found.setdefault((kind, ref), []).append(Resource(persona_id, kind, ref))
    return found


def _covered(form: _Form, lending: Collection[tuple[str, str]]) -> Q:
    """The items that leases of one form, by subject and name in the scope, could be about."""
    whose = Q()
    if not form.of_everybody:
        whose = Q(principal__in={uuid.UUID(subject) for subject, _ref in lending})
    refs = {ref for _subject, ref in lending}
    if not form.kind:
        return whose & Q(pk__isnull=False)
    if form.kind in OWNER_KINDS:
        narrowed = Q(owner_ref__in=refs) if form.is_narrowed else Q()
        return whose & Q(owner_kind=form.kind) & narrowed
    of_persona = Persona.objects.filter(
        pk__in=refs, owner_kind=OuterRef("owner_kind"), owner_ref=OuterRef("owner_ref")
    )
    return whose & Q(Exists(of_persona))


def _any_of(choices: list[Q]) -> Q:
    found = choices[0]
    for one in choices[1:]:
        found |= one
    return found
