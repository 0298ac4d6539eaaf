"""Reading a request to read: whether the thin door can serve it, and what it asks for."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.conf import settings

from telemetry.door.arrivals import read_head, token_of
from telemetry.door.asgi import Message
from telemetry.ingestion.claims import token_claim
from telemetry.reading.questions import Kind, Question

PREFIX = "/state/persona"
PATH = re.compile(r"/state/persona(?:/([^/]+)(/vibe_metrics|/vibe_history|))?", re.DOTALL)
_KINDS = {
    None: Kind.LIST,
    "": Kind.DETAIL,
    "/vibe_metrics": Kind.METRICS,
    "/vibe_history": Kind.HISTORY,
}
_LIMITED = frozenset({Kind.LIST, Kind.HISTORY})
# Longer ones take so long the first time that others would notice.
LONGEST_LIST = 100
_LIMIT = re.compile(rb"limit=([1-9][0-9]{0,8})")

_OWN = {b"authorization": 0, b"x-arw-admin": 1, b"x-request-id": 2, b"content-length": 3}
# With a cookie there may be a session, a body is nothing that a read has, and what a client knows
# already is compared in one place.
_NOT_HERE = frozenset(
    {b"cookie", b"transfer-encoding", b"if-none-match", b"if-modified-since", b"range"}
)


class Visit(NamedTuple):
    """A request that the door may serve."""

    question: Question
    request_id: bytes
    look: tuple[tuple[bytes, bytes], ...]


def read_visit(scope: Message) -> Visit | None:
    """What the request asks for, or None for one that is Django's: not for here, or to be refused."""
    if scope["method"] != "GET" or not scope["path"].startswith(PREFIX):
        return None
    match = PATH.fullmatch(scope["path"])
    if match is None or scope.get("root_path") or not settings.ARW_PERSONA_ENABLE:
        return None
    head = read_head(scope, _OWN, _NOT_HERE)
    if head is None:
        return None
    own, look = head
    token = token_of(own[0], own[1])
    if token is None or (own[3] or b"0") != b"0":
        return None
    kind, limit, query = _KINDS[match[2]], None, scope.get("query_string", b"")
    if query:
        asked = _LIMIT.fullmatch(query)
        if asked is None or kind not in _LIMITED:
            return None
        limit = int(asked[1])
        if kind is Kind.LIST and limit > LONGEST_LIST:
            return None
    question = Question(token_claim(token), kind, match[1] or "", limit)
    return Visit(question, own[2] or b"", look)
