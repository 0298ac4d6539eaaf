"""Every variable the server reads from its environment, in one table. Pure.

``arw_site.settings`` reads through it, ``docs/settings.md`` prints it, and a test keeps the two
equal. Values are read leniently: what cannot be parsed is kept as a problem that the system
check ``arw.E001`` reports, so that an operator sees all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environ import Env


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: how it is read, its default, and what it does."""

    name: str
    cast: Callable[[str], Any]
    default: Any
    text: str
    shown_default: str | None = None

    @property
    def default_text(self) -> str:
        """The default as the table shows it."""
        if self.shown_default is not None:
            return self.shown_default
        if isinstance(self.default, bool):
            return "true" if self.default else "false"
        if isinstance(self.default, list):
            return ",".join(self.default)
        return str(self.default)


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


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "ARW_STATE_DIR",
        str,
        "",
        "Folder for the database, keys and collected static files.",
        "`arw-personas` in the user's data home",
    ),
    Variable(
        "ARW_SECRET_KEY",
        str,
        "",
        "Signs sessions. At least 32 characters. There is no default: without it, and without "
        "the file `secret_key` in the state folder, the server does not start.",
        "the file `secret_key`",
    ),
    Variable(
        "ARW_PSEUDONYM_KEY",
        str,
        "",
        "Keys the pseudonyms that name actors in events and logs. At least 32 characters, and "
        "not the secret key.",
        "the file `pseudonym_key`",
    ),
    Variable("ARW_PORT", integer(1, 65_535), 8091, "Port of `make run`, on 127.0.0.1."),
    Variable(
        "ARW_SERVER",
        choice("uvicorn", "daphne"),
        "uvicorn",
        "The ASGI server of `make run`: `uvicorn` or `daphne`.",
    ),
    Variable(
        "ARW_ALLOWED_HOSTS",
        names,
        ["127.0.0.1", "localhost", "[::1]"],
        "Host names the server answers to, separated by commas. `*` is refused.",
    ),
    Variable(
        "ARW_TRUSTED_ORIGINS",
        origins,
        [],
        "Origins such as `https://desk.example.org` from which forms are accepted behind a proxy.",
        "none",
    ),
    Variable(
        "ARW_HTTPS",
        boolean,
        False,
        "Behind TLS: secure cookies, HSTS, redirect to https. Required for any host that is not "
        "loopback.",
    ),
    Variable("ARW_DEBUG", boolean, False, "Django's debug mode. Refused beyond loopback hosts."),
    Variable(
        "ARW_DATABASE_URL",
        database_url,
        "",
        "`postgres://user:password@host:port/name`, or `sqlite:///path`.",
        "SQLite, `arw.sqlite3` in the state folder",
    ),
    Variable(
        "ARW_REDIS_URL",
        redis_url,
        "",
        "`redis://host:port/0`: shares the sign-in throttle between machines.",
        "none: kept in the state folder",
    ),
    Variable(
        "ARW_ADMIN_TOKEN",
        str,
        "",
        "A bearer token for the built-in service principal of the group `admins`. At least 16 "
        "characters.",
        "none",
    ),
    Variable(
        "ARW_ADMIN_TOKEN_SHA256",
        str,
        "",
        "The SHA-256 of that token in hex, so that the token itself is nowhere on the server.",
        "none",
    ),
    Variable("ARW_METRICS_PUBLIC", boolean, False, "Whether `/metrics` answers without a token."),
    Variable("ARW_LOG_LEVEL", choice("debug", "info", "warning", "error"), "info", "Log level."),
    Variable(
        "ARW_LOG_FORMAT",
        choice("auto", "console", "json"),
        "auto",
        "`console` for people, `json` for machines; `auto` decides by whether stderr is a "
        "terminal.",
    ),
    Variable(
        "ARW_PERSONA_ENABLE",
        boolean,
        True,
        "The feature itself: off, every persona route answers 501.",
    ),
    Variable(
        "ARW_PERSONA_PROPOSAL_TTL",
        seconds,
        7 * 86_400,
        "How long a proposal can be decided: seconds, or with `m`, `h`, `d`.",
        "7d",
    ),
    Variable(
        "ARW_PERSONA_SELF_APPROVAL",
        choice("deny", "allow"),
        "deny",
        "`allow` lets a single operator approve their own proposals.",
    ),
    Variable(
        "ARW_PERSONA_ACCESSIBILITY",
        choice("builtin", "attest"),
        "builtin",
        "`attest`: a grant of consent needs `accessibility_attested: true`.",
    ),
    Variable(
        "ARW_PERSONA_VIBE_HISTORY_RETAIN",
        clamped(1, 500),
        50,
        "Feedback samples kept per persona, clamped to 1..500.",
    ),
    Variable(
        "ARW_PERSONA_VIBE_MAX_AGE",
        seconds,
        7 * 86_400,
        "Age at which a feedback sample is no longer kept or shown.",
        "7d",
    ),
    Variable(
        "ARW_PERSONA_SIGNAL_HALFLIFE_SECS",
        half_life,
        86_400,
        "Half-life of a feedback sample's weight in the metrics, or `off`.",
    ),
    Variable(
        "ARW_PERSONA_DOCUMENT_BYTES",
        integer(1024, 16_777_216),
        65_536,
        "Largest record, as canonical JSON.",
    ),
    Variable("ARW_PERSONA_DIFF_BYTES", integer(256, 16_777_216), 32_768, "Largest diff."),
    Variable(
        "ARW_PERSONA_DIFF_OPERATIONS", integer(1, 10_000), 200, "Most operations in one diff."
    ),
    Variable("ARW_PERSONA_DEPTH", integer(2, 60), 16, "Deepest nesting of a record."),
    Variable(
        "ARW_PERSONA_STRING_BYTES",
        integer(64, 16_777_216),
        8192,
        "Longest string in a record, in bytes of UTF-8.",
    ),
)


@dataclass
class Environment:
    """Reads the table's variables from ``source``; ``problems`` collects what could not be read."""

    source: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def read(self) -> dict[str, Any]:
        """Every variable by name: as set, or its default where it is unset, empty or wrong."""
        return {variable.name: self._value(variable) for variable in VARIABLES}

    def _value(self, variable: Variable) -> Any:
        text = self.source.get(variable.name, "")
        if not text.strip():
            return variable.default
        try:
            return variable.cast(text.strip())
        except ValueError as problem:
            self.problems.append(f"{variable.name} {problem}")
            return variable.default


def unknown_names(source: Mapping[str, str]) -> list[str]:
    """Variables that start with ``ARW_PERSONA_`` and mean nothing: most likely misspelt."""
    known = {variable.name for variable in VARIABLES}
    return sorted(n for n in source if n.startswith("ARW_PERSONA_") and n not in known)


def key_from(value: str, file: Path) -> str:
    """``value``, else the content of ``file``, else empty. Never a default (contract: no start)."""
    if value:
        return value
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def database_config(url: str, state_dir: Path) -> dict[str, Any]:
    """Django's database settings for ``url``; SQLite in the state folder when it is empty."""
    config: dict[str, Any] = Env.db_url_config(url or f"sqlite:///{state_dir / 'arw.sqlite3'}")
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # IMMEDIATE: a write transaction takes its lock at the start and waits for it, instead of
        # failing in the middle with "database is locked".
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
            ),
        }
    else:
        # Requests run on many short-lived threads under ASGI: a pool, not a connection for each.
        options = config.setdefault("OPTIONS", {})
        options.setdefault("pool", {"min_size": 1, "max_size": 16, "timeout": 10})
    return config
