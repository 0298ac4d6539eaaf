"""From belief changes to a proposal: checked, as RFC 6902 operations, and explained. Pure.

Whoever made the changes, the built-in summariser or a deployment's own, they pass here (contract
§10: "each belief cites the memory ids that it rests on; an uncited one is refused").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from leases.errors import Fault
from personas.documents.canonical import Json, Op, json_equal, sha256_hex
from personas.documents.pointer import join
from telemetry.errors import BeliefRefused
from telemetry.memory.evidence import STATEMENT_MAX, slugify, statement_key, statement_text
from telemetry.memory.held import Held, belief_list, is_memory_id, share
from telemetry.memory.worldview import (
    MAX_CHANGES,
    MAX_CITATIONS,
    BeliefChange,
    Kind,
    View,
    round_share,
    shared_ids,
)

NAMED = 6  # citations that the rationale names; the record holds all of them
_SHOWN = 80
_HEAD = "Suggested from shared memory"
_PRINT = "Fingerprint: "
_CITED = "Cited memory items:"
# The second alternative is how suggestions were worded at first; some may still wait.
_LINE = re.compile(
    r"^- (?:`([^`]+)`: |(?:add|strengthen|weaken|retire) `([^`]+)`.* Cites: )(.+?)\.?$"
)
_VERB = {
    Kind.ADD: "to add",
    Kind.STRENGTHEN: "to strengthen",
    Kind.WEAKEN: "to weaken",
    Kind.RETIRE: "to retire",
}


def checked(changes: Sequence[BeliefChange], view: View) -> list[BeliefChange]:
    """The changes in order, cleaned, when each of them may be suggested.

    Raises ``BeliefRefused`` with a pointer to each fault (``/changes/0/citations/1``): no citation
    or one that is not shared with the persona (codes ``uncited``, ``unresolvable``), a belief that
    does not exist or exists already, a statement or a number out of bounds.
    """
    if len(changes) > MAX_CHANGES:
        message = f"a suggestion has at most {MAX_CHANGES} changes"
        raise BeliefRefused(message, errors=[Fault("/changes", message, "too_many")])
    held = {one.id: one for one in view.beliefs}
    allowed = shared_ids(view)
    faults = [
        replace(fault, pointer=f"/changes/{index}{fault.pointer}")
        for index, change in enumerate(changes)
        for fault in _faults(change, held, allowed, view)
    ]
    ids = [change.belief_id for change in changes if isinstance(change, BeliefChange)]
    faults += [
        Fault(f"/changes/{index}/belief_id", "the same belief is changed twice", "repeated")
        for index, one in enumerate(ids)
        if one in ids[:index]
    ]
    if faults:
        raise BeliefRefused(faults[0].message, errors=faults)
    order = tuple(Kind)
    cleaned = [_cleaned(change) for change in changes]
    return sorted(cleaned, key=lambda change: order.index(change.kind))


def operations(worldview: Json, view: View, changes: Sequence[BeliefChange]) -> list[Op]:
    """The changes as operations on the record. Raises ``BeliefRefused`` where no list can be."""
    beliefs = belief_list(worldview)
    if beliefs is None or not isinstance(worldview, dict | list):
        message = "worldview.beliefs is no list: nothing can be suggested for it"
        fault = Fault("/worldview/beliefs", message, "not_a_list")
        raise BeliefRefused(message, errors=[fault])
    base: tuple[str | int, ...] = ("worldview", "beliefs")
    base = base if isinstance(worldview, dict) else ("worldview",)
    held = {one.id: one for one in view.beliefs}
    ops: list[Op] = []
    gone: list[int] = []
    for change in changes:
        if change.kind is Kind.RETIRE:
            gone.append(held[change.belief_id].index)
        elif change.kind is not Kind.ADD:
            one = held[change.belief_id]
            ops += _revision((*base, one.index), beliefs[one.index], one, change)
    # From the end, so that the positions of what is still to be removed stay true.
    ops += [{"op": "remove", "path": join((*base, index))} for index in sorted(gone, reverse=True)]
    return [*ops, *_additions(base, worldview, changes)]


def rationale_of(changes: Sequence[BeliefChange], ops: Sequence[Op]) -> str:
    """The explanation that goes with the proposal: a paragraph for each change.

    What machines read comes last: the ids that each belief cites, and a fingerprint.
    """
    kinds = reversed(tuple(Kind))
    counted = [(kind, sum(change.kind is kind for change in changes)) for kind in kinds]
    amounts = ", ".join(f"{count} {_VERB[kind]}" for kind, count in counted if count)
    parts = [f"{_HEAD}: {amounts}.", *map(_paragraph, changes)]
    cited = [_cited(change) for change in changes if change.citations]
    if cited:
        parts.append("\n".join([_CITED, *cited]))
    return signed("\n\n".join(parts), ops)


def signed(text: str, ops: Sequence[Op]) -> str:
    """The rationale with a fingerprint of what it was written for."""
    return f"{text}\n\n{_PRINT}{fingerprint(ops)}"


def fingerprint(ops: Sequence[Op]) -> str:
    return sha256_hex(list(ops))[:16]


def is_untouched(rationale: str, diff: Sequence[Op]) -> bool:
    """Whether the proposal still asks for what was suggested, and nobody revised it since."""
    return rationale.rstrip().endswith(f"{_PRINT}{fingerprint(diff)}")


def worded(rationale: str, diff: Sequence[Op]) -> tuple[str, str]:
    """The rationale of a suggestion for people, and the rest of it, which machines read.

    One that somebody else wrote, or wrote for something else, is all for people.
    """
    if not is_untouched(rationale, diff):
        return rationale, ""
    for mark in (f"\n\n{_CITED}\n", f"\n\n{_PRINT}"):
        words, found, _rest = rationale.partition(mark)
        if found:
            return words, rationale[len(words) :].strip()
    return rationale, ""


def named_citations(rationale: str) -> dict[str, tuple[str, ...]]:
    """The memory ids that the rationale of a suggestion names, by the belief that they are for."""
    named: dict[str, tuple[str, ...]] = {}
    for line in rationale.splitlines():
        found = _LINE.match(line)
        if found:
            ids = (word.strip(" .,") for word in found[3].split())
            named[found[1] or found[2]] = tuple(one for one in ids if is_memory_id(one))
    return named


def _paragraph(change: BeliefChange) -> str:
    text = change.statement
    statement = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    before, after = f"{change.before or 0.0:.2f}", f"{change.confidence:.2f}"
    moved = {
        Kind.ADD: f"with a confidence of {after}",
        Kind.RETIRE: f"held with a confidence of {before} until now",
    }.get(change.kind, f"from a confidence of {before} to {after}")
    said = f"{str(change.kind).capitalize()} “{statement}”, {moved}. {change.reason}"
    if change.lost:
        said += f" Erased or no longer shared: {change.lost} of what it rested on."
    return said


def _cited(change: BeliefChange) -> str:
    more = len(change.citations) - NAMED
    cited = ", ".join(change.citations[:NAMED])
    return f"- `{change.belief_id}`: {cited}{f' and {more} more' if more > 0 else ''}"


def _faults(
    change: Any, held: dict[str, Held], allowed: frozenset[str], view: View
) -> Iterator[Fault]:
    if not isinstance(change, BeliefChange) or not isinstance(change.kind, Kind):
        yield Fault("", "a change is a BeliefChange with one of the four kinds", "type")
        return
    texts: tuple[Any, ...] = (change.statement, change.reason, change.belief_id)
    if not all(isinstance(one, str) for one in texts):
        yield Fault("/statement", "statement, reason and id are strings", "type")
        return
    if share(change.confidence) is None:
        yield Fault("/confidence", "confidence is a number from 0 to 1", "out_of_range")
    known = held.get(change.belief_id)
    if change.kind is Kind.ADD:
        yield from _addition_faults(change, known, view)
    elif known is None:
        yield Fault("/belief_id", f"the record holds no belief {change.belief_id!r}", "unknown")
    yield from _citation_faults(change, known, allowed, view)


def _addition_faults(change: BeliefChange, known: Held | None, view: View) -> Iterator[Fault]:
    if not 0 < len(statement_text(change.statement)) <= STATEMENT_MAX:
        message = f"a statement has 1 to {STATEMENT_MAX} characters"
        yield Fault("/statement", message, "length")
    key = statement_key(change.statement)
    if known is not None or any(one.key == key for one in view.beliefs):
        yield Fault("/belief_id", "the record holds that belief already", "exists")
    if not slugify(change.belief_id) or "`" in change.belief_id or len(change.belief_id) > 128:
        yield Fault("/belief_id", "an id has letters or digits, at most 128 characters", "syntax")


def _citation_faults(
    change: BeliefChange, known: Held | None, allowed: frozenset[str], view: View
) -> Iterator[Fault]:
    for index, one in enumerate(change.citations):
        if one not in allowed:
            message = f"the citation {one} is no memory item that is shared with this persona"
            yield Fault(f"/citations/{index}", message, "unresolvable")
    if len(change.citations) > MAX_CITATIONS:
        message = f"a belief cites at most {MAX_CITATIONS} items"
        yield Fault("/citations", message, "too_many")
    if not change.citations and not _may_cite_nothing(change, known, view):
        message = f"the belief “{change.statement[:_SHOWN]}” cites no memory item"
        yield Fault("/citations", message, "uncited")


def _may_cite_nothing(change: BeliefChange, known: Held | None, view: View) -> bool:
    """A belief that lost what it rests on goes, or back to what people wrote before."""
    if known is None or not known.lost(view.standings):
        return False
    back = known.written and change.confidence == round_share(known.prior)
    return change.kind is Kind.RETIRE or (change.kind is not Kind.ADD and back)


def _cleaned(change: BeliefChange) -> BeliefChange:
    unique = tuple(dict.fromkeys(change.citations))
    return replace(
        change,
        statement=statement_text(change.statement),
        reason=statement_text(change.reason)[:400],
        citations=unique,
    )


def _additions(
    base: tuple[str | int, ...], worldview: Json, changes: Sequence[BeliefChange]
) -> list[Op]:
    new: list[Json] = [
        {
            "id": change.belief_id,
            "statement": change.statement,
            "confidence": change.confidence,
            "citations": list(change.citations),
        }
        for change in changes
        if change.kind is Kind.ADD
    ]
    if new and isinstance(worldview, dict) and not isinstance(worldview.get("beliefs"), list):
        return [{"op": "add", "path": join(base), "value": new}]
    return [{"op": "add", "path": join((*base, "-")), "value": one} for one in new]


def _revision(
    path: tuple[str | int, ...], entry: Json, held: Held, change: BeliefChange
) -> Iterator[Op]:
    """Only what differs, member by member, so that a change elsewhere in it does not collide."""
    if not isinstance(entry, dict):
        yield {"op": "replace", "path": join(path), "value": _after({}, held, change)}
        return
    after = _after(entry, held, change)
    for name in entry:
        if name not in after:
            yield {"op": "remove", "path": join((*path, name))}
    for name, value in after.items():
        if name not in entry:
            yield {"op": "add", "path": join((*path, name)), "value": value}
        elif not json_equal(entry[name], value):
            yield {"op": "replace", "path": join((*path, name)), "value": value}


def _after(entry: dict[str, Json], held: Held, change: BeliefChange) -> dict[str, Json]:
    """The belief afterwards: foreign members and sources stay, what memory says is renewed."""
    after = dict(entry)
    if not entry:
        after = {"id": held.id, "statement": held.statement}
    after["confidence"] = change.confidence
    listed = entry.get("citations")
    others = [one for one in listed if not is_memory_id(one)] if isinstance(listed, list) else []
    cites = [*others, *change.citations]
    after.pop("citations", None)
    after.pop("prior", None)
    if cites:
        after["citations"] = cites
    if held.written and change.citations:
        after["prior"] = held.prior
    return after
