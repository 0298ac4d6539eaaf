"""Decides whether a text holds a secret: one cheap question, then only the detectors it names."""

import re
from typing import Final

from telemetry.redaction.cleaning import fold, is_beyond_latin
from telemetry.redaction.prefilter import (
    AT,
    DIGITS,
    DOTS,
    ESCAPES,
    PATH,
    RUN,
    SPACED,
    WORD,
    WORDS,
    signals,
)

_is_known_identifier = re.compile(
    r"(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|(?:sha256:)?(?=\d{0,15}[a-f])(?:[0-9a-f]{40}|[0-9a-f]{64}))\Z"
).match
_LONGEST_IDENTIFIER: Final = 71
_DEPTH: Final = 2
_line_break = re.compile(r"\s*\n\s*").sub
_spaced = re.compile(r"(?:[^\s] ){9,400}[^\s](?!\S)").finditer


def holds_secret(text: str, *, is_digest: bool = False, depth: int = _DEPTH) -> bool:
    """Whether any detector finds a secret or personal data in the text.

    `is_digest`: the field's name says that a random-looking value is a digest. `depth`: how many
    wrappings, such as base64, are undone. The cost is linear in the length; the caller bounds it.
    """
    if not text.isascii():
        folded = fold(text)
        if folded != text:
            if holds_secret(folded, is_digest=is_digest, depth=depth):
                return True
            # Accents fold in place. What is stripped may have parted a secret from a word.
            if not is_beyond_latin(text):
                return False
    found = signals(text)
    if found and _search(text, found, is_digest=is_digest, depth=depth):
        return True
    return "\n" in text and _is_broken(text)


def _search(text: str, found: int, *, is_digest: bool, depth: int) -> bool:
    if found & (RUN | DIGITS) and len(text) <= _LONGEST_IDENTIFIER and _is_known_identifier(text):
        return False
    if found & RUN and _is_formatted(text, is_digest=is_digest):
        return True
    if found & WORD and _is_announced(text):
        return True
    if found & DIGITS and _is_number(text):
        return True
    if found & (AT | DOTS | PATH) and _is_address(text, found):
        return True
    if found & WORDS:
        from telemetry.redaction.seed_phrases import find_seed_phrase

        if find_seed_phrase(text):
            return True
    return bool(depth and found & (RUN | SPACED | ESCAPES)) and _is_wrapped(
        text, found, is_digest=is_digest, depth=depth - 1
    )


def _is_announced(text: str) -> bool:
    from telemetry.redaction import assignments

    lower = assignments.lowered(text)
    return (
        assignments.has_assignment(text, lower)
        or assignments.is_spoken(lower)
        or assignments.has_header(text, lower)
        or assignments.find_flag(lower) is not None
        or assignments.has_key_header(text)
        or assignments.has_markup(text)
    )


def _is_number(text: str) -> bool:
    from telemetry.redaction import numbers, phones

    digits = sum(map(text.count, "0123456789"))
    return (
        (digits >= numbers.SHORTEST_CARD and numbers.has_card(text))
        or numbers.has_iban(text)
        or numbers.has_social_security(text)
        or phones.has_phone(text)
    )


def _is_formatted(text: str, *, is_digest: bool) -> bool:
    from telemetry.redaction import credentials, randomness

    if credentials.has_credential(text):
        return True
    return not is_digest and (randomness.has_random_run(text) or randomness.has_hex_key(text))


def _is_address(text: str, found: int) -> bool:
    from telemetry.redaction import addresses, assignments

    if found & AT and (
        addresses.has_mail(text)
        or assignments.find_dsn(text) is not None
        or assignments.find_flag(assignments.lowered(text)) is not None
    ):
        return True
    if found & DOTS and addresses.has_network_address(text):
        return True
    return bool(found & PATH) and addresses.has_home_folder(text)


def _is_wrapped(text: str, found: int, *, is_digest: bool, depth: int) -> bool:
    """Whether a copy of the text with one wrapping undone holds a secret."""
    from telemetry.redaction import encodings

    if found & ESCAPES:
        plain = encodings.unescaped(text)
        if plain != text and holds_secret(plain, is_digest=is_digest, depth=depth):
            return True
    if found & (RUN | SPACED):
        for copy in encodings.decoded(text):
            if holds_secret(copy, depth=depth):
                return True
    if found & SPACED:
        for match in _spaced(text):
            if holds_secret(match.group().replace(" ", ""), depth=0):
                return True
    return False


def _is_broken(text: str) -> bool:
    """Whether a token was broken over lines. Only formats: words glued together look random."""
    glued = _line_break("", text)
    if not signals(glued) & RUN:
        return False
    from telemetry.redaction.credentials import has_token

    return has_token(glued)
