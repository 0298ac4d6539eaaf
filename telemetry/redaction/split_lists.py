"""Finds secrets that were split over the items of a list."""

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from telemetry.redaction.key_names import NameKind, name_kind
from telemetry.redaction.policy import REDACTED
from telemetry.redaction.prefilter import AT, RUN, WORD, WORDS, signals

_MAX_JOINED = 16_384
_SHORTEST = 16
_telling = re.compile("dot|login|user|mysql|sshpass").search


def pieces(items: list[Any]) -> list[int]:
    """Indexes of the strings that only together are a token, a URL, a seed phrase or an option."""
    found: set[int] = set()
    for texts in _neighbours(items):
        if is_brief([text for _, text in texts]):
            continue
        found.update(_glued_pieces(texts))
        found.update(_spaced_pieces(texts))
    return sorted(found)


def is_brief(texts: list[str]) -> bool:
    """Whether these, and any of them in a row, are too short and plain to be pieces of anything.

    A token takes 16 characters in a row, an address a sign or a "dot", a seed phrase more words,
    and an option a hyphen or a command's name.
    """
    joined = "".join(texts)
    if len(joined) >= _SHORTEST or not (joined.isascii() and joined.isalnum()):
        return False
    return _telling(joined.lower()) is None


def named_value(items: list[Any]) -> int | None:
    """Index of the secret in a pair of a name and a value: `["password", …]`."""
    if len(items) != 2 or not (isinstance(items[0], str) and isinstance(items[1], str)):
        return None
    if name_kind(items[0]) is not NameKind.SECRET:
        return None
    from telemetry.redaction.assignments import is_likely_secret

    return 1 if is_likely_secret(items[1]) else None


def _neighbours(items: list[Any]) -> Iterator[list[tuple[int, str]]]:
    """Strings that follow one another."""
    series: list[tuple[int, str]] = []
    for index, item in enumerate(items):
        if isinstance(item, str) and item != REDACTED:
            series.append((index, item))
            continue
        if len(series) > 1:
            yield series
        series = []
    if len(series) > 1:
        yield series


def _glued_pieces(texts: list[tuple[int, str]]) -> list[int]:
    joined = "".join([text for _, text in texts])[:_MAX_JOINED]
    if not signals(joined) & (RUN | AT):
        return []
    from telemetry.redaction.assignments import find_dsn
    from telemetry.redaction.credentials import find_tokens

    starts = list(accumulate((len(text) for _, text in texts), initial=0))
    found: list[int] = []
    span = find_dsn(joined)
    if span:
        found += _covered(texts, starts, span)
    for span in find_tokens(joined, frozenset(starts)):
        found += _covered(texts, starts, span)
    return found


def _spaced_pieces(texts: list[tuple[int, str]]) -> list[int]:
    joined = " ".join([text for _, text in texts])[:_MAX_JOINED]
    found = signals(joined) & (WORDS | WORD)
    if not found:
        return []
    starts = list(accumulate((len(text) + 1 for _, text in texts), initial=0))
    result: list[int] = []
    if found & WORDS:
        from telemetry.redaction.seed_phrases import find_seed_phrase

        span = find_seed_phrase(joined)
        if span:
            result += _covered(texts, starts, span)
    if found & WORD:
        from telemetry.redaction.assignments import find_flag, lowered

        span = find_flag(lowered(joined))
        if span:
            result += _covered(texts, starts, span)
    return result


def _covered(texts: list[tuple[int, str]], starts: list[int], span: tuple[int, int]) -> list[int]:
    return [
        index
        for (index, text), start in zip(texts, starts, strict=False)
        if start < span[1] and start + len(text) > span[0]
    ]
