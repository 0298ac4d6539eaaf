"""Where in a Cedar text an error lies: Cedar's parser tells what is wrong, and not where. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|//[^\n]*)
    | (?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+")
    | (?P<word>[^\W\d]\w*|\d+|::|==|!=|<=|>=|&&|\|\||[-+*.,;:()\[\]{}<>!@?=])
    | (?P<other>.)
    """,
    re.X | re.S,
)
_QUOTED = re.compile(r"`([^`]*)`")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_NESTING = frozenset({"&&", "||", "!", "-", "+", "*", ".", "if", "==", "!=", "<", "<=", ">", ">="})
MAX_BRACKETS = 60
MAX_OPERATORS = 1000
END = "unexpected end of input"
_TRIED_ONE_BY_ONE = 300


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text; ``known`` is False for what no Cedar text may hold there."""

    start: int
    end: int
    known: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """One policy of a text, from its first token to its semicolon."""

    start: int
    text: str


def tokens(text: str) -> Iterator[Token]:
    """Everything but space and comments. An unterminated string is one unknown character."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "space":
            yield Token(match.start(), match.end(), match.lastgroup != "other")


def pieces(text: str) -> Iterator[Piece]:
    """The policies of ``text``; semicolons in strings and comments end none."""
    start: int | None = None
    end = 0
    for token in tokens(text):
        start = token.start if start is None else start
        end = token.end
        if text[token.start : token.end] == ";":
            yield Piece(start, text[start:end])
            start = None
    if start is not None:
        yield Piece(start, text[start:end])


def nesting_fault(text: str) -> tuple[int, str] | None:
    """Where and why one policy nests too deeply to be handed to Cedar, or None.

    Cedar reads by recursion, and what overflows its stack ends the whole process.
    """
    open_brackets = operators = 0
    for token in tokens(text):
        word = text[token.start : token.end]
        open_brackets += (word in _OPENING) - (word in _CLOSING)
        operators += word in _NESTING
        if open_brackets > MAX_BRACKETS:
            return token.start, f"brackets are nested deeper than {MAX_BRACKETS} levels"
        if operators > MAX_OPERATORS:
            return token.start, f"one policy has at most {MAX_OPERATORS:,} operators: split it"
    return None


def fault_offset(text: str, message: str, parse: Callable[[str], object]) -> int:
    """Where ``parse`` first takes offence at ``text``, which it refused with ``message``.

    A parser that reads from left to right wants more as long as all is well, so the place is at
    the first token with which it stops wanting more, or before it: some complaints come late.
    Their message quotes the token that they are about.
    """
    words = [*tokens(text)]
    for token in words:
        if not token.known:
            return token.start
    if not words or message.endswith(END):
        return words[-1].end if words else 0
    last = _first_complaint(text, words, parse)
    if last == len(words) - 1 and "unexpected" not in message:
        return quoted_offset(text, message)
    quoted = _QUOTED.findall(message)
    for token in reversed(words[: last + 1]):
        if text[token.start : token.end] in quoted:
            return token.start
    return words[last].start


def _first_complaint(text: str, words: list[Token], parse: Callable[[str], object]) -> int:
    if len(words) <= _TRIED_ONE_BY_ONE:
        complaints = (at for at, word in enumerate(words) if _complains(text[: word.end], parse))
        return next(complaints, len(words) - 1)
    at = bisect_left(words, True, key=lambda word: _complains(text[: word.end], parse))
    return min(at, len(words) - 1)


def quoted_offset(text: str, message: str) -> int:
    """Where the last word that ``message`` quotes stands in ``text``, else its beginning."""
    words = [(text[token.start : token.end], token.start) for token in tokens(text)]
    for quoted in reversed(_QUOTED.findall(message)):
        for word, start in words:
            if word in (quoted, f'"{quoted}"'):
                return start
        if quoted and quoted in text:
            return text.index(quoted)
    return 0


def _complains(text: str, parse: Callable[[str], object]) -> bool:
    try:
        parse(text)
    except ValueError as error:
        return not str(error).endswith(END)
    return False
