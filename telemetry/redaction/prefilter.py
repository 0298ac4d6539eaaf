"""The cheap question asked of every string: which detectors could find anything at all?

Most strings need none, so this must cost about a microsecond, and may err only towards asking.
"""

import re
from typing import Final

RUN: Final = 1
"""16 or more characters of a token's alphabet in a row."""
WORD: Final = 2
"""A word that announces a secret, and a sign, digit or option that could give it."""
AT: Final = 4
"""A mail address, or a URL or command line with a user in it."""
DIGITS: Final = 8
"""Seven or more digits."""
DOTS: Final = 16
"""Numbers parted by dots or colons: network addresses."""
WORDS: Final = 32
"""Twelve or more words: perhaps a seed phrase."""
PATH: Final = 64
"""A home folder."""
SPACED: Final = 128
"""Single characters or pairs of them, one blank apart."""
ESCAPES: Final = 256
"""Backslashes, per cents, entities."""

_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TOKEN: Final = _LETTERS + b"0123456789_-+/=~"
# One byte per character: token letters become `x`, blanks ` `, everything else `.`.
_SHAPE: Final = bytes(
    0x78 if code in _TOKEN else 0x20 if code in b" \t\n" else 0x2E for code in range(256)
)
# What is left of a text without these is empty for most prose. Other scripts arrive here as `?`.
_PROSE: Final = _LETTERS + b" ,.;?!()'\"\n\t-_"
_NOT_DIGITS: Final = bytes(code for code in range(256) if code not in b"0123456789")
_RUN: Final = b"x" * 16
_SPACED: Final = b"x x x x x x x x x x "
_SPACED_PAIRS: Final = b"xx xx xx xx xx xx xx xx"
_announces = re.compile(
    rb"pass|pwd|secret|token|key|auth|cooki|cred|otp|bearer|sess|cv[vc]|pin|code"
    rb"|ssn|psk|jwt|mnemonic|seed|kennwort|basic |curl|-u|mysql|login|wifi:"
).search
_MANY_DIGITS: Final = 7
_MIN_SEED_LENGTH: Final = 47
_MIN_SEED_GAPS: Final = 11


def signals(text: str) -> int:
    """The signals in a text, as a bit set; 0 means that nothing can be found in it."""
    raw = text.encode("ascii", "replace")
    lower = raw.lower()
    found = 0
    if len(raw) >= len(_RUN):
        shape = raw.translate(_SHAPE)
        if _RUN in shape:
            found = RUN
        if _SPACED in shape or _SPACED_PAIRS in shape:
            found |= SPACED
    elif raw.isalpha() and b"dot" not in lower:
        return 0  # one short word
    if b"dot" in lower or b"(at" in lower:
        found |= AT
    if len(raw) >= _MIN_SEED_LENGTH and len(raw.translate(None, _LETTERS)) >= _MIN_SEED_GAPS:
        found |= WORDS
    rest = raw.translate(None, _PROSE)
    if rest or b"--" in raw:
        found |= _number_signals(lower, rest) if rest.isdigit() else _rare_signals(lower, rest)
    return found


def _number_signals(lower: bytes, digits: bytes) -> int:
    """``_rare_signals`` of a text that has digits in it and is prose beside them: most of those."""
    found = WORD if _announces(lower) else 0
    if len(digits) >= _MANY_DIGITS:
        found |= DIGITS
    if (len(digits) >= 4 and lower.count(b".") >= 3) or lower.count(b"-") >= 5:
        found |= DOTS
    return found


def _rare_signals(lower: bytes, rest: bytes) -> int:
    """Signals of what prose does not contain: digits, signs, paths."""
    found = 0
    if _announces(lower):
        found = WORD
    if b"@" in rest or (b":" in rest and b"-u" in lower) or b"at]" in lower:
        found |= AT
    digits = len(rest.translate(None, _NOT_DIGITS))
    if digits >= _MANY_DIGITS:
        found |= DIGITS
    if rest.count(b":") >= 2 or (digits >= 4 and lower.count(b".") >= 3):
        found |= DOTS
    if digits and lower.count(b"-") >= 5:
        found |= DOTS
    if (b"/" in rest or b"\\" in rest) and (b"home" in lower or b"users" in lower):
        found |= PATH
    if b"\\" in rest or b"%" in rest or b"&" in rest:
        found |= ESCAPES
    return found
