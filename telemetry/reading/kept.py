"""A bounded memory of what was rendered. Pure; for one thread."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Name = TypeVar("Name")
Value = TypeVar("Value")


class Kept(Generic[Name, Value]):
    """Values by name, as many as weigh ``most`` together; what was used longest ago goes first.

    A value that weighs more than an eighth of that by itself is not kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._values: OrderedDict[Name, tuple[Value, int]] = OrderedDict()

    def get(self, name: Name) -> Value | None:
        """The value, or None when it is not kept."""
        found = self._values.get(name)
        if found is None:
            return None
        self._values.move_to_end(name)
        return found[0]

    def put(self, name: Name, value: Value, weight: int) -> None:
        """Keep the value in place of what had its name."""
        before = self._values.pop(name, None)
        if before is not None:
            self._weight -= before[1]
        if weight > self._most // 8:
            return
        self._values[name] = value, weight
        self._weight += weight
        while self._weight > self._most:
            _, (_, lighter) = self._values.popitem(last=False)
            self._weight -= lighter

    @property
    def weight(self) -> int:
        """What all that is kept weighs."""
        return self._weight
