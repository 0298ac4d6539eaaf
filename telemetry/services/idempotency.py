"""A repeat counts once: keys of requests and ids of samples, for 24 hours (contract §7).

What is remembered are keyed digests, of the key as of the content: neither can be read back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from leases.errors import Fault
from leases.models import User
from leases.pseudonyms import keyed_digest
from telemetry.errors import IdempotencyConflict, InvalidFeedback
from telemetry.models import IdempotencyRecord
from telemetry.samples import MAX_FAULTS, Sample

REMEMBERED = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def check_key(key: str | None) -> None:
    """Raise ``InvalidFeedback`` unless ``key`` is None or 1 to 200 visible ASCII characters."""
    if key is not None and not _KEY.fullmatch(key):
        message = "the header Idempotency-Key holds 1 to 200 visible ASCII characters"
        raise InvalidFeedback(message, errors=[Fault("", message, "invalid_idempotency_key")])


class Memory:
    """What one principal was answered on one persona's feedback route.

    Use it inside the transaction that stores the samples, after the persona's row is locked, so
    that two requests with the same key come one after the other.
    """

    def __init__(self, actor: User, persona_id: str, now: datetime) -> None:
        self._actor = actor
        self._now = now
        self._requests = f"feedback:{persona_id}"
        self._samples = f"sample:{persona_id}"

    def knows(self, key: str) -> bool:
        """Whether a request with this key was answered."""
        return self._live(self._requests).filter(key=keyed_digest(key)).exists()

    def answered(self, key: str | None, samples: Sequence[Sample]) -> int | None:
        """The count that a request with this key was answered, or None for a new one.

        Raises ``IdempotencyConflict`` when it came with other samples.
        """
        if key is None:
            return None
        digest = keyed_digest(key)
        known = self._live(self._requests).filter(key=digest).first()
        if known is None:
            return None
        if known.body_sha256 != content_digest(samples):
            raise IdempotencyConflict
        return known.count

    def unseen(self, samples: Sequence[Sample], *, in_batch: bool) -> list[int]:
        """The places of the samples not seen before; repeats within the batch count once too.

        Raises ``IdempotencyConflict`` with a pointer for each id that came with another content.
        """
        digests = {one.id: keyed_digest(one.id) for one in samples if one.id is not None}
        if not digests:
            return list(range(len(samples)))
        known = self._live(self._samples).filter(key__in=list(digests.values()))
        seen: dict[str, str] = dict(known.values_list("key", "body_sha256"))
        fresh: list[int] = []
        clashes: list[Fault] = []
        for index, sample in enumerate(samples):
            if sample.id is None:
                fresh.append(index)
                continue
            content = content_digest([sample])
            before = seen.get(digests[sample.id])
            if before is None:
                seen[digests[sample.id]] = content
                fresh.append(index)
            elif before != content:
                at = f"/{index}/id" if in_batch else "/id"
                message = "this id was used before with another content"
                clashes.append(Fault(at, message, "idempotency_conflict"))
        if clashes:
            raise IdempotencyConflict(clashes[0].message, errors=clashes[:MAX_FAULTS])
        return fresh

    def remember(self, key: str | None, samples: Sequence[Sample], fresh: Sequence[int]) -> None:
        """Write down the request, and the samples at ``fresh`` that carry ids."""
        rows = [
            self._row(self._samples, one.id, content_digest([one]), 1)
            for one in (samples[index] for index in fresh)
            if one.id is not None
        ]
        if key is not None:
            rows.append(self._row(self._requests, key, content_digest(samples), len(samples)))
        if rows:
            self._forget_expired()
            IdempotencyRecord.objects.bulk_create(rows)

    def _row(self, route: str, key: str, digest: str, count: int) -> IdempotencyRecord:
        return IdempotencyRecord(
            principal=self._actor,
            route=route,
            key=keyed_digest(key),
            body_sha256=digest,
            count=count,
            created_at=self._now,
        )

    def _live(self, route: str) -> QuerySet[IdempotencyRecord]:
        return IdempotencyRecord.objects.filter(
            principal=self._actor, route=route, created_at__gt=self._now - REMEMBERED
        )

    def _forget_expired(self) -> None:
        # Only one's own rows: the sweep takes the rest, and nobody waits for another's.
        IdempotencyRecord.objects.filter(
            principal=self._actor,
            route__in=(self._requests, self._samples),
            created_at__lte=self._now - REMEMBERED,
        ).delete()


def content_digest(samples: Sequence[Sample]) -> str:
    """The keyed digest of what the samples say, whatever the order of their members was."""
    rows = [(one.id, one.kind, one.signal, one.strength, one.note, one.metadata) for one in samples]
    return keyed_digest(json.dumps(rows, sort_keys=True, separators=(",", ":")))
