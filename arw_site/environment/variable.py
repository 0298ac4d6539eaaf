"""One row of the table of variables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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
