"""Texts as they are: characters that draw nothing, or turn what follows round, are named."""

from __future__ import annotations

import re
import unicodedata

# What joins letters and emoji is part of how these are written, and is left where it stands.
_JOINING = "\u0600-\u109f\u1780-\u18aa\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_FORMATS = (
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f"
)
_UNSEEN = re.compile(
    rf"[{_CONTROLS}{_FORMATS}]|\r(?!\n)"
    rf"|(?<![{_JOINING}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINING}])"
)
_NOT_LOOKED_AT = re.compile(rf"[{_CONTROLS}{_FORMATS}\r\u200c\u200d\ufe00-\ufe0f]")
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]")
_SEEN = frozenset("LNPS")


def unseen_for_scripts() -> str:
    """What is not seen, as a source for ``new RegExp(source, "gu")`` of a page."""
    return _NOT_PLAIN.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", _UNSEEN.pattern)


def visible(text: str, *, exact: bool = False) -> str:
    """``text`` with unseen characters as ``‹U+200B›``.

    ``exact`` names also what looks like another character: other spaces, separate accents, letters
    that are written in two ways.
    """
    shown = _UNSEEN.sub(_named, text)
    return _NOT_PLAIN.sub(_told_apart, shown) if exact else shown


def visible_json(text: str) -> str:
    """JSON with unseen characters as the escapes of JSON: the same value, read or copied.

    They can only stand inside its strings, so that the text is JSON as before.
    """
    return _UNSEEN.sub(_escaped, text)


def look_alike(one: str, other: str) -> bool:
    """Whether a reader sees the same in both."""
    return one == other or _look(one) == _look(other)


def _look(text: str) -> str:
    return unicodedata.normalize("NFKC", _NOT_LOOKED_AT.sub("", text))


def _named(match: re.Match[str]) -> str:
    return f"‹U+{ord(match[0]):04X}›"


def _escaped(match: re.Match[str]) -> str:
    """``\\u200b``; two of them for what lies beyond the first plane, as JSON wants it."""
    units = match[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _told_apart(match: re.Match[str]) -> str:
    character = match[0]
    if character in "‹›":
        return character
    if character == "\n":
        return _named(match) + character
    plain = unicodedata.category(character)[0] in _SEEN
    return character if plain and _look(character) == character else _named(match)
