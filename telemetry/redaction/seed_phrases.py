"""Finds BIP39 seed phrases: twelve to twenty-four list words whose checksum holds."""

import re
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_LETTERS: Final = (
    bytes(code | 0x20 if chr(code).isalpha() else 0x20 for code in range(128)) + b" " * 128
)
_word = re.compile(rb"[a-z]+").finditer
_LENGTHS: Final = (24, 21, 18, 15, 12)
_SHORTEST: Final = 12
# So many list words on end are no prose, and each place costs a hash: not searched, not kept.
_MOST: Final = 512
_announced = re.compile(rb"seed|mnemonic|recover|wallet|backup|secret|passphrase|phrase").search


def find_seed_phrase(text: str) -> tuple[int, int] | None:
    """Start and end of a seed phrase in the text; blanks, commas, numbers may part its words.

    Without a valid checksum twelve list words in a row count only beside words such as `wallet`.
    """
    lower = text.encode("ascii", "replace").translate(_LETTERS)
    words = lower.split()
    # Every stretch of twelve words covers a twelfth one: most texts end here.
    known = _index()
    if not any(word in known for word in words[_SHORTEST - 1 :: _SHORTEST]):
        return None
    for first, last in _stretches(words):
        span = _phrase(words[first:last], announced=_announced(lower) is not None)
        if span:
            matches = list(_word(lower))
            return matches[first + span[0]].start(), matches[first + span[1] - 1].end()
    return None


def _stretches(words: list[bytes]) -> list[tuple[int, int]]:
    """Where at least twelve list words follow one another."""
    known, stretches, position = _index(), [], _SHORTEST - 1
    while position < len(words):
        if words[position] not in known:
            position += _SHORTEST
            continue
        first, last = position, position + 1
        while first and words[first - 1] in known:
            first -= 1
        while last < len(words) and words[last] in known:
            last += 1
        if last - first >= _SHORTEST:
            stretches.append((first, last))
        position = last + _SHORTEST
    return stretches


def _phrase(words: list[bytes], *, announced: bool) -> tuple[int, int] | None:
    if len(set(words)) == 1:
        return None
    if len(words) > _MOST:
        return 0, len(words)
    for length in _LENGTHS:
        for start in range(len(words) - length + 1):
            chosen = words[start : start + length]
            if _checksum_holds(chosen) and len(set(chosen)) > 1:
                return start, start + length
    return (0, len(words)) if announced else None


def _checksum_holds(words: list[bytes]) -> bool:
    """BIP39: the last bits are the first bits of the SHA-256 of the bits before them."""
    known, number = _index(), 0
    for word in words:
        number = number << 11 | known[word]
    checksum_bits = len(words) // 3
    entropy = (number >> checksum_bits).to_bytes(checksum_bits * 4, "big")
    first_bits = sha256(entropy).digest()[0] >> 8 - checksum_bits
    return first_bits == number & (1 << checksum_bits) - 1


@cache
def _index() -> dict[bytes, int]:
    """Each English word and its number, from the `mnemonic` distribution's list.

    Read as a file: importing the package would cost 20 ms for the one list.
    """
    spec = find_spec("mnemonic")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the BIP39 word list is part of the mnemonic distribution")
    path = Path(spec.submodule_search_locations[0]) / "wordlist" / "english.txt"
    return {word: number for number, word in enumerate(path.read_bytes().split())}
