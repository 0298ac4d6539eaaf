"""Finds telephone numbers by the numbering plans of `phonenumbers`."""

import re
from typing import Final

_REGIONS: Final = ("GB", "FR", "DE")

# Look-behinds come second, so that the search can skip to the first character.
_INTERNATIONAL = re.compile(
    r"(?:\+(?<![\w.+]\+)|00(?<![\w.+]00))[ (]{0,2}[1-9](?:[ ().\-/]{0,3}\d){6,14}(?!\d)"
)
_NORTH_AMERICAN = re.compile(
    r"[(\d](?<![\w.+/-].)(?:(?<=1)[ .-]\(?\d)?(?:(?<=\()[2-9])?\d\d\)?[ .-]?(?<=[ .)-])[2-9]\d\d[ .-]\d{4}(?![\w-])"
)
_NATIONAL = re.compile(
    r"(?:0(?<![\w.+/:(-]0)|\((?=0))\d{1,5}\)?(?:[ /-]{1,3}\d{2,8}){1,5}(?![\w:-])"
)
_DIGITS = re.compile(r"[+(\d](?<![\w.+(].)[(\d]?(?:[ ().\-/]{0,2}\d){6,14}(?!\d)")
_LABEL_BEFORE = re.compile(
    r"(?:phone|\btel|mobile|mobil|\bcell|\bcall(?: me)?(?: at| on)?|\bfax|whatsapp|telefon|handy|\bsms|\btext me at)"
    r"(?: number| no\.?| nr\.?)?(?: is)?[\"']?\W{0,4}\Z",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]\d{4}")


def has_phone(text: str) -> bool:
    """Whether a telephone number is in the text.

    Without a plus sign only the groups of North America, those that begin with a trunk zero,
    and numbers beside a word such as `tel` are considered.
    """
    if any(_is_possible(match.group(), None) for match in _INTERNATIONAL.finditer(text)):
        return True
    if any(_is_possible(match.group(), "US") for match in _NORTH_AMERICAN.finditer(text)):
        return True
    if any(map(_is_national, _NATIONAL.finditer(text))):
        return True
    return any(map(_is_labelled, _DIGITS.finditer(text)))


def _is_national(match: re.Match[str]) -> bool:
    number = match.group()
    if _DATE.search(number) or not 9 <= sum(map(str.isdigit, number)) <= 12:
        return False
    return any(_is_valid(number, region) for region in _REGIONS)


def _is_labelled(match: re.Match[str]) -> bool:
    before = _LABEL_BEFORE.search(match.string, max(0, match.start() - 32), match.start())
    if before is None or _DATE.search(match.group()):
        return False
    return any(_is_possible(match.group(), region) for region in ("US", *_REGIONS))


def _is_possible(candidate: str, region: str | None) -> bool:
    import phonenumbers

    if candidate.startswith("00"):
        candidate = "+" + candidate[2:]
    try:
        number = phonenumbers.parse(candidate, region)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(number))


def _is_valid(candidate: str, region: str) -> bool:
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(candidate, region)))
    except phonenumbers.NumberParseException:
        return False
