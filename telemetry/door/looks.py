"""What Django's answers look like, learned from Django.

The middleware decides which headers an answer carries, by settings and by what the request asks
for. So the door makes none of that up: the first request of each look goes through Django, and the
headers of its 202 are those of the door's from then on.
"""

from __future__ import annotations

from collections.abc import Hashable

from telemetry.door.asgi import Headers
from telemetry.door.metering import Meter

REMEMBERED = 512
REQUEST_ID = b"X-Request-Id"
LENGTH = b"Content-Length"
TYPE = b"Content-Type"
PROBLEM = b"application/problem+json"


class Look:
    """The headers of one kind of answer, as Django wrote them; ``meter`` counts such requests."""

    __slots__ = ("_headers", "_id_at", "_length_at", "_places", "_type_at", "meter")

    def __init__(self, headers: Headers, meter: Meter) -> None:
        self.meter = meter
        self._headers = [(name, value) for name, value in headers]
        names = [name for name, _ in headers]
        self._places = {name: at for at, name in enumerate(names)}
        self._id_at = names.index(REQUEST_ID)
        self._length_at = names.index(LENGTH)
        self._type_at = names.index(TYPE)

    def accepted(self, length: int, request_id: str) -> Headers:
        """The headers of one more 202."""
        headers = self._headers.copy()
        headers[self._id_at] = (REQUEST_ID, request_id.encode("latin-1"))
        headers[self._length_at] = (LENGTH, b"%d" % length)
        return headers

    def place_of(self, name: bytes) -> int:
        """Where the header of that name stands."""
        return self._places[name]

    def refused(self, length: int, request_id: str, retry_after: bytes) -> Headers:
        """The headers of a problem document that says when to come again."""
        headers = self.accepted(length, request_id)
        headers[self._type_at] = (TYPE, PROBLEM)
        return [(b"Retry-After", retry_after), *headers]


class Looks:
    """What answers look like by the look of the request; bounded."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Look] = {}

    def get(self, look: Hashable) -> Look | None:
        """What was learned, or None."""
        return self._known.get(look)

    def learn(self, look: Hashable, headers: Headers, meter: Meter) -> None:
        """Keep the headers of an answer that Django gave."""
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[look] = Look(headers, meter)
