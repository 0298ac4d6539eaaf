"""Which names of fields announce a secret: `password`, `apiKey`, `DB_PASSWORD`; not `token_count`."""

import re
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Final

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_WORDS: Final = frozenset(
    "password passwords passwd passwort kennwort pwd pwds pw pass passphrase passphrases passcode "
    "secret secrets token tokens apikey apikeys authorization auth credential credentials cred "
    "creds cookie cookies mnemonic bearer jwt jwts sessionid sessid sid psk passkey ssn "
    "privatekey secretkey accesskey signingkey motdepasse contrasena otpauth".split()
)
_DIGIT_WORDS: Final = frozenset("pin pins otp otps totp cvv cvv2 cvc cvc2 tan mfa 2fa".split())
_GLUED: Final = (
    "password passwd passphrase apikey secretkey privatekey accesstoken authtoken refreshtoken "
    "clientsecret sessionid sessid authorization credential accesskey bearertoken idtoken"
).split()
_KEY_OWNERS: Final = frozenset(
    "api private secret access signing encryption session account shared master service ssh pgp "
    "gpg deploy license licence app client auth admin root storage subscription hmac aes rsa "
    "decryption wallet".split()
)
_PAIRS: Final = frozenset(
    {
        ("session", "id"),
        ("secret", "id"),
        ("seed", "phrase"),
        ("seed", "words"),
        ("recovery", "phrase"),
        ("recovery", "code"),
        ("recovery", "codes"),
        ("backup", "code"),
        ("backup", "codes"),
        ("security", "code"),
        ("card", "number"),
        ("credit", "card"),
        ("auth", "code"),
        ("verification", "code"),
        ("social", "security"),
        ("passport", "number"),
        ("bank", "account"),
        ("private", "pem"),
    }
)
# A name that ends in one of these says something about the secret; it does not hold it.
_ABOUT: Final = frozenset(
    "count counts used usage limit limits max min length len size policy policies scan scans "
    "scanner type types name names rotation rotated age expiry expires expiration expired ttl at "
    "date time timestamp status state enabled disabled required valid verified present missing set "
    "url uri endpoint path file field fields label strength score budget cost price rate ratio "
    "total average avg id ids version index prefix suffix format algorithm alg method methods "
    "scheme provider mode kind class category days hours minutes seconds secs ms manager reset "
    "change changed updated protected protection reuse attempts failures errors leaks leaked found "
    "detected redacted redaction sanitized detection check checks checker checked audit review "
    "reviewed sharing management hygiene exposed exposure storage store handling guidelines rules "
    "requirement requirements consent banner complexity bucket window estimate remaining lifetime policy_id "
    "digest checksum fingerprint cleared ok failed passed per second minute hour day".split()
)
_QUANTITIES: Final = frozenset(
    "max min num number total input output prompt completion cached reasoning used per budget "
    "limit context avg average count n remaining estimated".split()
)
_DIGESTS: Final = frozenset(
    "hash hashes sha sha1 sha256 sha512 md5 digest checksum fingerprint integrity etag commit "
    "revision crc blake2b blake3".split()
)
_PHONES: Final = frozenset("phone telephone tel mobile cell fax whatsapp sms telefon handy".split())


class NameKind(Enum):
    """What the value under a name may hold."""

    PLAIN = "plain"
    SECRET = "secret"
    SECRET_OR_COUNT = "secret or count"
    DIGITS = "digits"
    DIGEST = "digest"
    PHONE = "phone"


@lru_cache(maxsize=2048)
def name_kind(name: str) -> NameKind:
    """The kind of a field name, split at capitals, underscores, hyphens, dots and spaces."""
    words = [word.lower() for word in _WORD.findall(name[-120:])]
    if not words:
        return NameKind.PLAIN
    secret = _holds_secret(words)
    if secret and words[-1] == "hash":
        secret = any(word.startswith("pass") for word in words)
    if secret:
        return _secret_kind(words)
    if words[-1] in _DIGIT_WORDS or "".join(words[-2:]) in _DIGIT_WORDS:
        return NameKind.DIGITS
    if not _DIGESTS.isdisjoint(words) or not _DIGESTS.isdisjoint(map("".join, pairwise(words))):
        return NameKind.DIGEST
    if not _PHONES.isdisjoint(words):
        return NameKind.PHONE
    return NameKind.PLAIN


def _holds_secret(words: list[str]) -> bool:
    pairs = list(pairwise(words))
    if pairs and pairs[-1] in _PAIRS:
        return True
    if words[-1] in _ABOUT and len(words) != 1:
        return False
    if not _WORDS.isdisjoint(words):
        return True
    if any(pair in _PAIRS for pair in pairs):
        return True
    if any(left in _KEY_OWNERS and right in {"key", "keys"} for left, right in pairs):
        return True
    glued = "".join(words)
    return any(part in glued for part in _GLUED)


def _secret_kind(words: list[str]) -> NameKind:
    last = words[-1]
    countable = last == "pass" or (last.endswith("s") and last not in {"pass", "ssn"})
    if countable or (
        not _QUANTITIES.isdisjoint(words) and not {"token", "tokens"}.isdisjoint(words)
    ):
        return NameKind.SECRET_OR_COUNT
    return NameKind.SECRET


_HARMLESS: Final = frozenset(
    "none null true false yes no on off required optional enabled disabled passed failed pass fail "
    "ok set unset missing present absent redacted hidden masked changed rotated expired valid "
    "invalid unknown empty n/a na never always string str bytes text number oauth oauth2 oidc saml "
    "basic bearer digest ldap kerberos mtls jwt env vault keyring prompt stdin".split()
)
_MASK = re.compile(r"[*•x.\-_#\s]*\Z", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"(?:\$\{[A-Za-z_][A-Za-z0-9_]*\}?|\$[A-Z_]{3,}|<[a-z][a-z _-]{0,40}>|\{\{[^{}]{0,60}\}\}|\[redacted\])\Z"
)


def is_harmless(value: str) -> bool:
    """Whether a value under a secret's name says only that one is there, or is a mask or variable."""
    bare = value.strip().strip("\"'`.,;!").lower()
    return bare in _HARMLESS or bool(_MASK.match(bare) or _PLACEHOLDER.match(value.strip()))
