"""Removes what cannot be seen from a text, and folds a text to the form that is searched."""

import re
import unicodedata
from functools import cache
from typing import Final

# A terminal's colour sequence goes whole; without its escape character "[31m" would stay.
_TERMINAL = re.compile(r"\x1b\[[0-9;?]{0,32}[A-Za-z]")
_LAYOUT: Final = str.maketrans("\n\t\r\v\f\x85\u2028\u2029", " " * 8)
_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
is_beyond_latin = re.compile("[^\x00-\u02ff]").search

# Fillers, joiners and variation selectors, which Python counts as printable.
_FILLERS: Final = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
_UNSEEN: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff" + _FILLERS
)
_MARKS: Final = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"


@cache
def _fillers() -> re.Pattern[str]:
    return re.compile(f"[{_FILLERS}]")


@cache
def _unseen() -> re.Pattern[str]:
    return re.compile(f"[{_UNSEEN}]")


@cache
def _unseen_and_marks() -> re.Pattern[str]:
    return re.compile(f"[{_UNSEEN}{_MARKS}]+")


def clean(text: str, *, keep_layout: bool) -> str:
    """The text without control and invisible characters, stripped.

    Line breaks and tabs stay, or become spaces so that no two words are glued together.
    """
    if text.isprintable():
        if not text.isascii() and is_beyond_latin(text):
            text = _fillers().sub("", text)
        return text.strip()
    if "\x1b" in text:
        text = _TERMINAL.sub("", text)
    text = _LINE_ENDS.sub("\n", text) if keep_layout else text.translate(_LAYOUT)
    return _unseen().sub("", text).strip()


_mixes_scripts = re.compile("[A-Za-z0-9_][\u0370-\u058f]|[\u0370-\u058f][A-Za-z0-9_]").search
_LOOK_ALIKES: Final = str.maketrans(
    # Cyrillic, then Greek, that no eye tells from Latin.
    "АВЕЅІЈКМНОРСТХҮԚԜаеѕіјорсухһԛԝкмтпгԁӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυικτ",
    "ABESIJKMHOPCTXYQWaesijopcyxhqwkmtnrdlABEZHIKMNOPTYXavopuikt",
)


def fold(text: str) -> str:
    """The text as a careless reader sees it: compatibility forms, accents, look-alikes folded."""
    folded = unicodedata.normalize("NFKD", text)
    if folded.isascii():
        return folded
    folded = _unseen_and_marks().sub("", folded)
    if _mixes_scripts(folded):
        folded = folded.translate(_LOOK_ALIKES)
    return folded
