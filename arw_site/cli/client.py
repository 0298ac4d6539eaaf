"""The server over HTTP: one request, one answer, and each way it can fail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urlsplit

from arw_site.cli.failures import Misused, Unreachable
from arw_site.cli.refusals import refusal

if TYPE_CHECKING:
    import httpx

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
Query = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: the text exactly as it came, and its value."""

    text: str
    data: Any

    @property
    def record(self) -> dict[str, Any]:
        """The answer as an object. Raises ``Unreachable``: every answer of an ARW server is one."""
        if not isinstance(self.data, dict):
            raise Unreachable("the answer is no JSON object; is this an ARW server?")
        return self.data

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items of a list answer. Raises ``Unreachable`` where there are none."""
        items = self.record.get("items")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise Unreachable("the answer is no list; is this an ARW server?")
        return items


@dataclass(frozen=True)
class Api:
    """One server as one principal. Raises ``Refused``, ``Unreachable`` and ``Misused``."""

    base: str
    token: str | None
    timeout: float

    def get(self, *place: str, query: Query | None = None) -> Answer:
        return self._exchange("GET", place, query=query)

    def post(
        self,
        *place: str,
        body: Any = None,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        content = b"" if body is None else json.dumps(body, allow_nan=False).encode()
        return self._exchange("POST", place, query=query, content=content, headers=headers)

    def delete(self, *place: str, body: Any = None) -> Answer:
        content = b"" if body is None else json.dumps(body, allow_nan=False).encode()
        return self._exchange("DELETE", place, content=content)

    def every(self, *place: str, query: Query | None = None) -> Answer:
        """A whole list: every page of it, as one answer."""
        items: list[Any] = []
        asked = dict(query or {})
        while True:
            page = self.get(*place, query=asked)
            items += page.items
            cursor = page.record.get("next")
            if not cursor or cursor == asked.get("cursor"):
                break
            asked["cursor"] = cursor
        whole = {"items": items, "next": None}
        return Answer(json.dumps(whole, ensure_ascii=False), whole)

    def close(self) -> None:
        """Lets go of the connections, if any were made."""
        if "_client" in self.__dict__:
            self._client.close()

    @contextmanager
    def stream(
        self, *place: str, query: Query, headers: Mapping[str, str]
    ) -> Iterator[httpx.Response]:
        """An open answer whose body has not been read; kept open past ``timeout`` between lines."""
        import httpx

        patience = httpx.Timeout(self.timeout, read=max(self.timeout, 30.0))
        with (
            self._failures("GET"),
            self._client.stream(
                "GET", self._url(place), params=_given(query), headers=headers, timeout=patience
            ) as response,
        ):
            if not response.is_success:
                response.read()
                self._answer(response)
            yield response

    def _exchange(
        self,
        method: str,
        place: tuple[str, ...],
        *,
        query: Query | None = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        with self._failures(method):
            response = self._client.request(
                method,
                self._url(place),
                params=_given(query or {}),
                content=content or None,
                headers={
                    **({"Content-Type": "application/json"} if content else {}),
                    **(headers or {}),
                },
            )
        return self._answer(response)

    def _answer(self, response: httpx.Response) -> Answer:
        if response.is_redirect:
            there = response.headers.get("location", "elsewhere")
            raise Unreachable(f"{self.base} redirects to {there}; give the right address as --base")
        if response.status_code == 204 or (response.is_success and not response.content):
            return Answer("", None)
        try:
            answer = Answer(response.text, json.loads(response.content))
        except ValueError:
            kind = response.headers.get("content-type", "no content type")
            raise Unreachable(
                f"{self.base}: the answer is no JSON (status {response.status_code}, {kind}); "
                "is this an ARW server?"
            ) from None
        if not response.is_success:
            raise refusal(response.status_code, answer.data, answer.text)
        return answer

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        headers = {"Accept": "application/json", "User-Agent": "arw-cli"}
        if self.token:
            if not self.token.isascii() or not self.token.isprintable() or " " in self.token:
                raise Misused("--admin-token: holds characters that no token has")
            headers["Authorization"] = f"Bearer {self.token}"
        # A proxy for the outside world is no way to a server on this machine.
        away = self._address.hostname not in _LOOPBACK
        # Reading the certificates takes longer than a request that needs none.
        verify = away or self._address.scheme == "https"
        return httpx.Client(headers=headers, timeout=self.timeout, trust_env=away, verify=verify)

    @cached_property
    def _address(self) -> SplitResult:
        try:
            parts = urlsplit(self.base)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = None
        if not usable:
            raise Misused(f"--base: {self.base!r} is no address such as http://127.0.0.1:8091")
        if parts.query or parts.fragment or parts.username is not None:
            raise Misused("--base: takes scheme, host, port and path only")
        return parts

    def _url(self, place: tuple[str, ...]) -> str:
        return "/".join([self._address.geturl().rstrip("/"), *map(_segment, place)])

    @contextmanager
    def _failures(self, method: str) -> Iterator[None]:
        import httpx

        try:
            yield
        except httpx.TimeoutException:
            later = "" if method == "GET" else "; it may be done all the same"
            raise Unreachable(
                f"{self.base} gave no answer within {self.timeout:g} s{later}"
            ) from None
        except (httpx.InvalidURL, UnicodeError):
            raise Misused("an argument holds characters that cannot be sent") from None
        except httpx.HTTPError as failure:
            reason = re.sub(r"^\[Errno -?\d+\] ", "", str(failure)) or type(failure).__name__
            raise Unreachable(f"cannot reach {self.base}: {reason}") from None


def _segment(part: str) -> str:
    # A client would fold these away and ask for another route.
    if part in ("", ".", ".."):
        raise Misused(f"{part!r} is no id")
    try:
        return quote(part, safe=":")
    except UnicodeError:
        raise Misused("an id holds characters that cannot be sent") from None


def _given(query: Query) -> dict[str, Any]:
    return {
        name: "true" if value is True else value
        for name, value in query.items()
        if value is not None
    }
