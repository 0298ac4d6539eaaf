"""What the commands print: results on stdout, remarks on stderr."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from arw_site.cli.failures import OutputClosed

# Names and notes are other people's text. Shown as it is, an escape sequence in one could repaint
# the terminal, and a direction override could make one path look like another.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """The text with control characters spelled out; new lines and tabs stay."""
    return _UNSAFE.sub(_spelled, text)


def one_line(value: Any) -> str:
    """A value for a table cell or the end of a line: text as it is, anything else as JSON."""
    if value is None:
        return "-"
    text = value if isinstance(value, str) else compact(value)
    return plain(text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t"))


def compact(value: Any) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def say(*lines: str) -> None:
    """Lines of the result."""
    _write(sys.stdout, lines)


def remark(*lines: str) -> None:
    """Lines beside the result: notices, warnings, failures."""
    _write(sys.stderr, lines)


def document(text: str, *, pretty: bool) -> None:
    """A JSON document exactly as the server sent it, or indented."""
    if pretty:
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    if text:
        # Whatever reads this parses it: JSON spells control characters out by itself.
        _write(sys.stdout, [text], safe=True)


def indented(value: Any, by: str = "  ") -> list[str]:
    """A JSON value over several lines."""
    lines = json.dumps(value, ensure_ascii=False, indent=2).splitlines()
    return [by + plain(line) for line in lines]


def facts(pairs: Iterable[tuple[str, Any]]) -> list[str]:
    """``name  value`` lines with the values in one column."""
    known = [(name, one_line(value)) for name, value in pairs]
    width = max((len(name) for name, _ in known), default=0)
    return [f"{name:<{width}}  {value}" for name, value in known]


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """Rows under headings: drawn by rich on a terminal, aligned text in a pipe."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    if not cells:
        remark(empty)
    elif sys.stdout.isatty():
        _drawn(headings, cells)
    else:
        lines = [list(headings), *cells]
        widths = [max(len(line[at]) for line in lines) for at in range(len(headings))]
        for line in lines:
            say(
                "  ".join(
                    cell.ljust(width) for cell, width in zip(line, widths, strict=True)
                ).rstrip()
            )


def _drawn(headings: Sequence[str], cells: list[list[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawing = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        drawing.add_column(heading, overflow="fold")
    for row in cells:
        drawing.add_row(*(Text(cell) for cell in row))  # Text: no markup in other people's words
    try:
        Console().print(drawing)
    except BrokenPipeError:
        raise OutputClosed from None


def _write(stream: TextIO | None, lines: Iterable[str], *, safe: bool = False) -> None:
    if stream is None:  # closed before the start, as by `>&-`
        return
    try:
        for line in lines:
            stream.write((line if safe else plain(line)) + "\n")
        stream.flush()
    except BrokenPipeError:
        raise OutputClosed from None


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
