"""Finds numbers that identify people: payment cards, bank accounts, social security."""

import re
from typing import Final

_DIGITS = re.compile(r"\d(?<![\d.]\d)(?:[ ./-]{0,2}\d){12,30}(?!\d)")
SHORTEST_CARD: Final = 13
_GROUP = re.compile(r"\d+")
# Number ranges and lengths of the card brands, as issued.
_BRANDS = re.compile(
    r"(?:4(?:\d{12}|\d{15}|\d{18})"
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-59]|[689]\d)\d{11}|(?:6011|64[4-9]\d|65\d\d)(?:\d{12}|\d{15})"
    r"|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|(?:50|5[6-9]|6[37])\d{14})\Z"
)
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d\d(?:[ -]?[A-Z0-9]){11,34}")
# Total length of each country's IBAN (ISO 13616 registry).
_IBAN_LENGTHS: Final = {
    country: int(length)
    for length, countries in (
        item.split(":")
        for item in (
            "15:NO 16:BE 18:DK,FI,FO,GL,NL,SD 19:MK,SI 20:AT,BA,EE,KZ,LT,LU,MN,XK 21:CH,HR,LI,LV "
            "22:BG,BH,CR,DE,GB,GE,IE,ME,RS,VA 23:AE,GI,IL,IQ,OM,SO,TL "
            "24:AD,CZ,ES,MD,PK,RO,SA,SE,SK,TN,VG 25:LY,PT,ST 26:IS,TR 27:BI,DJ,FR,GR,IT,MC,MR,SM "
            "28:AL,AZ,BY,CY,DO,GT,HN,HU,LB,NI,PL,SV 29:BR,EG,PS,QA,UA 30:JO,KW,MU,YE 31:MT,SC 32:LC 33:RU"
        ).split()
    )
    for country in countries.split(",")
}
# The look-behind comes second, so that the search can skip to a digit.
_GROUPED_SSN = re.compile(
    r"\d{3}(?<![\w-]\d{3})(?<!000)(?<!666)([- ])(?!00)\d\d\1(?!0000)\d{4}(?![\w-])"
)
_NINE_DIGITS = re.compile(r"\d(?<![\d.]\d)(?:[ -]?\d){7,10}(?!\d)")
_SSN_BEFORE = re.compile(
    r"(?:\b(?:ssn|sin|itin|nino)|social security(?: number| no\.?)?|tax id)\W{0,6}(?:is\W{1,3})?\Z",
    re.IGNORECASE,
)


def has_card(text: str) -> bool:
    """Whether a payment card number is in the text: brand range, length and Luhn digit agree."""
    return any(_holds_card(match.group()) for match in _DIGITS.finditer(text))


def is_card_number(digits: str) -> bool:
    """Whether these digits are a payment card number."""
    return bool(_BRANDS.match(digits)) and _luhn_holds(digits)


def _holds_card(candidate: str) -> bool:
    """Any series of whole groups: a number may be followed by an expiry date."""
    groups = _GROUP.findall(candidate)
    for first in range(len(groups)):
        if groups[first][0] not in "23456":
            continue
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > 19:
                break
            if len(digits) >= 13 and is_card_number(digits):
                return True
    return False


def _luhn_holds(digits: str) -> bool:
    doubled = "0246813579"
    total = sum(map(int, digits[-1::-2]))
    return (total + sum(int(doubled[int(digit)]) for digit in digits[-2::-2])) % 10 == 0


def has_iban(text: str) -> bool:
    """Whether an IBAN is in the text: country length and ISO 7064 check digits agree."""
    for match in _IBAN.finditer(text.upper()):
        compact = match.group().replace(" ", "").replace("-", "")
        account = compact[: _IBAN_LENGTHS.get(compact[:2], 0)]
        if (
            len(account) > 4
            and len(compact) >= _IBAN_LENGTHS[compact[:2]]
            and _mod_97_holds(account)
        ):
            return True
    return False


def _mod_97_holds(account: str) -> bool:
    turned = account[4:] + account[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def has_social_security(text: str) -> bool:
    """Whether a social security number is in the text, grouped or labelled."""
    if any(match.group()[0] != "9" for match in _GROUPED_SSN.finditer(text)):
        return True
    return any(
        _SSN_BEFORE.search(text, max(0, match.start() - 32), match.start())
        for match in _NINE_DIGITS.finditer(text)
    )
