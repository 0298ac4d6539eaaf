"""Which requests and samples of a group were seen before, in the group's transaction (contract §7).

The same rules as ``telemetry.services.idempotency`` has for one request, for many at once: a
repeat counts once, also when it stands in the same group as the first.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import msgspec

from leases.errors import Fault
from telemetry.errors import IdempotencyConflict
from telemetry.ingestion.session import Session, as_uuid
from telemetry.ingestion.submission import Submission
from telemetry.models import IdempotencyRecord
from telemetry.samples import MAX_FAULTS
from telemetry.services.idempotency import REMEMBERED, requests_route, samples_route

_Name = tuple[uuid.UUID, str, str]


class Repeats:
    """The memory of one group: what is known, and what is to be remembered."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[_Name, tuple[str, int]] = {}
        self._new: list[_Name] = []

    def read(self, asked: Iterable[tuple[uuid.UUID, Submission]]) -> None:
        """Look up every key and id that these principals' submissions carry."""
        names: set[_Name] = set()
        for principal_id, one in asked:
            names.update(_names(principal_id, one))
        if not names:
            return
        session = self._session
        rows = [[session.identity(name[0]), name[1], name[2]] for name in names]
        # One parameter each: there may be more values than a statement takes parameters.
        values = (
            [list(column) for column in zip(*rows, strict=True)]
            if session.is_postgresql
            else [msgspec.json.encode(rows).decode()]
        )
        horizon = session.stamp(session.now - REMEMBERED)
        found = session.rows(_LOOK_UP[session.vendor], [*values, horizon])
        for principal_id, route, key, digest, count in found:
            self._known[as_uuid(principal_id), route, key] = digest, count

    def is_known(self, principal_id: uuid.UUID, one: Submission) -> bool:
        """Whether the request, or every sample in it, was accepted before."""
        if one.repeat is None:
            return False
        if one.repeat.key is not None and self._request(principal_id, one) in self._known:
            return True
        return len(one.repeat.ids) == len(one.samples) and all(
            (principal_id, samples_route(one.persona_id), key) in self._known
            for key, _ in one.repeat.ids.values()
        )

    def answered(self, principal_id: uuid.UUID, one: Submission) -> int | None:
        """What a request with this key was answered; ``IdempotencyConflict`` for another body."""
        if one.repeat is None or one.repeat.key is None:
            return None
        known = self._known.get(self._request(principal_id, one))
        if known is None:
            return None
        if known[0] != one.repeat.content:
            raise IdempotencyConflict
        return known[1]

    def unseen(self, principal_id: uuid.UUID, one: Submission) -> list[int]:
        """The places of the samples that are new; ``IdempotencyConflict`` names each clash."""
        if one.repeat is None or not one.repeat.ids:
            return list(range(len(one.samples)))
        route = samples_route(one.persona_id)
        here: dict[str, str] = {}
        fresh: list[int] = []
        clashes: list[Fault] = []
        for place in range(len(one.samples)):
            entry = one.repeat.ids.get(place)
            if entry is None:
                fresh.append(place)
                continue
            key, content = entry
            known = self._known.get((principal_id, route, key))
            before = here.get(key) if known is None else known[0]
            if before is None:
                here[key] = content
                fresh.append(place)
            elif before != content:
                at = f"/{place}/id" if one.in_batch else "/id"
                message = "this id was used before with another content"
                clashes.append(Fault(at, message, "idempotency_conflict"))
        if clashes:
            raise IdempotencyConflict(clashes[0].message, errors=clashes[:MAX_FAULTS])
        return fresh

    def remember(self, principal_id: uuid.UUID, one: Submission, fresh: list[int]) -> None:
        """From here on the request and its samples are known, to this group too."""
        if one.repeat is None:
            return
        route = samples_route(one.persona_id)
        for place in fresh:
            if place in one.repeat.ids:
                key, content = one.repeat.ids[place]
                self._learn((principal_id, route, key), content, 1)
        if one.repeat.key is not None:
            self._learn(self._request(principal_id, one), one.repeat.content, len(one.samples))

    def write(self) -> None:
        """Store what is new. What is past its 24 hours is written over."""
        if not self._new:
            return
        session = self._session
        rows = [
            (session.identity(name[0]), name[1], name[2], *self._known[name], session.moment)
            for name in self._new
        ]
        session.insert(_REMEMBER[session.vendor], _NAMES, rows)

    def _learn(self, name: _Name, content: str, count: int) -> None:
        self._known[name] = content, count
        self._new.append(name)

    def _request(self, principal_id: uuid.UUID, one: Submission) -> _Name:
        assert one.repeat is not None  # noqa: S101  callers have looked
        assert one.repeat.key is not None  # noqa: S101  likewise
        return principal_id, requests_route(one.persona_id), one.repeat.key


def _names(principal_id: uuid.UUID, one: Submission) -> Iterable[_Name]:
    if one.repeat is None:
        return
    if one.repeat.key is not None:
        yield principal_id, requests_route(one.persona_id), one.repeat.key
    for key, _ in one.repeat.ids.values():
        yield principal_id, samples_route(one.persona_id), key


_TABLE = IdempotencyRecord._meta.db_table
_NAMES = "principal_id route key body_sha256 count created_at".split()
_COLUMNS = ", ".join(_NAMES)
_LOOK_UP = {
    "sqlite": (
        f"SELECT r.principal_id, r.route, r.key, r.body_sha256, r.count FROM json_each(%s) AS it"
        f" CROSS JOIN {_TABLE} r WHERE r.principal_id = it.value ->> 0 AND r.route = it.value ->> 1"
        " AND r.key = it.value ->> 2 AND r.created_at > %s"
    ),
    "postgresql": (
        f"SELECT r.principal_id, r.route, r.key, r.body_sha256, r.count FROM {_TABLE} r"
        " JOIN unnest(%s::uuid[], %s::text[], %s::text[]) AS it(principal_id, route, key)"
        " USING (principal_id, route, key) WHERE r.created_at > %s"
    ),
}
_OVERWRITE = (
    " ON CONFLICT (principal_id, route, key) DO UPDATE SET body_sha256 = excluded.body_sha256,"
    " count = excluded.count, created_at = excluded.created_at"
)
_REMEMBER = {
    "sqlite": f"INSERT INTO {_TABLE} ({_COLUMNS}) VALUES {{rows}}{_OVERWRITE}",
    "postgresql": (
        f"INSERT INTO {_TABLE} ({_COLUMNS}) SELECT {_COLUMNS} FROM json_to_recordset(%s) AS"
        " r(principal_id uuid, route text, key text, body_sha256 text, count int,"
        f" created_at timestamptz){_OVERWRITE}"
    ),
}
