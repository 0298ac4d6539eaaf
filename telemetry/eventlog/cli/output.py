"""What the `runner` command prints: results to stdout, remarks to stderr, nothing that repaints a terminal."""

import json
import sys
from typing import Any, TextIO


class Failure(Exception):
    """Ends the command with a sentence and an exit code: 1 refused or broken, 2 usage."""

    def __init__(self, message: str, *, exit_code: int = 1, code: str = "failed") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.code = code


class OutputClosed(Exception):
    """Nobody reads stdout any more."""


def usage(message: str) -> Failure:
    return Failure(message, exit_code=2, code="usage")


def document(value: Any, *, indent: int | None = None) -> None:
    """One JSON document on stdout."""
    separators = (",", ":") if indent is None else None
    line(json.dumps(value, indent=indent, separators=separators))


def table(rows: list[tuple[str, str]]) -> None:
    """Names and values, aligned."""
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        line(f"{name:<{width}}  {value}")


def line(text: str) -> None:
    _write(sys.stdout, text)


def remark(text: str) -> None:
    _write(sys.stderr, text)


def visible(text: str) -> str:
    """The text with control characters spelled out."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in text
    )


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    try:
        stream.write(visible(text) + "\n")
        if stream is sys.stdout:
            stream.flush()
    except BrokenPipeError:
        raise OutputClosed from None
