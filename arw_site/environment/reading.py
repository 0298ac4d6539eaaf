"""Reading the environment through the table. Pure, but for the files that hold keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arw_site.environment.table import VARIABLES
from arw_site.environment.variable import Variable


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
