"""Finds runs that look drawn at random, and hexadecimal private keys; digests are let through."""

import re
from typing import Final

_RANDOM = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{32,1024}={0,2}")
_HEX = re.compile(r"[0-9a-f]+\Z|[0-9A-F]+\Z|[0-9a-f-]+\Z")
_HEX_KEY = re.compile(r"(?<![0-9A-Za-z])(0x)?[0-9a-fA-F]{64}(?![0-9A-Za-z])")
_KEY_BEFORE = re.compile(
    r"priv|secret|wallet|\bkey\b|seed|signing|mnemonic|eth_?key", re.IGNORECASE
)
_DIGEST_BEFORE = re.compile(
    r"(?:sha-?(?:1|2|3|224|256|384|512)|md5|blake|hash|digest|checksum|integrity|etag|commit|tx|block"
    r"|fingerprint|public)[\w ]{0,12}[\"']?\s{0,2}[:=(-]?\s{0,2}[\"']?\Z",
    re.IGNORECASE,
)
_PUBLIC_BLOCK = re.compile(r"BEGIN (?:[A-Z0-9]+ )?(?:PUBLIC KEY|CERTIFICATE|PGP PUBLIC|PGP SIG)")
_PUBLIC_RUN = re.compile(r"AAAA[A-E]|data:(?:image|audio|video|font)")
_CHANGES: Final = 0.42


def has_random_run(text: str) -> bool:
    """Whether 32 or more characters look drawn at random, and nothing says that they are a digest."""
    if _PUBLIC_BLOCK.search(text):
        return False
    for match in _RANDOM.finditer(text):
        run = match.group()
        if not (_looks_random(run) or any(map(_looks_random, _long_parts(run)))):
            continue
        before = text[max(0, match.start() - 32) : match.start()]
        if _PUBLIC_RUN.match(run) or "base64," in before or _DIGEST_BEFORE.search(before):
            continue
        if not re.match(r"sha(?:1|256|384|512)-", run):
            return True
    return False


def has_hex_key(text: str) -> bool:
    """Whether 64 hexadecimal digits stand where a private key would; a plain SHA-256 does not."""
    for match in _HEX_KEY.finditer(text):
        before = text[max(0, match.start() - 48) : match.start()]
        if _DIGEST_BEFORE.search(before):
            continue
        if match.group(1) or _KEY_BEFORE.search(before):
            return True
    return False


def _long_parts(run: str) -> list[str]:
    if "/" not in run:
        return []
    return [part for part in run.split("/") if len(part) >= 32]


def _looks_random(run: str) -> bool:
    """Letters of both cases and digits that take turns more often than in words and names."""
    if _HEX.match(run):
        return False
    kinds = run.translate(_KINDS).replace("-", "")
    if len(kinds) < 30 or not ("a" in kinds and "A" in kinds and "0" in kinds):
        return False
    changes = sum(map(str.__ne__, kinds, kinds[1:]))
    return changes >= _CHANGES * len(kinds)


_KINDS: Final = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/_=",
    "a" * 26 + "A" * 26 + "0" * 10 + "-" * 4,
)
