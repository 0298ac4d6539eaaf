"""Addresses in the environment: of the server itself, and of services that are told news. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


class SecretUrls:
    """Addresses that hold tokens: they can be walked over, but show themselves nowhere.

    Neither ``repr`` nor Django's debug page, which looks into lists and tuples, prints them.
    """

    def __init__(self, urls: Iterable[str] = ()) -> None:
        self._urls = tuple(urls)

    def __iter__(self) -> Iterator[str]:
        return iter(self._urls)

    def __len__(self) -> int:
        return len(self._urls)

    def __repr__(self) -> str:
        return f"<{len(self)} secret addresses>"


def secret_urls(text: str) -> SecretUrls:
    """Addresses separated by white space, or by commas in front of the next ``scheme://``."""
    parts = re.split(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)|\s+", text.strip().strip(","))
    for number, part in enumerate(parts, 1):
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://.", part):
            # Not the address itself: it may be a token that lost its scheme.
            raise ValueError(f"has no scheme:// in its address number {number}")
    return SecretUrls(parts)


def base_url(text: str) -> str:
    """``http(s)://host[:port][/path]`` without a slash at its end."""
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise ValueError("is no http:// or https:// address of a server")
    return text.rstrip("/")
