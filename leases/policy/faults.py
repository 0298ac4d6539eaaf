"""What is wrong with a policy, and where: source, line and column (contract §6). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from leases.errors import Fault, InvalidInput


@dataclass(frozen=True, slots=True)
class PolicyFault(Fault):
    """One fault. ``pointer`` leads into the policy file, ``source`` names the file it lies in.

    ``line`` and ``column`` count from 1, in characters; 0 where the file could not be read.
    """

    source: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        return f"{place}: {self.message}"


class InvalidPolicy(InvalidInput):
    """The policy cannot be taken; ``errors`` are ``PolicyFault``s. What was in force stays."""

    title = "Invalid Policy"
    code = "invalid_policy"


def invalid(faults: list[PolicyFault]) -> InvalidPolicy:
    """The error that tells ``faults``; its detail is one line and names the first."""
    detail = " ".join(str(faults[0]).split())
    if len(faults) > 1:
        detail += f" (and {len(faults) - 1} more)"
    return InvalidPolicy(detail, errors=faults)
