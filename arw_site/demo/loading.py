"""Putting the demo in place, and putting it back (`manage.py demo`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from arw_site.demo.leases import ensure_leases, remove_leases
from arw_site.demo.people import ALICE, DANA, ensure_people, principal
from personas.demo import demo_proposals, demo_records
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.proposals import proposal_submit
from personas.services.records import persona_create
from telemetry.models import ConsentReceipt
from telemetry.services.consent import consent_set

CONSENTED = "persona.ines"


class OthersAreHere(Exception):
    """There are personas that are not the demo's: this may be somebody's real server."""

    def __init__(self, count: int) -> None:
        self.count = count
        are = (
            "persona that is not the demo's is"
            if count == 1
            else "personas that are not the demo's are"
        )
        super().__init__(f"{count} {are} here")


@dataclass
class Loaded:
    """What a run added, by name; everything is empty when nothing was missing."""

    people: list[str] = field(default_factory=list)
    personas: list[str] = field(default_factory=list)
    proposals: int = 0
    leases: list[str] = field(default_factory=list)


def demo_load(*, now: datetime, reset: bool = False, among_others: bool = False) -> Loaded:
    """Adds what is missing of the demo; with ``reset``, puts its personas back as on the first day.

    A second run changes nothing. People keep their passwords, and what belongs to other personas
    is never touched. Raises ``OthersAreHere`` before anything is written, unless ``among_others``,
    where the demo's personas are new or reset beside ones that are not the demo's.
    """
    records = demo_records()
    ours = [record["id"] for record in records]
    others = Persona.objects.exclude(pk__in=ours).count()
    complete = Persona.objects.filter(pk__in=ours).count() == len(ours)
    if others and not among_others and (reset or not complete):
        raise OthersAreHere(others)
    with transaction.atomic():
        if reset:
            remove_personas(ours)
            remove_leases()
        loaded = Loaded(people=ensure_people(reset=reset), leases=ensure_leases(now=now))
        for record in records:
            if not Persona.objects.filter(pk=record["id"]).exists():
                _add(record, loaded, now)
    return loaded


def _add(record: dict[str, Any], loaded: Loaded, now: datetime) -> None:
    persona = persona_create(actor=principal(DANA), fields=record, now=now)
    loaded.personas.append(f"{persona} ({persona.id})")
    if persona.id == CONSENTED:
        consent_set(
            actor=principal(DANA),
            persona_id=persona.id,
            enabled=True,
            scope=persona.owner_kind,
            accessibility_attested=True,
            now=now,
        )
    for at, proposal in enumerate(demo_proposals(), start=1):
        if proposal["persona"] == persona.id:
            proposal_submit(
                actor=principal(ALICE),
                persona_id=persona.id,
                diff=proposal["diff"],
                rationale=proposal["rationale"],
                # A moment apart, so that the queue has the order of the file.
                now=now + timedelta(milliseconds=at),
            )
            loaded.proposals += 1


def remove_personas(ids: list[str]) -> None:
    """Deletes personas with everything about them. For the demo's alone: history is append-only.

    Plain querysets, because the models' own refuse to delete rows of history.
    """
    doomed: tuple[QuerySet[Any], ...] = (
        QuerySet(ConsentReceipt).filter(persona_id__in=ids),
        QuerySet(HistoryEntry).filter(persona_id__in=ids),
        QuerySet(Proposal).filter(persona_id__in=ids),
        QuerySet(Persona).filter(pk__in=ids),
    )
    for rows in doomed:
        rows.delete()
