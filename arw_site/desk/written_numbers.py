"""Numbers as the desk writes them: rounded half up, as Django's ``floatformat`` does everywhere."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format


def places(value: float, digits: int = 2) -> str:
    """``value`` with that many digits behind the point of the language; never a negative zero.

    ``number_format`` alone cuts the other digits off, and ``round`` takes halves to the even one.
    """
    rounded = _rounded(value, digits)
    return number_format(rounded if rounded else abs(rounded), digits)


def signed_places(value: float, *, minus: str = "-", zero: str = "+") -> str:
    """Two digits and a sign before them: of the number as it is written, so zero has ``zero``."""
    rounded = _rounded(value, 2)
    sign = zero if not rounded else minus if rounded < 0 else "+"
    return f"{sign}{number_format(abs(rounded), 2)}"


def _rounded(value: float, digits: int) -> Decimal:
    # Of the digits that people see: 0.125 and 0.145 are halves, though the machine's 0.145 is less.
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
