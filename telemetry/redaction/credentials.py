"""Finds credentials by their format: tokens, private keys, and runs that look random."""

import re
from collections.abc import Iterator
from typing import Final

import redact_secret

_ALNUM = "A-Za-z0-9"

# Formats the library lacks, or wants in a context that free text seldom gives. Each entry is bounded
# and begins with letters that are rare in prose; none has a left boundary (see TOKEN and PIECE).
_FORMATS: Final = "|".join(
    (
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
        rf"gh[pousr]_[{_ALNUM}]{{20,255}}",
        r"github_pat_\w{20,255}",
        r"gl(?:pat|dt|rt|soat|cbt|ptt|ft|imt|agent)-[\w-]{18,255}",
        r"xox[a-z]-[\w-]{10,255}",
        r"xapp-\d-[\w-]{10,255}",
        rf"hf_[{_ALNUM}]{{20,255}}",
        rf"npm_[{_ALNUM}]{{30,255}}",
        r"sk-(?:ant|proj|svcacct|admin|or|live|test)-[\w-]{16,255}",
        rf"sk-(?=[A-Za-z]{{0,30}}[0-9])[{_ALNUM}]{{20,255}}",
        rf"(?:sk|rk|pk)_(?:live|test)_[{_ALNUM}]{{10,255}}",
        rf"whsec_[{_ALNUM}+/=]{{20,255}}",
        r"AIza[\w-]{30,60}",
        r"ya29\.[\w-]{20,255}",
        r"GOCSPX-[\w-]{20,60}",
        r"d(?:op|oo|or)_v1_[a-f0-9]{40,80}",
        r"dckr_(?:pat|oat)_[\w-]{20,60}",
        rf"lin_(?:api|oauth)_[{_ALNUM}]{{30,80}}",
        r"pypi-[\w-]{30,255}",
        r"SG\.[\w-]{16,32}\.[\w-]{30,64}",
        r"NRAK-[A-Z0-9]{20,40}",
        r"dapi[a-f0-9]{32}",
        r"pplx-[A-Za-z0-9]{30,80}",
        r"[xtyzuv]prv[1-9A-HJ-NP-Za-km-z]{80,112}",
        r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}",
        r"gsk_[A-Za-z0-9]{30,80}",
        r"xai-[A-Za-z0-9]{40,120}",
        r"r8_[A-Za-z0-9]{30,60}",
        r"tskey-[\w-]{16,120}",
        r"hv[sbr]\.[\w-]{20,255}",
        r"AGE-SECRET-KEY-1[A-Z0-9]{40,70}",
        r"nsec1[a-z0-9]{50,70}",
        r"ATATT3[\w=-]{20,255}",
        r"glsa_[\w]{20,60}",
        r"EAA[A-Za-z0-9]{60,255}",
        r"\d{8,10}:A[\w-]{33,40}",
        r"[MNO][\w-]{22,30}\.[\w-]{6,7}\.[\w-]{26,45}",
        r"\dQ~[\w.~-]{30,36}",
        r"\.eyJ[\w-]{4,8}",
        r"SK[0-9a-f]{32}",
        r"key-[0-9a-f]{32}",
        r"pat-[a-z]{2}\d-[0-9a-f-]{36}",
        r"pat[A-Za-z0-9]{14}\.[a-f0-9]{40,64}",
        r"sq0[a-z]{3}-[\w-]{20,50}",
        r"oy2[a-z0-9]{43}",
        r"NRJS-[a-f0-9]{19}",
        r"\$(?:apr1|2[abxy]|[156y]|argon2id?)\$[^\s$]{2,64}\$[^\s]{8,120}",
        r"AccountKey=[A-Za-z0-9+/=]{20,120}",
    )
)
# Without a look-behind the search can skip to the first letters; the boundary is checked by hand.
_piece = re.compile(_FORMATS)


def find_tokens(text: str, starts: frozenset[int] = frozenset()) -> Iterator[tuple[int, int]]:
    """Start and end of each token. `task-…` holds no `sk-…`: one begins where a word may begin.

    `starts`: positions that count as such though a letter is before them.
    """
    match = _piece.search(text)
    while match:
        begin = match.start()
        if (
            not begin
            or begin in starts
            or not text[begin - 1].isalnum()
            or text[begin] in ".0123456789"
        ):
            yield match.span()
        match = _piece.search(text, begin + 1)


def has_token(text: str) -> bool:
    """Whether a token of a known format is in the text."""
    return next(find_tokens(text), None) is not None


_URL_SECRETS = re.compile(
    r"hooks\.slack\.com/(?:services|workflows)/[\w/]{16}|/api/webhooks/\d{15,22}/[\w-]{20}"
    r"|webhook\.office\.com/|api\.telegram\.org/bot\d|://[A-Za-z0-9_-]{16,128}@"
    r"|[?&;](?:sig|signature|x-amz-signature|x-goog-signature|key|code|auth|hmac)=[\w%+/.~-]{16}",
    re.IGNORECASE,
)
_KEY_FILES = re.compile(
    r"-----\s{0,2}BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY|-----END [A-Z ]{0,30}PRIVATE KEY"
    r"|PuTTY-User-Key-File|Private-Lines:|BEGIN PGP PRIVATE|BEGIN OPENSSH"
    r"|b3BlbnNzaC1rZXktdjE|\bMII[A-Za-z0-9+/]{2}(?:IBAAKC|wIBADAN|gIBADAN|wIBAAKC|QIBADAN)"
)


def has_credential(text: str) -> bool:
    """Whether a known format of a credential is in the text."""
    if library_finds(text) or has_token(text):
        return True
    if "/" in text and _URL_SECRETS.search(text):
        return True
    return has_key_file(text)


def has_key_file(text: str) -> bool:
    """Whether a private key, or only its header, is in the text: PEM, PGP, PuTTY, bare DER."""
    return bool(_KEY_FILES.search(text))


# Its guess from the words around a value. `key_names` decides that here: `redact-secret==0.1` is none.
_BY_CONTEXT: Final = "contextual_secret"


def library_finds(text: str) -> bool:
    """Whether `redact-secret` finds anything. Beta: this is the only place that knows it."""
    try:
        # It refuses lone surrogates, which JSON may carry.
        known = text if text.isascii() else text.encode("utf-8", "replace").decode()
        return any(finding.type != _BY_CONTEXT for finding in redact_secret.scan(known))
    except redact_secret.SecretScanError:
        # It refused the text (its own limits). What could not be searched is not kept.
        return True
