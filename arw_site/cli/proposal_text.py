"""A proposal as lines for a person: what it asks for, and what was said and decided about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from arw_site.cli.output import facts, one_line

_FACTS = (
    "proposal_id", "persona_id", "status", "revision", "submitted_by", "on_behalf_of", "created",
    "expires_at", "base_version", "digest", "rationale", "approvals", "decided_by",
    "decision_rationale",
)  # fmt: skip


def proposal_lines(detail: dict[str, Any]) -> list[str]:
    """Everything but the changes themselves. What there is none of has no line."""
    known = {**detail, "expires_at": _instant(detail.get("expires_at"))}
    known["approvals"] = approvals_text(detail)
    known["revision"] = detail["revision"] if len(_items(detail, "revisions")) > 1 else None
    return [
        *facts((name.replace("_", " "), known[name]) for name in _FACTS if known.get(name)),
        *(f"needs a lease for {one_line(one)}" for one in detail.get("leases_required") or []),
        *(
            f"{one_line(impact.get('severity'))}: {one_line(impact.get('summary'))}"
            for impact in _items(detail, "impact")
        ),
        *_standing(detail),
        *_life(detail),
    ]


def approvals_text(detail: dict[str, Any]) -> str | None:
    """``1 of 2``: approvals that count, of those needed; None where the first one decides."""
    given = _items(detail, "approvals")
    required = detail.get("approvals_required")
    if detail.get("status") != "pending" or not isinstance(required, int):
        return None
    if required < 2 and not given:
        return None
    counting = sum(1 for one in given if one.get("standing"))
    return f"{counting} of {required}"


def _standing(detail: dict[str, Any]) -> Iterator[str]:
    """What keeps it from being approved as it is, or is to be known before."""
    pending = detail.get("status") == "pending"
    if pending and detail.get("changes_requested"):
        yield "changes were asked for: it waits for a revision"
    state = (detail.get("rebase") or {}).get("state")
    if state == "rebased":
        yield (
            f"merged with what was applied since version {one_line(detail.get('base_version'))}: "
            f"the changes are shown on version {one_line(detail.get('persona_version'))}"
        )
    elif state == "conflicting":
        yield "cannot be applied: the record moved on"
    elif state == "nothing_left":
        yield "nothing is left to apply: the record already is as it wants it"
    for other in _items(detail, "conflicts_with"):
        paths = ", ".join(one_line(path) for path in other.get("paths") or [])
        yield f"overlaps  {one_line(other.get('proposal_id'))} at {paths}"


def _life(detail: dict[str, Any]) -> Iterator[str]:
    """Revisions, approvals and comments in the order in which they came about."""
    revisions = _items(detail, "revisions")
    lines = [
        (one.get("created"), f"revision {one_line(one.get('number'))}  {_by(one, 'author')}")
        for one in (revisions if len(revisions) > 1 else [])
    ]
    lines += [
        (one.get("created"), f"approval  {_by(one, 'approver')}{_validity(one, detail)}")
        for one in _items(detail, "approvals")
    ]
    lines += [(one.get("created"), _comment(one)) for one in _items(detail, "comments")]
    yield from (line for _, line in sorted(lines, key=lambda pair: str(pair[0])))


def _by(item: dict[str, Any], who: str) -> str:
    return f"{one_line(item.get('created'))} by {one_line(item.get(who))}"


def _validity(approval: dict[str, Any], detail: dict[str, Any]) -> str:
    void = approval.get("revision") != detail.get("revision")
    if detail.get("status") == "pending":
        # Of the same revision it is void too, where the record moved on and the result with it.
        void = not approval.get("standing")
    reason = approval.get("rationale")
    said = f": {one_line(reason)}" if reason else ""
    word = ", no longer counts" if void else ""
    return f" (revision {one_line(approval.get('revision'))}{word}){said}"


def _comment(comment: dict[str, Any]) -> str:
    asked = comment.get("kind") == "changes_requested"
    where = f" on {one_line(comment['path'])}" if comment.get("path") else ""
    head = "asked for changes" if asked else "comment"
    return f"{head}  {_by(comment, 'author')}{where}: {one_line(comment.get('text'))}"


def _items(detail: dict[str, Any], name: str) -> list[dict[str, Any]]:
    items = detail.get(name)
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []


def _instant(unix_ms: Any) -> str | None:
    if not isinstance(unix_ms, int):
        return None
    moment = datetime.fromtimestamp(unix_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
