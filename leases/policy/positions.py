"""Lines and columns of the values of a JSON text. Pure.

Works on text that ``json.loads`` accepts, also where keys are given twice: the last one counts.
"""

from __future__ import annotations

import json
import re

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"[^\s,\]}]+")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.S)
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|u[0-9a-fA-F]{4}|.)|.", re.S
)

Place = tuple[int, int]


def place_at(text: str, offset: int) -> Place:
    """Line and column of a character, from 1."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


class Positions:
    """Where each value of ``text`` begins and ends, by its RFC 6901 pointer."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._keys: dict[str, int] = {}
        self._spans: dict[str, tuple[int, int]] = {}
        self._value("", self._skip(0))

    def of(self, pointer: str) -> Place:
        """Where the value begins; of one that is missing, where its nearest parent does."""
        return place_at(self.text, self._nearest(pointer)[0])

    def of_key(self, pointer: str) -> Place:
        """Where the name of the member begins; of anything else, as ``of``."""
        if pointer in self._keys:
            return place_at(self.text, self._keys[pointer])
        return self.of(pointer)

    def raw(self, pointer: str) -> str:
        """The value as it is written."""
        start, end = self._spans[pointer]
        return self.text[start:end]

    def inside(self, pointer: str, offset: int) -> Place:
        """The place of character ``offset`` of a string value, counted after unescaping."""
        start, end = self._spans[pointer]
        at = start + 1
        for match in _ESCAPE.finditer(self.text, at, end - 1):
            if offset <= 0:
                break
            offset -= 1
            at = match.end()
        return place_at(self.text, at)

    def within(self, pointer: str, line: int, column: int) -> Place:
        """The place of line and column of the value's own raw text."""
        first_line, first_column = self.of(pointer)
        return first_line + line - 1, column + (first_column - 1 if line == 1 else 0)

    def _nearest(self, pointer: str) -> tuple[int, int]:
        while pointer not in self._spans:
            pointer = pointer.rpartition("/")[0]
        return self._spans[pointer]

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def _value(self, pointer: str, at: int) -> int:
        mark = self.text[at]
        if mark == "{":
            end = self._object(pointer, at)
        elif mark == "[":
            end = self._array(pointer, at)
        elif mark == '"':
            end = self._string(at)
        else:
            match = _SCALAR.match(self.text, at)
            end = match.end() if match else at + 1
        self._spans[pointer] = (at, end)
        return end

    def _string(self, at: int) -> int:
        match = _STRING.match(self.text, at)
        return match.end() if match else len(self.text)

    def _object(self, pointer: str, at: int) -> int:
        at = self._skip(at + 1)
        while self.text[at] != "}":
            end = self._string(at)
            name = json.loads(self.text[at:end], strict=False)
            member = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            self._keys[member] = at
            at = self._skip(self._value(member, self._skip(self._skip(end) + 1)))
            if self.text[at] == ",":
                at = self._skip(at + 1)
        return at + 1

    def _array(self, pointer: str, at: int) -> int:
        at, index = self._skip(at + 1), 0
        while self.text[at] != "]":
            at = self._skip(self._value(f"{pointer}/{index}", at))
            index += 1
            if self.text[at] == ",":
                at = self._skip(at + 1)
        return at + 1
