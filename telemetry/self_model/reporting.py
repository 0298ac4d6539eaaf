"""Taking what an agent reports of itself, and mirroring it into its record (contract §10)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from leases.errors import Fault
from leases.instants import to_milliseconds
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from leases.signals import send_after_commit
from personas.documents.canonical import json_equal
from personas.documents.inverse import difference
from personas.errors import PersonaNotFound
from personas.models import HistoryEntry, Persona
from personas.selectors import persona_get
from personas.services.records import record_apply
from personas.services.rights import require_manage, require_role, spend_manage
from telemetry.errors import InvalidSelfModelReport
from telemetry.models import DriftState, SelfModelReport
from telemetry.self_model.drift import (
    MEASURES,
    Tracks,
    baselines,
    latest,
    reported,
    score_of,
    tracks_of,
)
from telemetry.self_model.hysteresis import step
from telemetry.services.locking import persona_locked
from telemetry.signals import persona_drifted

COST_MAX: Final = 1e12
WINDOW_MAX: Final = 366 * 86_400
RETENTION: Final = timedelta(days=90)
_KIND: Final = DriftState.Kind.SELF_MODEL


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of a report. ``entry`` is the row of history where the record was calibrated."""

    report: SelfModelReport
    score: float
    baseline: dict[str, float]
    outside: bool
    entry: HistoryEntry | None


def agent_persona(agent: str) -> Persona:
    """The one persona whose owner is that agent.

    Raises ``PersonaNotFound``, and ``InvalidSelfModelReport`` where it has several.
    """
    if "\x00" in agent:
        raise PersonaNotFound
    found = list(Persona.objects.filter(owner_kind="agent", owner_ref=agent).order_by("id")[:2])
    if not found:
        raise PersonaNotFound(f"no persona belongs to the agent {agent}")
    if len(found) > 1:
        message = "the agent has several personas; name one by persona_id"
        raise InvalidSelfModelReport(message, errors=[Fault("/agent", message, "ambiguous")])
    return found[0]


def report_admit(*, actor: User, persona: Persona, now: datetime) -> None:
    """What is judged before a report is looked at. Raises ``PersonaManageForbidden``."""
    require_role(actor, Right.FEEDBACK)
    require_manage(actor=actor, resource=persona.resource, now=now)


@refusals_kept
def self_model_report(
    *,
    actor: User,
    now: datetime,
    persona_id: str | None = None,
    agent: str | None = None,
    confidence: float | None = None,
    competence: float | None = None,
    cost: float | None = None,
    window: int | None = None,
) -> Reported:
    """Store a report on the persona of that id, or on the one of that agent.

    ``confidence`` and ``competence`` lie between 0 and 1, ``cost`` is 0 or more in whatever the
    agent counts, ``window`` the seconds that they are about; at least one of the three is given.
    They go into ``calibration`` as a version of the record, with the drift, at most once per
    ``ARW_PERSONA_CALIBRATION_INTERVAL``. Raises ``PersonaNotFound``, ``PersonaManageForbidden``,
    ``InvalidSelfModelReport``; then nothing has changed.
    """
    persona = _subject(persona_id, agent)
    report_admit(actor=actor, persona=persona, now=now)
    values = {"confidence": confidence, "competence": competence, "cost": cost}
    report = _checked(values, window)
    now = to_milliseconds(now)
    with transaction.atomic():
        spend_manage(actor=actor, resource=persona.resource, now=now)
        # Held from here on: reports on one persona come one after the other.
        persona = persona_locked(persona.id)
        state = DriftState.objects.filter(persona=persona, kind=_KIND).first()
        state = state or DriftState(persona=persona, kind=_KIND)
        tracks = reported(tracks_of(state.baseline), report, now)
        score = score_of(tracks)
        moved = step(state.outside, score)
        row = SelfModelReport.objects.create(
            persona=persona,
            principal=actor,
            window_secs=window,
            drift=score,
            recorded_at=now,
            **report,
        )
        state.baseline = {name: track.as_dict() for name, track in tracks.items()}
        state.score, state.outside, state.updated_at = score, moved.outside, now
        state.save()
        entry = _mirror(persona, state, tracks, actor, now)
        if moved.entered:
            send_after_commit(
                persona_drifted,
                SelfModelReport,
                persona_id=persona.id,
                score=score,
                baseline=baselines(tracks),
                latest=latest(tracks),
                actor=actor,
                now=now,
            )
    return Reported(row, score, baselines(tracks), moved.outside, entry)


def reports_prune(*, now: datetime) -> int:
    """Delete reports older than 90 days; returns how many. What became of them stays."""
    deleted, _each = SelfModelReport.objects.filter(recorded_at__lt=now - RETENTION).delete()
    return deleted


def _subject(persona_id: str | None, agent: str | None) -> Persona:
    if persona_id is not None and agent is None:
        return persona_get(persona_id)
    if agent is not None and persona_id is None:
        return agent_persona(agent)
    message = "give one of persona_id and agent"
    raise InvalidSelfModelReport(message, errors=[Fault("", message, "one_of")])


def _checked(values: Mapping[str, float | None], window: int | None) -> dict[str, float]:
    given = {name: value for name, value in values.items() if value is not None}
    faults = []
    if not given:
        message = f"give at least one of {', '.join(MEASURES)}"
        faults.append(Fault("", message, "required"))
    for name, value in given.items():
        highest = COST_MAX if name == "cost" else 1.0
        if not math.isfinite(value) or not 0 <= value <= highest:
            message = f"{name} must lie between 0 and {highest:g}"
            faults.append(Fault(f"/{name}", message, "out_of_range"))
    if window is not None and not 1 <= window <= WINDOW_MAX:
        message = f"window must lie between 1 and {WINDOW_MAX} seconds"
        faults.append(Fault("/window", message, "out_of_range"))
    if faults:
        raise InvalidSelfModelReport(faults[0].message, errors=faults)
    return {name: float(value) + 0.0 for name, value in given.items()}  # no negative zero


def _mirror(
    persona: Persona, state: DriftState, tracks: Tracks, actor: User, now: datetime
) -> HistoryEntry | None:
    """Write the next version of the record, unless one was written within the interval."""
    if not isinstance(persona.calibration, dict):
        message = "the record's calibration is a list, which has no place for a report"
        raise InvalidSelfModelReport(message, errors=[Fault("", message, "calibration_is_a_list")])
    after = _calibration(persona.calibration, state, tracks)
    if json_equal(persona.calibration, after):
        return None
    over = Q(mirrored_at__isnull=True)
    over |= Q(mirrored_at__lte=now - settings.ARW_PERSONA_CALIBRATION_INTERVAL)
    # One update that can change the row once: two nodes do not both find it due.
    if DriftState.objects.filter(over, pk=state.pk).update(mirrored_at=now) != 1:
        return None
    document: dict[str, Any] = dict(persona.document)
    return record_apply(
        persona_id=persona.id,
        base_version=persona.version,
        ops=difference(document, {**document, "calibration": after}),
        kind=HistoryEntry.Kind.CALIBRATION,
        actor=actor,
        now=now,
    )


def _calibration(before: dict[str, Any], state: DriftState, tracks: Tracks) -> dict[str, Any]:
    """The calibration with what was reported; members that are not about it stay."""
    drift = before.get("drift")
    return {
        **before,
        **latest(tracks),
        "drift": {
            **(drift if isinstance(drift, dict) else {}),
            "score": state.score,
            "baseline": baselines(tracks),
            "outside": state.outside,
        },
    }
