"""Reading what a command line names: JSON, files, durations, instants."""

from __future__ import annotations

import math
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from arw_site.cli.failures import Misused

LARGEST_FILE = 32 * 1024 * 1024
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def json_value(option: str, text: str) -> Any:
    """The value of ``--option JSON`` or ``--option @file``. Raises ``Misused``."""
    return json_file(text[1:]) if text.startswith("@") else _parse(text, option)


def json_object(option: str, text: str) -> dict[str, Any]:
    """As :func:`json_value`, for an option that takes an object."""
    value = json_value(option, text)
    if not isinstance(value, dict):
        raise Misused(f"{option}: must be a JSON object")
    return value


def json_file(path: str) -> Any:
    """The JSON in the file, or on standard input for ``-``.

    Raises ``Misused`` with line and column where it is no JSON, under the rules that the server
    has (contract §2), so that duplicate keys are told and not silently lost.
    """
    name = "standard input" if path == "-" else path
    try:
        data = _read(path)
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or failure
        raise Misused(f"{name}: {reason}") from None
    if len(data) > LARGEST_FILE:
        raise Misused(f"{name}: larger than {LARGEST_FILE // 1024 // 1024} MiB")
    return _parse(data, name)


def _read(path: str) -> bytes:
    if path != "-":
        with Path(path).open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    if sys.stdin is None:
        raise ValueError("is closed")
    if sys.stdin.isatty():
        raise ValueError("nothing is piped in")
    return sys.stdin.buffer.read(LARGEST_FILE + 1)


def _parse(data: bytes | str, name: str) -> Any:
    from leases.strict_json import StrictJSONError, loads

    try:
        return loads(data)
    except StrictJSONError as problem:
        lines = (
            f"{name}{f' at {fault.pointer}' if fault.pointer else ''}: {fault.message}"
            for fault in problem.faults
        )
        raise Misused(*lines) from None


def duration(option: str, text: str) -> int:
    """Seconds of ``90``, ``90s``, ``30m``, ``1h`` or ``1d``. Raises ``Misused``."""
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", text.strip().lower(), re.ASCII)
    if match is None:
        raise Misused(f"{option}: {text!r} is no duration; write 90s, 30m, 1h or 1d")
    return int(match[1]) * _UNITS[match[2]]


def moment(option: str, text: str) -> str:
    """RFC 3339 of an instant, or of now plus a duration such as ``30d``. Raises ``Misused``."""
    if re.fullmatch(r"\d{1,9}[smhd]", text.strip().lower(), re.ASCII):
        try:
            then = datetime.now(UTC) + timedelta(seconds=duration(option, text))
        except OverflowError:
            raise Misused(f"{option}: {text!r} is too far away") from None
        return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if not _is_instant(text):
        raise Misused(
            f"{option}: {text!r} is neither a duration (30d) nor an instant with its offset "
            "(2027-01-31T12:00:00Z)"
        )
    return text.strip()


def instant(option: str, text: str) -> str:
    """RFC 3339 with its offset. Raises ``Misused``."""
    if not _is_instant(text):
        raise Misused(f"{option}: {text!r} is no instant with its offset (2027-01-31T12:00:00Z)")
    return text.strip()


def _is_instant(text: str) -> bool:
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return given.tzinfo is not None


def finite(option: str, number: float | None) -> float | None:
    """The number; JSON has no way to send NaN or an infinity."""
    if number is not None and not math.isfinite(number):
        raise Misused(f"{option}: must be a finite number")
    return number
