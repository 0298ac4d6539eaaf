"""Adds events up to the metrics of the export (spec 002 "Export format")."""

from collections import Counter, defaultdict
from typing import Any, Final

from telemetry.eventlog.actors import Actor
from telemetry.eventlog.payloads import NO_PILLAR, UNKNOWN, Number, Payload, payload_of
from telemetry.eventlog.views import View, source_of

_TOP: Final = 10


class Aggregates:
    """Counters over the events of one window; `add` each, then `summary()`."""

    def __init__(self) -> None:
        self.events = 0
        self._events_by: Counter[Actor] = Counter()
        self._completions_by: Counter[Actor] = Counter()
        self._by: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._sums: Counter[str] = Counter()
        self._pillars_of: dict[str, list[str]] = {}
        self._unplaced: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._plans = 0
        self._quests_planned: Number = 0
        self._timebox = 0
        self._observed = 0
        self._counting = {
            "quest.completed": self._completed,
            "quest.failed": self._failed,
            "plan.generated": self._planned,
            "risk.flagged": self._flagged,
            "feedback.submitted": self._feedback,
        }

    def add(self, view: View, actor: Actor) -> None:
        self.events += 1
        self._events_by[actor] += 1
        count = self._counting.get(view.event_type)
        if count is not None:
            count(view, actor)

    def _completed(self, view: View, actor: Actor) -> None:
        data = payload_of(view.data)
        by = self._by
        self._completions_by[actor] += 1
        by["source"][source_of(view)] += 1
        by["tier"][data.proof_tier or UNKNOWN] += 1
        by["pack"][data.pack_id or UNKNOWN] += 1
        by["quest"][data.quest_id or UNKNOWN] += 1
        for pillar in data.pillars or (NO_PILLAR,):
            by["completed"][pillar] += 1
            by["xp"][pillar] += int(data.xp_awarded)
        if data.pillars:
            self._pillars_of[data.quest_id] = data.pillars
        self._timebox += int(data.timebox_estimate_minutes)
        self._observed += int(data.observed_duration_seconds)

    def _failed(self, view: View, actor: Actor) -> None:
        data = payload_of(view.data)
        self._by["reason"][data.reason or UNKNOWN] += 1
        self._place("failed", data)

    def _planned(self, view: View, actor: Actor) -> None:
        self._plans += 1
        self._quests_planned += payload_of(view.data).quest_count

    def _flagged(self, view: View, actor: Actor) -> None:
        self._sums["flags"] += 1
        self._place("flags", payload_of(view.data))

    def _feedback(self, view: View, actor: Actor) -> None:
        data = payload_of(view.data)
        self._sums["feedback"] += 1
        self._by["component"][data.component or UNKNOWN] += 1
        self._by["severity"][data.severity or UNKNOWN] += 1

    def _place(self, name: str, data: Payload) -> None:
        """Counts by pillar; an event without one belongs where its quest's completions do."""
        if data.pillars:
            self._by[name].update(data.pillars)
        else:
            self._unplaced[name][data.quest_id] += 1

    def _placed(self, name: str) -> dict[str, int]:
        counts = self._by[name].copy()
        for quest, count in self._unplaced[name].items():
            for pillar in self._pillars_of.get(quest) or (NO_PILLAR,):
                counts[pillar] += count
        return _safe(counts)

    def summary(self, score: dict[str, int]) -> dict[str, Any]:
        """Every aggregate, in the order of the reference's files; counter keys are sorted."""
        by = self._by
        kinds = _by_kind(self._completions_by)
        completed, failed = sum(kinds.values()), sum(by["reason"].values())
        return {
            "events_by_actor_kind": _by_kind(self._events_by),
            "events_by_actor_id": _by_id(self._events_by),
            "completions_total": completed,
            "completions_by_actor": kinds,
            "completions_by_actor_kind": kinds,
            "completions_by_actor_id": _by_id(self._completions_by),
            "completions_by_source": _sorted(by["source"]),
            "completions_by_proof_tier": _safe(by["tier"]),
            "completions_by_pillar": _safe(by["completed"]),
            "xp_by_pillar": _safe(by["xp"]),
            "completions_by_pack": _safe(by["pack"]),
            **score,
            "plans_generated": self._plans,
            "avg_quests_per_plan": _ratio(self._quests_planned, self._plans, 3),
            "quest_success_rate": _ratio(completed, completed + failed, 4),
            "quest_success_rate_by_pillar": _rates(_safe(by["completed"]), self._placed("failed")),
            "failures_by_reason": _safe(by["reason"]),
            "risk_flags_count": self._sums["flags"],
            "risk_flags_by_pillar": self._placed("flags"),
            "feedback_count": self._sums["feedback"],
            "feedback_by_component": _safe(by["component"]),
            "feedback_by_severity": _safe(by["severity"]),
            "top_quests_completed": _top(by["quest"]),
            "timebox_estimates_sum": int(self._timebox),
            "observed_duration_sum": int(self._observed),
        }


def _by_kind(actors: Counter[Actor]) -> dict[str, int]:
    kinds: Counter[str] = Counter()
    for actor, count in actors.items():
        kinds[actor.kind] += count
    return _sorted(kinds)


def _by_id(actors: Counter[Actor]) -> dict[str, int]:
    """The ids are sanitized already."""
    ids: Counter[str] = Counter()
    for actor, count in actors.items():
        ids[actor.id] += count
    return _sorted(ids)


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _safe(counts: Counter[str]) -> dict[str, int]:
    """The counts under sanitized names: an export is shared, and other writers' rows may hold anything."""
    from telemetry.redaction import sanitize_text

    result: Counter[str] = Counter()
    for name, count in counts.items():
        result[str(sanitize_text(name).value) or UNKNOWN] += count
    return _sorted(result)


def _top(quests: Counter[str]) -> list[dict[str, Any]]:
    from telemetry.redaction import sanitize_text

    first = sorted(quests.items(), key=lambda item: (-item[1], item[0]))[:_TOP]
    return [{"quest_id": sanitize_text(name).value, "count": count} for name, count in first]


def _rates(completed: dict[str, int], failed: dict[str, int]) -> dict[str, float]:
    rates = {}
    for name in sorted(completed.keys() | failed.keys()):
        done = completed.get(name, 0)
        rates[name] = _ratio(done, done + failed.get(name, 0), 4)
    return rates


def _ratio(part: Number, whole: int, digits: int) -> float:
    return round(part / whole, digits) if whole else 0.0
