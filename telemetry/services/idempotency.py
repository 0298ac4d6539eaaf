"""A repeat counts once: keys of requests and ids of samples, for 24 hours (contract §7).

What is remembered are keyed digests, of the key as of the content: neither can be read back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from leases.errors import Fault
from leases.models import User
from leases.pseudonyms import keyed_digest
from telemetry.errors import InvalidFeedback
from telemetry.models import IdempotencyRecord
from telemetry.samples import Sample

REMEMBERED = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def check_key(key: str | None) -> None:
    """Raise ``InvalidFeedback`` unless ``key`` is None or 1 to 200 visible ASCII characters."""
    if key is not None and not _KEY.fullmatch(key):
        message = "the header Idempotency-Key holds 1 to 200 visible ASCII characters"
        raise InvalidFeedback(message, errors=[Fault("", message, "invalid_idempotency_key")])


def requests_route(persona_id: str) -> str:
    """The name under which requests about one persona are remembered."""
    return f"feedback:{persona_id}"


def samples_route(persona_id: str) -> str:
    """The name under which single samples about one persona are remembered."""
    return f"sample:{persona_id}"


def is_remembered(actor: User, persona_id: str, key: str, now: datetime) -> bool:
    """Whether a request with this key was answered in the last 24 hours."""
    return IdempotencyRecord.objects.filter(
        principal=actor,
        route=requests_route(persona_id),
        key=keyed_digest(key),
        created_at__gt=now - REMEMBERED,
    ).exists()


def content_digest(samples: Sequence[Sample]) -> str:
    """The keyed digest of what the samples say, whatever the order of their members was."""
    rows = [(one.id, one.kind, one.signal, one.strength, one.note, one.metadata) for one in samples]
    return keyed_digest(json.dumps(rows, sort_keys=True, separators=(",", ":")))
