"""Reading a request for feedback: whether the thin door can serve it, and what it says."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.conf import settings
from django.http import QueryDict

from leases.api.guard import is_json
from telemetry.door.asgi import Message

PATH = re.compile(r"/persona/([^/]+)/feedback", re.DOTALL)
MAX_BODY = 33_554_432
_TOKEN = re.compile(r"[\x21-\x7e]{1,512}")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_LONGEST_QUERY = 256

# Headers that the door understands itself, and those that change nothing in an answer. Every other
# one is part of the look of a request: an answer is only given to a look that Django has answered.
_OWN = {
    b"authorization": 0,
    b"x-arw-admin": 1,
    b"content-length": 2,
    b"content-type": 3,
    b"idempotency-key": 4,
    b"x-request-id": 5,
}
_NOT_HERE = frozenset({b"cookie", b"transfer-encoding"})
PASSING = frozenset(
    {
        b"user-agent",
        b"accept-encoding",
        b"connection",
        b"keep-alive",
        b"date",
        b"traceparent",
        b"tracestate",
        # Said by a proxy, of each client another one. The server in front of all has read it, where
        # it is to be believed.
        b"x-forwarded-for",
        b"x-real-ip",
        b"forwarded",
    }
)


class Arrival(NamedTuple):
    """A request that the door may serve; its body has ``length`` bytes."""

    persona_id: str
    token: str
    length: int
    key: str | None
    request_id: bytes
    kind: str | None
    look: tuple[tuple[bytes, bytes], ...]


def read_arrival(scope: Message) -> Arrival | None:
    """What the request says, or None for one that is Django's: not for here, or to be refused."""
    if scope["method"] != "POST":
        return None
    match = PATH.fullmatch(scope["path"])
    if match is None or scope.get("root_path") or not settings.ARW_PERSONA_ENABLE:
        return None
    head = read_head(scope, _OWN, _NOT_HERE)
    if head is None:
        return None
    own, look = head
    token = token_of(own[0], own[1])
    if token is None or not is_json_type(own[3] or b""):
        return None
    digits, key, query = own[2] or b"", own[4], scope.get("query_string", b"")
    if not digits.isdigit() or len(digits) > 9 or not 0 < int(digits) <= MAX_BODY:
        return None
    name = None if key is None else key.decode("latin-1")
    if name is not None and not _KEY.fullmatch(name):
        return None
    if len(query) > _LONGEST_QUERY:
        return None
    kind = kind_of(query) if query else None
    return Arrival(match[1], token, int(digits), name, own[5] or b"", kind, look)


def read_head(
    scope: Message, known: Mapping[bytes, int], elsewhere: Collection[bytes]
) -> tuple[list[bytes | None], tuple[tuple[bytes, bytes], ...]] | None:
    """The values of the ``known`` headers, each in its place, and the look of the request.

    None for a request that is Django's: with a header of ``elsewhere``, or a known one twice.
    """
    own: list[bytes | None] = [None] * len(known)
    look = []
    for header in scope["headers"]:
        place = known.get(header[0])
        if place is not None:
            if own[place] is not None:
                return None
            own[place] = header[1]
        elif header[0] not in PASSING:
            if header[0] in elsewhere:
                return None
            look.append(header)
    return own, tuple(look)


def token_of(authorization: bytes | None, admin: bytes | None) -> str | None:
    """The token, where it is one that may be looked up; see ``leases.authentication``."""
    if authorization is not None:
        scheme, _, rest = authorization.partition(b" ")
        if scheme.lower() == b"bearer":
            token = rest.decode("latin-1").strip()
            return token if _TOKEN.fullmatch(token) else None
    if admin is None:
        return None
    token = admin.decode("latin-1").strip()
    return token if _TOKEN.fullmatch(token) else None


@functools.lru_cache(maxsize=64)
def is_json_type(content_type: bytes) -> bool:
    """Whether a body of this media type is read."""
    return is_json(content_type.decode("latin-1"))


@functools.lru_cache(maxsize=256)
def kind_of(query: bytes) -> str | None:
    """The parameter ``kind``, as Django reads it."""
    return QueryDict(query).get("kind")
