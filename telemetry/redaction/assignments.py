"""Finds secrets that a name announces inside a text: assignments, headers, flags, URLs, prose."""

import re
from binascii import Error, a2b_base64

from telemetry.redaction.key_names import NameKind, is_harmless, name_kind

_CORE = (
    r"(?:pass(?:w(?:or[dt])?s?|wd|phrases?|code|key)?|pwd|passwd|pw|kennwort|secrets?|tokens?|api[ _-]?keys?"
    r"|keys?|auth(?:orization)?|cookies?|cred(?:ential)?s?|otp|pin|cvv2?|cvc|jwt"
    r"|sess(?:ion)?[_-]?id|ssn|psk|mnemonic|seed[ _-]?phrase)"
)
# The value is looked at and not consumed: it may hold the next assignment. The name's beginning is taken from the text by hand: matching it here would be quadratic.
_ASSIGNED = re.compile(
    _CORE + r"(?P<tail>[\w.-]{0,40})[\"'`\])]{0,3}[ \t]{0,4}"
    r"(?P<sign>===?|=>|:=|=|:)[ \t\n]{0,4}(?=(?P<value>\"[^\"\n]{1,120}|'[^'\n]{1,120}|[^\s\"'][^\n;&]{0,120}))",
)
_NAME_BEFORE = re.compile(r"(?:[A-Za-z]{2,12} )?[A-Za-z0-9_.-]{0,40}\Z")
_PROSE = re.compile(
    r"(?:the|an?|is|was|were|too|not|must|should|it|its|no|never|please|we|i|you|your|this|that|for|to|in|of"
    r"|on|and|or|as|with|when|if|what|how|why|who|new|old|use|see|add|check|only|user|users|can|cannot|could"
    r"|has|have|had|are|be|by|from|at|all|any|some|each|they|their|there|then|after|before)\b",
)
_SPOKEN = re.compile(
    r"(?<![a-z0-9])(?:(?P<strong>pass(?:wor[dt]|wd|phrase|code)|pwd|kennwort|api[ _-]?key|secret[ _-]key|secret"
    r"|access[ _-]key|token)|(?P<digits>pin(?: code)?|otp|cvv2?|cvc|(?:one[- ]time|verification|security) code|2fa code))"
    r"(?:[ \t](?:for|to|of|on)(?:[ \t][\w.-]{1,20}){1,4}?[ \t](?:is|was|=|:))?"
    r"(?:[ \t]{1,3}(?:is|was|are|to|=|:|->|-|–|now|ist|lautet)){0,2}[ \t:]{1,4}[\"'`(]?(?P<value>[^\s\"'`]{3,200})",
)
_HEADER = re.compile(
    r"(?:authorization|x-[a-z-]{0,20}(?:key|token|auth))[\"']?\s{0,3}[:=,]\s{0,3}[\"']?"
    r"(?:(?:basic|bearer|digest|token|negotiate|apikey|aws4-hmac-sha256)\s{1,3})?[^\s\"']{6}"
    r"|\bbearer\s{1,3}(?=[\w.~+/-]{0,24}\d)[\w.~+/-]{12,4096}"
    r"|(?:set-)?cookie[\"']?\s{0,3}[:=]\s{0,3}[\"']?[\w.-]{1,64}=[^\s;]{3}",
)
_BASIC = re.compile(r"\bbasic\s{1,3}([a-z0-9+/]{6,400})")
_USER_FLAG = re.compile(
    r"(?<!\S)(?:-u|--user|--proxy-user)[ =]?[\"']?(?!\d+:\d+\b)[^\s:\"'/]{1,64}:[^\s\"']{2,200}"
)
_OPTION = re.compile(
    r"(?<![\w-])--?(?:[a-z]{1,16}-){0,2}(?:pass(?:word|wd|phrase)?|pwd|token|secret|api-?key)[ =\t]{1,2}[\"']?(?!-)"
    r"(?P<value>[^\s\"']{3,200})"
)
_LOGIN = re.compile(
    r"\blogin\s{1,3}\S{1,64}\s{1,3}password\s{1,3}\S{3,200}"
    r"|\b(?:user(?:name)?|login)\s{0,2}[=:/]\s{0,2}\S{1,64}\s{1,3}pass\w{0,5}\s{1,3}\S{3,200}"
    r"|\b(?:sshpass|(?:docker|podman|az|oc)\s{1,3}login)\b[^\n]{0,120}?\s-p[ =]?(?=[^\s-])\S{3,200}"
    r"|\bwifi:[^\n]{0,120}\bp:[^;\n]{3,63};"
    r"|\bmysql(?:dump|admin)?\b[^\n]{0,120}?\s-p(?=[^\s-])\S{3,200}"
)
_MARKUP = re.compile(
    r"<(?P<tag>[\w:.-]{2,60})>\s{0,8}(?P<text>[^<\s][^<]{2,400})</"
    r"|(?:key|name|id)=[\"'](?P<name>[\w.:-]{3,60})[\"']\s{1,4}(?:value|content)=[\"'](?P<value>[^\"']{3,400})"
)
_VALUE_END = re.compile(r"[,&;}\s]")
_MIN_SECRET = 3


def has_assignment(text: str, lower: str) -> bool:
    """Whether a sensitive name is given a value somewhere in the text.

    `lower`: the text in lower case, character for character (see `lowered`).
    """
    return any(_is_assigned(text, match) for match in _ASSIGNED.finditer(lower))


