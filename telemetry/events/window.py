"""The newest events, bounded in number and in bytes; every stream is a position in it. Pure.

Not safe for threads: the broadcaster holds its lock around every call.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from telemetry.events.groups import Given, Group, Mark
from telemetry.events.prefixes import selects

ERASURES_KEPT = 4096
# So many groups that have left are cut off at once: to move all others costs little, and to keep
# more of those that left would be a second window before long.
CUT_AT = 256


class Window:
    """Groups in order. ``floor`` is the place before the first event: its number and mark.

    What comes after the floor is all here; what came before has left, or was never known.
    """

    def __init__(self, events: int, size: int, label: str, mark: Mark) -> None:
        self._max_events = events
        self._max_weight = size
        self._groups: list[Group] = []
        self._head = 0  # groups before it have left; the list is cut now and then
        self._weight = 0
        self.last = 0
        self.label = label
        self.floor: tuple[int, Mark] = (0, mark)
        self._erased: dict[tuple[str, str], str] = {}

    def append(self, group: Group, mark: Mark | None = None) -> None:
        """Take the group in behind all others, and let go of the oldest past the bounds."""
        if self._erased and self._came_late(group):
            group.erase()
        number = self.last + 1
        group.place(number, self.label, (number,) if mark is None else mark)
        self.last += group.count
        self._groups.append(group)
        self._weight += group.weight
        self._trim()

    def clear(self, label: str, mark: Mark) -> None:
        """Let go of everything. The break takes a number, so that every reader is before it.

        Not the first time that there is a label: then there was nothing to break off.
        """
        for group in self._all():
            group.let_go()
        self._groups, self._head, self._weight = [], 0, 0
        if self.label:
            self.last += 1
        self.label = label
        self.floor = (self.last, mark)

    def forget_feedback(self, persona_id: str, actor: str | None, until: str = "") -> None:
        """Empty the persona's feedback events, those of one actor or all; numbers stay taken.

        What was given up to ``until`` is emptied also when it comes later, as from a node that was
        cut off at the time.
        """
        for group in self._all():
            if group.persona_id == persona_id and actor in (None, group.actor):
                self._weight -= group.erase()
        if until:
            whose = persona_id, actor or ""
            until = max(until, self._erased.pop(whose, ""))
            self._erased[whose] = until  # the newest stands last
            if len(self._erased) > ERASURES_KEPT:
                del self._erased[next(iter(self._erased))]

    def _came_late(self, group: Group) -> bool:
        content = group.content
        return isinstance(content, Given) and any(
            content.time <= self._erased.get((content.persona_id, actor), "")
            for actor in ("", content.actor)
        )

    @property
    def oldest(self) -> int:
        """The number of the oldest event, or the next number when there is none."""
        return self._groups[self._head].first if self._head < len(self._groups) else self.last + 1

    def event_id(self, number: int) -> str:
        """The id of an event in the window, or of the place before the first."""
        if number <= self.floor[0]:
            return "-".join((self.label, *map(str, self.floor[1])))
        return self._groups[self._index(number)].event_id(number)

    def number_of(self, mark: Mark) -> int | None:
        """The number of the event with that mark, of the floor, or None for any other."""
        if mark == self.floor[1]:
            return self.floor[0]
        found = bisect_right(self._groups, mark, lo=self._head, key=lambda one: one.mark) - 1
        if found < self._head:
            return None
        group = self._groups[found]
        number = group.base + mark[-1] - group.mark[-1]
        known = group.mark[:-1] == mark[:-1] and group.first <= number <= group.last
        return number if known else None

    @property
    def end(self) -> Mark:
        """The mark of the newest event, or of the floor."""
        if self._head == len(self._groups):
            return self.floor[1]
        group = self._groups[-1]
        return (*group.mark[:-1], group.mark[-1] + group.count - 1)

    @property
    def oldest_mark(self) -> Mark:
        """The mark of the oldest group, or of the floor."""
        return self._groups[self._head].mark if self._head < len(self._groups) else self.floor[1]

    def before_newest(self, count: int, prefixes: Sequence[str]) -> tuple[int, int]:
        """The position before the newest ``count`` events that ``prefixes`` select, and how many."""
        found, position = 0, self.last
        for group in reversed(self._groups[self._head :]):
            if found == count:
                break
            if not group.erased and selects(prefixes, group.topic, group.aliases):
                taken = min(count - found, group.last - group.first + 1)
                found, position = found + taken, group.last - taken
        return position, found

    def count_after(self, position: int, prefixes: Sequence[str]) -> int:
        """How many events after ``position`` are selected by ``prefixes``."""
        return sum(
            group.last - max(position, group.first - 1)
            for group in self._groups[self._index(position + 1) :]
            if not group.erased and selects(prefixes, group.topic, group.aliases)
        )

    def after(self, position: int, limit: int) -> Iterator[tuple[Group, int, int]]:
        """Up to ``limit`` events after ``position``: groups, each with first and past-last number."""
        index = self._index(position + 1)
        while limit > 0 and index < len(self._groups):
            group = self._groups[index]
            begin = max(position + 1, group.first)
            end = min(group.last + 1, begin + limit)
            yield group, begin, end
            limit -= end - begin
            index += 1

    def _index(self, number: int) -> int:
        """Where the group is that holds the number; past the last for a number to come."""
        if number > self.last:
            return len(self._groups)
        return bisect_left(self._groups, number, lo=self._head, key=lambda one: one.last)

    def _all(self) -> Iterator[Group]:
        return (self._groups[index] for index in range(self._head, len(self._groups)))

    def _trim(self) -> None:
        while self.last - self.oldest + 1 > self._max_events or self._weight > self._max_weight:
            group = self._groups[self._head]
            surplus = self.last - group.first + 1 - self._max_events
            left = group.last - group.first + 1
            if self._weight > self._max_weight or surplus >= left:
                surplus = left
            lighter = group.weight * surplus // left
            group.first += surplus
            group.weight -= lighter
            self._weight -= lighter
            self._let_go(group)
        if self._head >= CUT_AT:
            del self._groups[: self._head]
            self._head = 0

    def _let_go(self, group: Group) -> None:
        gone = group.first - 1
        self.floor = (gone, (*group.mark[:-1], group.mark[-1] + gone - group.base))
        if group.first > group.last:
            group.let_go()
            self._head += 1
            self._weight -= group.weight
