"""Lines in colour on a terminal, and the same lines without it in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Literal

from arw_site.cli.failures import OutputClosed
from arw_site.cli.output import plain, say

Style = Literal["", "added", "removed", "changed", "moved", "word added", "word removed"]
Run = tuple[Style, str]
Line = Sequence[Run]

_COLOURS: dict[Style, str] = {
    "added": "green",
    "removed": "red",
    "changed": "yellow",
    "moved": "cyan",
    "word added": "bold green underline",
    "word removed": "bold red underline",
}


def paint(lines: Iterable[Line]) -> None:
    """Prints the lines. Their signs carry the meaning; the colours repeat it."""
    if not sys.stdout.isatty():
        say(*("".join(text for _, text in line) for line in lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    try:
        for line in lines:
            runs = ((plain(text), _COLOURS.get(style, "")) for style, text in line)
            console.print(Text.assemble(*runs), soft_wrap=True)
    except BrokenPipeError:
        raise OutputClosed from None
