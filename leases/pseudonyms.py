"""Keyed pseudonyms for principals in events, exports and logs (contract §1)."""

from __future__ import annotations

import functools
import hashlib
import hmac
import uuid

from django.conf import settings

SYSTEM_ACTOR = "actor:system"


def actor_ref(principal_id: uuid.UUID | None) -> str:
    """``actor:`` and 16 hex digits of HMAC-SHA256 under ``ARW_PSEUDONYM_KEY``.

    The same principal always has the same pseudonym under the same key, and without the key
    nobody can tell who it is. None is the system itself.
    """
    if principal_id is None:
        return SYSTEM_ACTOR
    return _actor_ref(str(principal_id), settings.ARW_PSEUDONYM_KEY)


def keyed_digest(text: str) -> str:
    """HMAC-SHA256 of ``text`` under the pseudonym key, as 64 hex digits."""
    return _digest(text, settings.ARW_PSEUDONYM_KEY)


@functools.lru_cache(maxsize=4096)
def _actor_ref(principal: str, key: str) -> str:
    return "actor:" + _digest(principal, key)[:16]


def _digest(text: str, key: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