def has_markup(text: str) -> bool:
    """Whether an XML element or a pair of attributes names a secret and gives it."""
    return "<" in text and any(
        name_kind(match["tag"] or match["name"]) is NameKind.SECRET
        and not is_harmless(match["text"] or match["value"])
        for match in _MARKUP.finditer(text)
    )


def is_likely_secret(value: str) -> bool:
    """Whether a value that stands beside a secret's name is a chosen secret, not one more word."""
    return not _is_wordlike(value) and " " not in value


def lowered(text: str) -> str:
    """The text in ASCII lower case at the same length, for patterns that would be slow otherwise."""
    return text.lower() if text.isascii() else text.encode("ascii", "replace").lower().decode()


def _is_assigned(text: str, match: re.Match[str]) -> bool:
    start, end = match.start(), match.start("sign")
    before = _NAME_BEFORE.search(text, max(0, start - 40), start)
    name = ((before.group() if before else "") + text[start:end]).strip(" \t\"'`])")
    kind = name_kind(name)
    if kind in {NameKind.PLAIN, NameKind.DIGEST, NameKind.PHONE}:
        return False
    given = text[slice(*match.span("value"))]
    quoted = given[0] in "\"'"
    value = given[1:] if quoted else _VALUE_END.split(given, maxsplit=1)[0]
    if kind is NameKind.DIGITS:
        return re.match(r"\d{3,8}(?!\d)", value) is not None
    if kind is NameKind.SECRET_OR_COUNT and value.strip(".,;)\"'").isdigit():
        return False
    if is_harmless(value) or len(value) < _MIN_SECRET or _is_code(value):
        return False
    if quoted:
        return True
    if match["sign"] == ":":
        certain = "pass" in name.lower() or not value.strip(".,;:!?)").isalpha()
        return certain and not _is_prose(match["value"])
    return not match["sign"].startswith("==")


def _is_code(value: str) -> bool:
    """A call or a lookup: `getpass()`, `os.environ[...]`."""
    return bool(re.match(r"(?:[\w.]+\(|os\.environ|process\.env|self\.|config\.)", value))


def _is_prose(value: str) -> bool:
    """What follows `Password:` when a sentence follows."""
    return bool(_PROSE.match(value)) and " " in value


def is_spoken(lower: str) -> bool:
    """Whether prose gives a secret away: `the password is …`, `PIN 4821`."""
    return any(map(_is_given, _SPOKEN.finditer(lower)))


def _is_given(match: re.Match[str]) -> bool:
    value = match["value"].rstrip(".,;:!?)\"'")
    if match["digits"]:
        return re.fullmatch(r"\d{3,8}|\d{3}[- ]?\d{3}", value) is not None
    if _is_wordlike(value):
        return False
    return "pass" in match["strong"] or "pwd" in match["strong"] or len(value) >= 8


def _is_wordlike(value: str) -> bool:
    """A word, a number or a path rather than a chosen secret."""
    if (
        len(value) < 5
        or value.isdigit()
        or value.startswith(("http", "/", "--", "#", "<", "$", "["))
    ):
        return True
    digit = any(character.isdigit() for character in value)
    symbol = any(mark in value[:-1] for mark in "!@#$%^*?~+=")
    if re.fullmatch(r"\d[\w.-]*|v\d[\w.]*|[a-z]+[-_/][\w/-]+|[A-Za-z]+-\d+", value) and not symbol:
        return True
    return not (digit or symbol)


def has_header(text: str, lower: str) -> bool:
    """Whether an Authorization or Cookie header, or its value, is in the text."""
    if _HEADER.search(lower):
        return True
    return any(_is_user_and_password(text[slice(*m.span(1))]) for m in _BASIC.finditer(lower))


def _is_user_and_password(encoded: str) -> bool:
    try:
        return b":" in a2b_base64(encoded + "=" * (-len(encoded) % 4))
    except Error:
        return False


def find_flag(lower: str) -> tuple[int, int] | None:
    """Start and end of a password given on a command line or a netrc line."""
    if "-u" in lower and (match := _USER_FLAG.search(lower)):
        return match.span()
    if any(word in lower for word in ("login", "user", "mysql", "sshpass", "wifi:")):
        match = _LOGIN.search(lower)
        if match:
            return match.span()
    if "-" in lower:
        for match in _OPTION.finditer(lower):
            if not is_harmless(match["value"]):
                return match.span()
    return None


_KEY_HEADER = re.compile(
    r"-----\s{0,2}BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY|END [A-Z ]{0,30}PRIVATE KEY--"
)


def has_key_header(text: str) -> bool:
    """Whether the first or last line of a PEM private key is in the text, if only that."""
    return "PRIVATE" in text and bool(_KEY_HEADER.search(text))


_DSN = re.compile(
    r"://[^\s/?#@:\"'<>]{0,128}:(?!//)[^\s/@\"'<>]{1,256}@"
    r"|(?<=[a-z])://[^\s/?#@:\"'<>]{1,128}:(?!\d{1,5}/)[^\s@\"'<>]{1,256}@[\w.-]"
)


def find_dsn(text: str) -> tuple[int, int] | None:
    """Start and end of a password in a URL: `scheme://user:password@host`."""
    match = _DSN.search(text) if "://" in text else None
    return match.span() if match else None
