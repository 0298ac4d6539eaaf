"""Watching worldviews drift: one event when an excursion begins, however long it lasts (§10)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from leases.models import User
from leases.signals import send_after_commit
from personas.models import Persona
from personas.selectors import persona_get
from telemetry.memory.gathering import view_of
from telemetry.memory.worldview_drift import RECENT, Drifted, worldview_drift
from telemetry.models import DriftState, MemoryItem
from telemetry.self_model.hysteresis import step
from telemetry.signals import worldview_drifted

KIND = DriftState.Kind.WORLDVIEW


def drift_hold(persona_id: str, now: datetime) -> DriftState:
    """The persona's state of drift, held until the transaction ends.

    What the bridge does about one persona comes one after the other.
    """
    persona = persona_get(persona_id)
    DriftState.objects.get_or_create(persona=persona, kind=KIND, defaults={"updated_at": now})
    return DriftState.objects.select_for_update(of=("self",)).get(persona=persona, kind=KIND)


def drift_of(persona: Persona, now: datetime) -> Drifted:
    """How far the persona's worldview is from what was lately said, measured and not kept."""
    return worldview_drift(view_of(persona, now, since=now - RECENT))


def drift_keep(
    state: DriftState, persona: Persona, drifted: Drifted, *, now: datetime, actor: User | None
) -> None:
    """Keep what was measured in the ``state`` that is held; tells when it begins to be far off."""
    moved = step(state.outside, drifted.score)
    state.baseline = {"version": persona.version, "beliefs": drifted.beliefs}
    state.score, state.outside, state.updated_at = drifted.score, moved.outside, now
    state.save(update_fields=["baseline", "score", "outside", "updated_at"])
    if moved.entered:
        send_after_commit(
            worldview_drifted,
            DriftState,
            persona_id=persona.pk,
            score=drifted.score,
            beliefs=drifted.beliefs,
            version=persona.version,
            actor=actor,
            now=now,
        )


def worldview_watch(*, persona_id: str, now: datetime, actor: User | None = None) -> DriftState:
    """Measure the persona's drift and keep it; tells once when it begins to be far off.

    ``actor`` is who asked; None is time itself. Raises ``PersonaNotFound``.
    """
    drifted = drift_of(persona_get(persona_id), now)
    with transaction.atomic():
        state = drift_hold(persona_id, now)
        drift_keep(state, persona_get(persona_id), drifted, now=now, actor=actor)
    return state


def worldview_outside(persona: Persona) -> bool:
    """Whether an excursion of the persona's worldview lasts."""
    return DriftState.objects.filter(persona=persona, kind=KIND, outside=True).exists()


def worldviews_watch(*, now: datetime) -> int:
    """Measure every persona that memory may speak of; returns how many are far off."""
    remembered = MemoryItem.objects.present().filter(
        owner_kind=OuterRef("owner_kind"), owner_ref=OuterRef("owner_ref")
    )
    watched = DriftState.objects.filter(persona=OuterRef("pk"), kind=KIND)
    found = Persona.objects.filter(Exists(remembered) | Exists(watched))
    persona_ids = list(found.order_by("pk").values_list("pk", flat=True))
    return sum(worldview_watch(persona_id=one, now=now).outside for one in persona_ids)
