"""JSON as the API's renderer writes it, without building a renderer for each answer."""

from __future__ import annotations

import hashlib
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

_encoder = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def rendered(data: Any) -> bytes:
    """The bytes that ``rest_framework.renderers.JSONRenderer`` gives, which the tests hold it to."""
    text = _encoder.encode(data)
    if "\u2028" in text or "\u2029" in text:
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return text.encode()


def etag_of(body: bytes) -> bytes:
    """The strong ETag of a body, as ``leases.api.etags`` makes it."""
    return b'"%s"' % hashlib.sha256(body).hexdigest()[:32].encode()


class Head:
    """The beginning of a JSON object, to be ended with further members; hashed once."""

    __slots__ = ("_hashed", "text")

    def __init__(self, members: dict[str, Any]) -> None:
        self.text = rendered(members)[:-1]
        self._hashed = hashlib.sha256(self.text)

    def ended(self, further: dict[str, Any]) -> tuple[bytes, bytes]:
        """The whole object and its ETag, as ``leases.api.etags`` makes it."""
        tail = b"," + rendered(further)[1:] if further else b"}"
        digest = self._hashed.copy()
        digest.update(tail)
        return self.text + tail, b'"%s"' % digest.hexdigest()[:32].encode()
