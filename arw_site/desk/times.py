"""How this browser wants times written: in words, or as the exact instant."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

COOKIE: Final = "arw_desk_times"
RELATIVE: Final = "relative"
UTC_INSTANT: Final = "utc"


def shown_times(request: HttpRequest | None) -> str:
    """``utc`` or ``relative``; in words unless the browser's cookie says otherwise."""
    wanted = "" if request is None else request.COOKIES.get(COOKIE, "")
    return UTC_INSTANT if wanted == UTC_INSTANT else RELATIVE
