"""Searching and exporting the decision log (contract §6). For admins: the caller judges that."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import Max, QuerySet

from leases.api.pagination import Key, instant, whole_number
from leases.errors import Fault, InvalidInput
from leases.models import DecisionEntry, User

EXPORT_CHUNK = 500

DECISION_KEYS = (
    Key("at", True, lambda moment: moment.isoformat(), instant),
    Key("id", True, int, whole_number),
)


def decisions_found(query: Mapping[str, str]) -> QuerySet[DecisionEntry]:
    """The decisions that the filters leave, newest first, with their actors.

    ``actor`` is a user name or id, ``action`` an action or one of its groups followed by ``.``,
    ``allowed`` true or false, ``since`` (included) and ``until`` (excluded) are RFC 3339,
    ``revision`` the beginning of one. ``persona``, ``reason`` and ``lease`` are exact. An empty
    filter is none. Raises ``InvalidInput`` naming each that makes no sense.
    """
    conditions: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, read in _FILTERS.items():
        text = query.get(name, "").strip()
        if not text:
            continue
        try:
            if "\x00" in text:
                raise ValueError(f"{name} must not hold U+0000")
            conditions.update(read(text))
        except ValueError as error:
            faults.append(Fault(f"?{name}", str(error), "query"))
    if faults:
        raise InvalidInput(faults[0].message, errors=faults, code="invalid_query")
    rows = DecisionEntry.objects.filter(**conditions)
    return rows.select_related("actor").newest_first()


def decision_json(entry: DecisionEntry) -> dict[str, Any]:
    """A decision as the API and the export show it: ids and no names, times to the microsecond.

    A time cut short could fall on the other side of an expiry when it is replayed.
    """
    return {
        "id": entry.id,
        "at": _exact(entry.at),
        "hour": None if entry.hour is None else _exact(entry.hour),
        "count": entry.count,
        "actor": None if entry.actor_id is None else str(entry.actor_id),
        "action": entry.action,
        "persona_id": entry.persona_id or None,
        "owner_kind": entry.owner_kind or None,
        "owner_ref": entry.owner_ref or None,
        "allowed": entry.allowed,
        "reason": entry.reason,
        "required_capability": entry.required_capability or None,
        "policy_revision": entry.policy_revision or None,
        "lease_id": entry.lease_id or None,
        "inputs": entry.inputs,
    }


def decision_chunks(rows: QuerySet[DecisionEntry]) -> Iterator[str]:
    """``rows`` as JSON Lines, the oldest first, some hundred lines at a time.

    Each chunk is a query of its own, so that neither memory nor a transaction grows with the
    log; what is written after the first is not in it.
    """
    last = rows.order_by().aggregate(last=Max("id"))["last"]
    after = 0
    while last is not None:
        text, after = _chunk(rows, after, last)
        if not text:
            return
        yield text


async def decision_chunks_async(rows: QuerySet[DecisionEntry]) -> AsyncIterator[str]:
    """The same where the server runs an event loop, which would gather a plain iterator whole."""
    chunks = decision_chunks(rows)
    while text := await sync_to_async(lambda: next(chunks, ""))():
        yield text


def _chunk(rows: QuerySet[DecisionEntry], after: int, last: int) -> tuple[str, int]:
    window = rows.select_related(None).filter(id__gt=after, id__lte=last).order_by("id")
    found = list(window[:EXPORT_CHUNK])
    lines = (json.dumps(decision_json(one), ensure_ascii=False) + "\n" for one in found)
    return "".join(lines), found[-1].id if found else last


def _exact(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _actor(text: str) -> dict[str, Any]:
    person = User.objects.named(text)
    if person is None:
        raise ValueError("actor is nobody's name or id")
    return {"actor_id": person.id}


def _action(text: str) -> dict[str, Any]:
    return {"action__startswith" if text.endswith(".") else "action": text}


def _allowed(text: str) -> dict[str, Any]:
    if text.lower() not in {"true", "false"}:
        raise ValueError("allowed must be true or false")
    return {"allowed": text.lower() == "true"}


def _moment(name: str, comparison: str) -> Callable[[str], dict[str, Any]]:
    def read(text: str) -> dict[str, Any]:
        try:
            # A plus sign that was not percent-encoded arrives as a space.
            return {f"at__{comparison}": instant(text.replace(" ", "+"))}
        except (ValueError, OverflowError):
            message = f"{name} must be an instant with its offset, as 2026-01-31T12:00:00Z"
            raise ValueError(message) from None

    return read


def _lease(text: str) -> dict[str, Any]:
    try:
        return {"lease_id": str(uuid.UUID(text))}
    except ValueError:
        raise ValueError("lease must be a lease's id") from None


def _revision(text: str) -> dict[str, Any]:
    if not re.fullmatch(r"[0-9a-f]{1,64}", text):
        raise ValueError("revision must be the beginning of a SHA-256 in hex")
    return {"policy_revision__startswith": text}


_FILTERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "actor": _actor,
    "action": _action,
    "persona": lambda text: {"persona_id": text},
    "allowed": _allowed,
    "reason": lambda text: {"reason": text},
    "since": _moment("since", "gte"),
    "until": _moment("until", "lt"),
    "lease": _lease,
    "revision": _revision,
}
