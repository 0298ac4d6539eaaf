"""From the text of a variable to its value; each raises ``ValueError`` with what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable

from environ import Env


def boolean(text: str) -> bool:
    """``true|1|yes|on`` or ``false|0|no|off``, in any case."""
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("is neither true nor false")


def integer(low: int, high: int) -> Callable[[str], int]:
    """A whole number from ``low`` to ``high``."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
            raise ValueError("is not a whole number")
        number = int(text)
        if not low <= number <= high:
            raise ValueError(f"is not between {low} and {high}")
        return number

    return read


def clamped(low: int, high: int) -> Callable[[str], int]:
    """A whole number, moved to the nearer end when it lies outside ``low`` to ``high``."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
            raise ValueError("is not a whole number")
        return min(max(int(text), low), high)

    return read


_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(text: str) -> int:
    """A duration: ``3600``, ``90m``, ``24h`` or ``7d``, of at least one second."""
    match = re.fullmatch(r"\s*(\d{1,9})\s*([smhd]?)\s*", text.lower())
    if match is None:
        raise ValueError("is no duration (a number with s, m, h or d)")
    duration = int(match[1]) * _UNITS[match[2]]
    if not 1 <= duration <= 3650 * 86_400:
        raise ValueError("is not between one second and ten years")
    return duration


def half_life(text: str) -> int | None:
    """Seconds, or None for ``off|none|disable|disabled|0`` and negative numbers."""
    lowered = text.strip().lower()
    if lowered in {"off", "none", "disable", "disabled", "0"} or lowered.startswith("-"):
        return None
    return seconds(lowered)


def choice(*allowed: str) -> Callable[[str], str]:
    """One of ``allowed``, in any case."""

    def read(text: str) -> str:
        lowered = text.strip().lower()
        if lowered not in allowed:
            raise ValueError(f"is none of {', '.join(allowed)}")
        return lowered

    return read


def names(text: str) -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def origins(text: str) -> list[str]:
    """A list of ``https://host`` or ``http://host:port``, separated by commas."""
    found = names(text)
    if not all(re.fullmatch(r"https?://[^/\s?#@]+", origin) for origin in found):
        raise ValueError("must list origins such as https://desk.example.org, without a path")
    return found


def database_url(text: str) -> str:
    """A URL that ``database_config`` understands."""
    refusal = "is no URL of the form postgres://user:password@host:port/name or sqlite:///path"
    if not re.match(r"(postgres|postgresql|sqlite)://", text):
        raise ValueError(refusal)
    try:
        config = Env.db_url_config(text)
    except ValueError:
        raise ValueError(refusal) from None  # the library's own message may quote the password
    if not config.get("NAME"):
        raise ValueError(refusal)
    return text


def redis_url(text: str) -> str:
    """``redis://…``, ``rediss://…`` or ``unix://…``."""
    if not re.match(r"(rediss?://[^/\s]|unix:///)", text):
        raise ValueError("is no URL of the form redis://host:port/0")
    return text
