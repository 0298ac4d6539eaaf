"""Doing an action once, and remembering what came of it (contract §10).

The record and the effect are one transaction: whoever is killed between them has done neither.
The record is written first, so that of two requests with one key the second waits for the first.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from leases.errors import DomainError, Fault
from leases.instants import to_milliseconds
from leases.models import ApiToken, User
from leases.pseudonyms import keyed_digest
from leases.services.decision_log import refusals_kept
from personas.documents.canonical import canonical_bytes
from telemetry.actions.checking import check_input
from telemetry.actions.kind import Call, Kind
from telemetry.errors import ActionNotFound, IdempotencyConflict, InvalidAction
from telemetry.memory.looking import looked_again
from telemetry.models import ActionRecord

RETENTION: Final = timedelta(days=90)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was done, now or by the request that this one repeats, and what is told of it."""

    record: ActionRecord
    output: dict[str, Any]


class _Taken(Exception):
    """Another request with this key was quicker."""


@refusals_kept
def action_run(
    *,
    actor: User,
    kind: Kind,
    given: Mapping[str, Any],
    now: datetime,
    key: str | None = None,
    token: ApiToken | None = None,
    persona_id: str | None = None,
) -> Answer:
    """Do what ``kind`` does with the input ``given``, once per principal, kind and ``key``.

    A repeat with the same input is answered with the same id and output, and costs nothing; what
    it shows of stored content is read anew, with the rights of now. ``persona_id`` is for the log
    of refusals. Raises ``IdempotencyConflict`` for another input, ``InvalidAction`` for a bad key,
    and whatever the service behind the kind raises; then nothing has changed, and no record is
    left.
    """
    _check_key(key)
    call = Call(actor, given, now, token)
    asked = _Asked(call, kind, "" if key is None else keyed_digest(key), _digest(given))
    with _placed(kind.place):
        return _repeated(asked) or _first(asked)


def action_get(*, actor: User, action_id: uuid.UUID) -> ActionRecord:
    """One of the actor's own actions; raises ``ActionNotFound``."""
    found = ActionRecord.objects.filter(pk=action_id, principal=actor).first()
    if found is None:
        raise ActionNotFound
    return found


def actions_prune(*, now: datetime) -> int:
    """Delete records older than 90 days, and so their keys; returns how many."""
    deleted, _each = ActionRecord.objects.filter(created_at__lt=now - RETENTION).delete()
    return deleted


@dataclass(frozen=True, slots=True)
class _Asked:
    call: Call
    kind: Kind
    key: str
    digest: str


def _first(asked: _Asked) -> Answer:
    try:
        asked.kind.admit(asked.call)
        check_input(asked.kind, asked.call.input)
        return looked_again(lambda: _done(asked))
    except (_Taken, DomainError) as error:
        # What stands in the way may be what the other request with this key has done.
        answer = _repeated(asked)
        if answer is not None:
            return answer
        if isinstance(error, _Taken):
            raise IdempotencyConflict from None
        raise


def _done(asked: _Asked) -> Answer:
    kind, call = asked.kind, asked.call
    if kind.look is not None:
        call = replace(call, seen=kind.look(call))
    with transaction.atomic():
        record = _claim(asked)
        done = kind.run(call)
        record.output = done.kept
        record.save(update_fields=["output"])
    return Answer(record, {**done.kept, **done.shown})


def _repeated(asked: _Asked) -> Answer | None:
    """The answer to the request that this one repeats, or None where there was none."""
    call, kind = asked.call, asked.kind
    if not asked.key or not call.actor.has_right(kind.right):
        return None
    record = ActionRecord.objects.filter(
        principal=call.actor, kind=kind.name, key=asked.key
    ).first()
    if record is None:
        return None
    if record.input_sha256 != asked.digest:
        raise IdempotencyConflict("this idempotency key was used before with another input")
    kept = record.output or {}
    return Answer(record, {**kept, **(kind.again(call, kept) if kind.again else {})})


def _claim(asked: _Asked) -> ActionRecord:
    call = asked.call
    try:
        with transaction.atomic():
            return ActionRecord.objects.create(
                kind=asked.kind.name,
                principal=call.actor,
                key=asked.key,
                input_sha256=asked.digest,
                created_at=to_milliseconds(call.now),
            )
    except IntegrityError:
        raise _Taken from None


def _check_key(key: str | None) -> None:
    if key is not None and not _KEY.fullmatch(key):
        message = "the header Idempotency-Key holds 1 to 200 visible ASCII characters"
        raise InvalidAction(message, errors=[Fault("", message, "invalid_idempotency_key")])


def _digest(given: Mapping[str, Any]) -> str:
    """Keyed: what was sent cannot be guessed from it."""
    return keyed_digest(canonical_bytes(dict(given)).decode())


@contextmanager
def _placed(place: str) -> Iterator[None]:
    """Faults that a service finds in its own body are told where they are in the action's."""
    try:
        yield
    except DomainError as error:
        error.errors = tuple(replace(one, pointer=_pointer(place, one)) for one in error.errors)
        raise


def _pointer(place: str, fault: Fault) -> str:
    at = fault.pointer
    if at == "/input" or at.startswith("/input/"):
        return at
    return f"/input/{at[1:]}" if at.startswith("?") else place + at
