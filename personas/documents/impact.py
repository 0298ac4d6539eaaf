"""What a change means for the people concerned, read off the result alone (contract §4).

However a diff is spelled, the same two documents give the same impact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from personas.documents.canonical import Json, canonical_bytes, json_equal
from personas.documents.compare import compare
from personas.documents.consent import consent_of
from personas.documents.context_bias import ContextBias, compute_context_bias
from personas.documents.elements import naming_of
from personas.documents.pointer import join

_Path = tuple[str | int, ...]
Severity = Literal["low", "medium", "high"]
Kind = Literal[
    "telemetry_on",
    "telemetry_off",
    "scope_changed",
    "boundaries_loosened",
    "blocked_topics_loosened",
    "context_bias_changed",
    "identity_changed",
    "large_change",
]

_VIBE = "/preferences/telemetry/vibe"
_GUARDED_FIELDS = ("traits", "preferences", "worldview")
_TOPIC_LISTS = ("topics_blocked", "blocked_topics")
_BOUNDARY_LISTS = (*_TOPIC_LISTS, "disallowed_behaviors", "safe_words")
_LARGE_PATHS = 25
_LARGE_BYTES = 8192
_ORDER: dict[str, int] = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Impact:
    """One consequence; ``path`` points at what causes it, ``summary`` is a sentence for people."""

    kind: Kind
    severity: Severity
    path: str
    before: Json
    after: Json
    summary: str


def assess(before: Json, after: Json, *, ops_count: int) -> list[Impact]:
    """The impacts of turning ``before`` into ``after``, the gravest first.

    ``before`` may be ``{}`` for a record that is being created. ``ops_count`` is only reported, in
    the words of ``large_change``: it never decides.
    """
    found = [
        *_telemetry(before, after),
        *_boundaries(before, after),
        *_bias(before, after),
        *_identity(before, after),
        *_size(before, after, ops_count),
    ]
    return sorted(found, key=lambda impact: _ORDER[impact.severity])


def highest_severity(impacts: list[Impact]) -> Severity:
    """The gravest severity among ``impacts``; ``low`` when there are none."""
    return min((impact.severity for impact in impacts), key=_ORDER.__getitem__, default="low")


def _telemetry(before: Json, after: Json) -> Iterator[Impact]:
    old, new = consent_of(before), consent_of(after)
    place = f"{_VIBE}/enabled"
    if new.enabled and not old.enabled:
        summary = f"Turns vibe telemetry on, scope {new.scope}"
        yield Impact("telemetry_on", "high", place, False, True, summary)
    elif old.enabled and not new.enabled:
        yield Impact("telemetry_off", "low", place, True, False, "Turns vibe telemetry off")
    if before and old.scope != new.scope:
        severity: Severity = "high" if new.enabled else "medium"
        summary = f"Changes the telemetry scope from {old.scope} to {new.scope}"
        yield Impact("scope_changed", severity, f"{_VIBE}/scope", old.scope, new.scope, summary)


@dataclass(frozen=True, slots=True)
class _Guard:
    """A list whose entries restrict the persona, and where it stands."""

    name: str
    path: str
    entries: list[Json]


def _boundaries(before: Json, after: Json) -> Iterator[Impact]:
    old, new = _guards(before), _guards(after)
    for key, guard in old.items():
        successor = new.get(key)
        kept = {canonical_bytes(entry) for entry in successor.entries} if successor else set()
        lost = [entry for entry in guard.entries if canonical_bytes(entry) not in kept]
        if lost:
            topics = guard.name in _TOPIC_LISTS
            kind: Kind = "blocked_topics_loosened" if topics else "boundaries_loosened"
            summary = f"Takes {len(lost)} of {len(guard.entries)} entries out of {guard.name}"
            left = successor.entries if successor else None
            yield Impact(kind, "high", guard.path, guard.entries, left, summary)


def _guards(document: Json) -> dict[_Path, _Guard]:
    """The guarding lists of a record: those of a known name, and those below ``boundaries``.

    Elements of arrays are keyed by name where they have one, so that a shift takes nothing away.
    """
    guards: dict[_Path, _Guard] = {}
    stack: list[tuple[_Path, _Path, Json, bool]] = [
        ((field,), (field,), document.get(field), False) for field in _GUARDED_FIELDS
    ]
    while stack:
        key, path, value, inside = stack.pop()
        for name, token, child in _children(value):
            within = inside or token == "boundaries"
            if token in _BOUNDARY_LISTS or (within and isinstance(child, list)):
                entries = child if isinstance(child, list) else [child]
                guards[(*key, name)] = _Guard(str(token), join((*path, token)), entries)
            else:
                stack.append(((*key, name), (*path, token), child, within))
    return guards


def _children(value: Json) -> Iterator[tuple[str | int, str | int, Json]]:
    if isinstance(value, dict):
        yield from ((key, key, child) for key, child in value.items())
    elif isinstance(value, list):
        for at, child in enumerate(value):
            yield naming_of(child) or at, at, child


def _bias(before: Json, after: Json) -> Iterator[Impact]:
    old, new = compute_context_bias(before), compute_context_bias(after)
    if old == new:
        return
    changed = ", ".join(_bias_parts(old, new))
    summary = f"Changes the context bias: {changed}"
    place = "/preferences/context"
    yield Impact("context_bias_changed", "medium", place, old.as_dict(), new.as_dict(), summary)


def _bias_parts(old: ContextBias, new: ContextBias) -> Iterator[str]:
    for lane in sorted(old.lane_priorities.keys() | new.lane_priorities.keys()):
        one, other = old.lane_priorities.get(lane, 0.0), new.lane_priorities.get(lane, 0.0)
        if one != other:
            yield f"lane {lane} {one:+.2f} to {other:+.2f}"
    for slot in sorted(old.slot_overrides.keys() | new.slot_overrides.keys()):
        first, second = old.slot_overrides.get(slot), new.slot_overrides.get(slot)
        if first != second:
            yield f"slot {slot} {first or 'none'} to {second or 'none'}"
    if old.min_score_delta != new.min_score_delta:
        yield f"minimum score {old.min_score_delta:+.2f} to {new.min_score_delta:+.2f}"


def _identity(before: Json, after: Json) -> Iterator[Impact]:
    for field in ("name", "archetype"):
        old, new = before.get(field), after.get(field)
        if before and not json_equal(old, new):
            severity: Severity = "medium" if field == "name" else "low"
            summary = f"Changes the {field}"
            yield Impact("identity_changed", severity, f"/{field}", old, new, summary)


def _size(before: Json, after: Json, ops_count: int) -> Iterator[Impact]:
    changes = compare(before, after)
    paths = sum(_leaves(change.before) + _leaves(change.after) for change in changes)
    volume = sum(len(canonical_bytes([change.before, change.after])) for change in changes)
    if paths > _LARGE_PATHS or volume > _LARGE_BYTES:
        operations = "1 operation" if ops_count == 1 else f"{ops_count} operations"
        summary = f"A large change: {len(changes)} changed paths by {operations}"
        old, new = len(canonical_bytes(before)), len(canonical_bytes(after))
        yield Impact("large_change", "medium", "", old, new, summary)


def _leaves(value: Json) -> int:
    if isinstance(value, dict):
        return sum(map(_leaves, value.values()))
    if isinstance(value, list):
        return sum(map(_leaves, value))
    return int(value is not None)
