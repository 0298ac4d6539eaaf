"""One of Cedar's inputs together with the place it is written at. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leases.policy.faults import PolicyFault
from leases.policy.positions import Place, Positions, place_at


@dataclass(frozen=True, slots=True)
class Written:
    """A value, given inside the policy file or in a file of its own.

    ``positions`` are those of the JSON text that holds it, at ``root``; None where the value is
    the whole text of a file that is no JSON.
    """

    pointer: str
    value: Any
    source: str
    text: str
    positions: Positions | None
    root: str = ""

    @classmethod
    def inline(cls, pointer: str, value: Any, positions: Positions, source: str) -> Written:
        """A value inside the policy file, at ``pointer``."""
        return cls(pointer, value, source, positions.text, positions, root=pointer)

    def place_of(self, offset: int) -> Place:
        """Where character ``offset`` of a text value is."""
        if self.positions is None:
            return place_at(self.text, offset)
        return self.positions.inside(self.root, offset)

    def fault_in_text(self, offset: int, message: str, code: str) -> PolicyFault:
        """A fault at character ``offset`` of a text value."""
        return PolicyFault(self.pointer, message, code, self.source, *self.place_of(offset))

    def fault_at(self, below: str, message: str, code: str) -> PolicyFault:
        """A fault at the member ``below`` (a pointer) of a JSON value."""
        place = self.positions.of(self.root + below) if self.positions else (1, 1)
        # The pointer leads into the policy file, so it ends where that refers to another one.
        pointer = self.pointer + below if self.root else self.pointer
        return PolicyFault(pointer, message, code, self.source, *place)


def read_written(pointer: str, text: str, source: str) -> Written:
    """The text of a file of its own, referred to at ``pointer``."""
    return Written(pointer, text, source, text, None)
