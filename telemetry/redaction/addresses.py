"""Finds addresses of people and machines: mail, IP and MAC addresses, home folders."""

import re

# Anchored at the sign: a local part matched first would make long words quadratic.
_MAIL = re.compile(
    r"(?<=[^\W_]|[_.+%'\"-])[@＠](?=[^\W_])(?!v?\d+\.\d)(?:[\w-]{1,63}\.){1,8}(?!\d)[^\W\d_]{2,24}(?![\w@])"
)
_REPOSITORY_USER = re.compile(r"(?:\A|[\s/@:('\"+=])(?:git|hg|svn)\Z")
_SPELT_MAIL = re.compile(
    r"[\[({<]\s{0,2}(?:at|@)\s{0,2}[\])}>]\s{0,2}[\w-]{1,63}"
    r"\s{0,2}(?:\.|[\[({<]\s{0,2}(?:dot|\.)\s{0,2}[\])}>]|\bdot\b)\s{0,2}[a-z]{2}"
    r"|(?:@|\bat\s{1,2})[\w-]{1,63}\s{0,2}[\[({<]\s{0,2}(?:dot|\.)\s{0,2}[\])}>]\s{0,2}[a-z]{2}"
    r"|(?:@|\bat\s{1,2})[\w-]{1,63}\s{1,2}dot\s{1,2}"
    r"(?:com|org|net|edu|gov|io|de|uk|co|fr|eu|info|dev|app|ai|me|us|ca|ch|nl|es|it)\b"
)
_IPV4 = re.compile(r"(?<![\w.-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w-]|\.\w)")
_VERSION_BEFORE = re.compile(
    r"(?:\bv|version|release|build|chapter|section|clause|firmware|driver|\w==?|[<>~^]=?|/)\s{0,2}[:=]?\s{0,2}\Z",
    re.IGNORECASE,
)
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{2,39}(?:\.[0-9.]{5,12})?(?![\w:])")
_MAC = re.compile(
    r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])"
)
_HOME = re.compile(
    r"(?:(?<![\w.-])/(?:home|users)/|\\\\?users\\\\?)"
    r"(?!(?:shared|public|default|user|username|runner|app|node|ubuntu|me|you|all users|<|\$)(?:[/\\\s.,;:'\")]|\Z))[^\s/\\<>$*{]",
    re.IGNORECASE,
)


def has_mail(text: str) -> bool:
    """Whether a mail address is in the text, also spelt out with `[at]` and `dot`."""
    for match in _MAIL.finditer(text):
        if not _REPOSITORY_USER.search(text, max(0, match.start() - 8), match.start()):
            return True
    lower = text.lower()
    spelt = "dot" in lower or "at]" in lower or "at)" in lower or "[@]" in lower or "(@)" in lower
    return spelt and _SPELT_MAIL.search(lower) is not None


def has_network_address(text: str) -> bool:
    """Whether an IP or MAC address is in the text; loopback and version numbers do not count."""
    if any(map(_is_ipv4, _IPV4.finditer(text))):
        return True
    if text.count(":") >= 2 and any(map(_is_ipv6, _IPV6.finditer(text))):
        return True
    return bool(_MAC.search(text))


def _is_ipv4(match: re.Match[str]) -> bool:
    octets = match.group().split(".")
    if any(int(octet) > 255 for octet in octets) or octets[0] in {"127", "0"}:
        return False
    before = match.string[max(0, match.start() - 16) : match.start()]
    if before.endswith("//"):
        return True
    if _VERSION_BEFORE.search(before):
        return False
    named = re.search(
        r"(?:ip|addr|address|host|from|server|client|peer|remote)\W{0,4}\Z", before, re.IGNORECASE
    )
    return bool(named) or any(len(octet) > 1 for octet in octets)


def _is_ipv6(match: re.Match[str]) -> bool:
    candidate = match.group()
    if candidate.count(":") < 2 or len(candidate) < 4:
        return False
    from ipaddress import IPv6Address

    try:
        address = IPv6Address(candidate.rstrip("."))
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def has_home_folder(text: str) -> bool:
    """Whether a path names the home folder of a person."""
    return bool(_HOME.search(text))
