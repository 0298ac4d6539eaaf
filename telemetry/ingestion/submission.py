"""What is handed in to be judged and stored, and what comes of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from leases.pseudonyms import keyed_digest
from telemetry.ingestion.claims import Claim
from telemetry.samples import Sample
from telemetry.sanitizing import sanitize_sample
from telemetry.services.idempotency import content_digest

Outcome: TypeAlias = int | Exception
"""How many samples were accepted and are committed; or why none was."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """What tells a repeat: keyed digests of the request's key and of the samples' ids.

    ``ids`` holds an entry for each sample that has an id, by its place.
    """

    key: str | None
    content: str
    ids: dict[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Submission:
    """The samples of one request, sanitized, and on whose behalf they come."""

    claim: Claim
    persona_id: str
    samples: tuple[Sample, ...]
    in_batch: bool
    repeat: Repeat | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """Samples of one request that are committed: what metrics and streams are told."""

    persona_id: str
    principal_id: uuid.UUID
    samples: tuple[Sample, ...]


def submission(
    claim: Claim,
    persona_id: str,
    samples: Sequence[Sample],
    *,
    key: str | None,
    in_batch: bool,
) -> Submission:
    """Valid samples, made safe to store."""
    repeat = None
    if key is not None or any(one.id is not None for one in samples):
        repeat = _repeat(key, samples)
    clean = tuple([sanitize_sample(one) for one in samples])
    return Submission(claim, persona_id, clean, in_batch, repeat)


def _repeat(key: str | None, samples: Sequence[Sample]) -> Repeat:
    ids = {
        place: (keyed_digest(one.id), content_digest([one]))
        for place, one in enumerate(samples)
        if one.id is not None
    }
    if key is None:
        return Repeat(None, "", ids)
    return Repeat(keyed_digest(key), content_digest(samples), ids)
