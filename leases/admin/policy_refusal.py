"""What is wrong with a policy that was refused: the place, the sentence, the lines around it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from leases.errors import DomainError
from leases.page_errors import sentence
from leases.policy.faults import PolicyFault

AROUND = 2
WIDEST, LARGEST = 400, 1_000_000


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """One line of what was refused; ``before`` is what leads to the column of the fault."""

    number: int
    text: str
    is_refused: bool
    before: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One fault. ``line`` and ``column`` count from 1; 0 where none is known."""

    message: str
    source: str = ""
    line: int = 0
    column: int = 0
    pointer: str = ""
    excerpt: tuple[RefusedLine, ...] = ()


def refusals_of(error: DomainError, *, policy_file: str) -> list[Refusal]:
    """The faults that ``error`` names, each with the lines of its file around it.

    The file is read again for that; where it cannot be, or has changed, the lines are left out.
    """
    return [
        _refusal(fault, policy_file)
        if isinstance(fault, PolicyFault)
        else Refusal(fault.message, pointer=fault.pointer)
        for fault in error.errors
    ] or [Refusal(sentence(error))]


def _refusal(fault: PolicyFault, policy_file: str) -> Refusal:
    lines = _lines_of(fault.source, policy_file) if fault.line else []
    return Refusal(
        fault.message,
        Path(fault.source).name,
        fault.line,
        fault.column,
        fault.pointer,
        _excerpt(lines, fault.line, fault.column),
    )


def _lines_of(source: str, policy_file: str) -> list[str]:
    if not policy_file:
        return []
    place = Path(policy_file).parent / source
    try:
        if place.stat().st_size > LARGEST:
            return []
        return place.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _excerpt(lines: list[str], line: int, column: int) -> tuple[RefusedLine, ...]:
    if not 1 <= line <= len(lines):
        return ()
    first, last = max(1, line - AROUND), min(len(lines), line + AROUND)
    return tuple(
        RefusedLine(
            number,
            lines[number - 1][:WIDEST],
            number == line,
            lines[line - 1][: column - 1],
        )
        for number in range(first, last + 1)
    )
