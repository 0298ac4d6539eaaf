"""Yields the texts that are wrapped inside a text: base64, base32, hexadecimal, escapes."""

import re
from base64 import b32decode
from binascii import Error, a2b_base64, unhexlify
from collections.abc import Iterator
from html import unescape
from typing import Final
from urllib.parse import unquote_plus

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,16384}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?((?:[0-9A-Fa-f]{2}){8,8192})(?![0-9A-Za-z])")
_SPACED_HEX = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}[ :,]){7,8192}[0-9A-Fa-f]{2}(?![0-9A-Za-z])"
)
_BASE32 = re.compile(r"(?<![A-Za-z0-9])[A-Z2-7]{16,8192}={0,6}(?![A-Za-z0-9])")
_ESCAPE = re.compile(
    r"\\{1,4}(?:u\{?00([0-9a-fA-F]{2})\}?|x([0-9a-fA-F]{2})|([ntr])|(.))", re.DOTALL
)
_MAX_RUNS: Final = 64
_MIN_TEXT: Final = 6


def unescaped(text: str) -> str:
    """The text with one layer of per cent, backslash and entity escapes undone."""
    if "%" in text:
        text = unquote_plus(text, errors="ignore")
    if "\\" in text:
        text = _ESCAPE.sub(_character, text)
    if "&" in text and ";" in text:
        text = unescape(text)
    return text


def _character(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code:
        return chr(int(code, 16))
    return " " if match.group(3) else match.group(4)


def decoded(text: str) -> Iterator[str]:
    """Each readable text that a long run of the text decodes to. At most 64 runs of each kind."""
    for match in _first(_BASE64, text):
        yield from _readable(_from_base64(match.group()))
    for match in _first(_HEX, text):
        yield from _readable(unhexlify(match.group(1)))
    for match in _first(_SPACED_HEX, text):
        yield from _readable(unhexlify(re.sub("[ :,]", "", match.group())))
    for match in _first(_BASE32, text):
        yield from _readable(_from_base32(match.group()))


def _first(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for _, match in zip(range(_MAX_RUNS), pattern.finditer(text), strict=False):
        yield match


def _from_base64(run: str) -> bytes:
    letters = run.rstrip("=").replace("-", "+").replace("_", "/")
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    try:
        return a2b_base64(letters + "=" * (-len(letters) % 4))
    except Error:
        return b""


def _from_base32(run: str) -> bytes:
    letters = run.rstrip("=")
    try:
        return b32decode(letters + "=" * (-len(letters) % 8))
    except Error:
        return b""


def _readable(raw: bytes) -> Iterator[str]:
    """The bytes as text, if they are mostly that."""
    if len(raw) < _MIN_TEXT:
        return
    for encoding in ("utf-8", "utf-16-le") if raw[1:2] == b"\x00" else ("utf-8",):
        text = raw.decode(encoding, "ignore")
        seen = sum(map(str.isprintable, text[:512].replace("\n", " ").replace("\t", " ")))
        if seen >= 0.9 * min(len(raw) // (2 if encoding != "utf-8" else 1), 512):
            yield text
