"""Strict JSON: what RFC 8785 and PostgreSQL cannot hold is refused at the door (contract §2).

Refused are: bytes that are not UTF-8, a byte order mark, syntax errors, duplicate keys, NaN and
infinities, numbers beyond ±(2^53 - 1), U+0000 and lone surrogates, and nesting beyond a limit.
Every fault carries the RFC 6901 pointer of the place where it was found.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn, TypeAlias

from leases.errors import Fault

MAX_SAFE_INTEGER = 2**53 - 1
MAX_FAULTS = 20
MAX_DEPTH = 64

# The quantifiers are possessive: an unterminated string costs one pass, not a pass for each quote.
_BRACKETS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)
_BAD_CHARACTERS = re.compile("[\x00\ud800-\udfff]")
_LONGEST_SAFE_INTEGER = 17  # characters, with the sign

# A place in the document as a chain of (parent, token): pointers are only built for faults.
_Place: TypeAlias = tuple[Any, str | int] | None


class StrictJSONError(ValueError):
    """The text or value is not acceptable JSON; ``faults`` lists at most 20 reasons.

    ``place`` is the line and column, from 1, where text stopped being JSON; else None.
    """

    def __init__(self, faults: list[Fault], place: tuple[int, int] | None = None) -> None:
        self.faults = faults
        self.place = place
        super().__init__("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults[:3]))


class _Planted:
    """Stands in the parsed value where the parser met something refused."""

    __slots__ = ("code", "message", "names", "value")

    def __init__(self, code: str, message: str, value: Any = None, names: tuple[str, ...] = ()):
        self.code = code
        self.message = message
        self.value = value
        self.names = names


class _Hooks:
    """The parser's hooks; ``planted`` tells whether any of them refused something."""

    def __init__(self) -> None:
        self.planted = False

    def plant(self, code: str, message: str) -> _Planted:
        self.planted = True
        return _Planted(code, message)

    def constant(self, name: str) -> _Planted:
        return self.plant("not_finite", f"{name} is not a JSON number")

    def integer(self, digits: str) -> Any:
        if len(digits) <= _LONGEST_SAFE_INTEGER:
            number = int(digits)
            if -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER:
                return number
        return self.plant("number_out_of_range", "integers must lie within ±(2^53 - 1)")

    def real(self, digits: str) -> Any:
        number = float(digits)
        fault = _number_fault(number)
        return self.plant(*fault) if fault else number

    def members(self, pairs: list[tuple[str, Any]]) -> Any:
        record = dict(pairs)
        if len(record) == len(pairs):
            return record
        self.planted = True
        times = Counter(name for name, _ in pairs)
        names = tuple(name for name, count in times.items() if count > 1)
        return _Planted("duplicate_key", "the key occurs more than once", record, names)


def loads(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> Any:
    """Parse ``data``; raise :class:`StrictJSONError` with every fault found (contract §2).

    ``max_depth`` counts nested arrays and objects (a scalar has depth 0, ``{}`` depth 1). Time and
    memory are linear in the input, whatever its nesting.
    """
    text = _decode(data)
    _check_nesting(text, max_depth)
    hooks = _Hooks()
    try:
        value = json.loads(
            text,
            object_pairs_hook=hooks.members,
            parse_float=hooks.real,
            parse_int=hooks.integer,
            parse_constant=hooks.constant,
        )
    except json.JSONDecodeError as error:
        message = f"{error.msg} at line {error.lineno}, column {error.colno}"
        place = error.lineno, error.colno
        raise StrictJSONError([Fault("", message, "syntax")], place) from None
    # Escapes are the only way in for U+0000 and surrogates: without one there is nothing to find.
    if hooks.planted or "\\u" in text:
        _raise_any(_walk(value, max_depth))
    return value


def check(value: Any, *, max_depth: int = MAX_DEPTH) -> None:
    """Hold an already parsed value to the rules of :func:`loads` (duplicates cannot be seen).

    Raises :class:`StrictJSONError`; also for values that are no JSON at all, such as a set.
    """
    _raise_any(_walk(value, max_depth))


def _decode(data: bytes | str) -> str:
    try:
        text = data.decode() if isinstance(data, bytes | bytearray) else data
    except UnicodeDecodeError as error:
        _refuse("", f"not valid UTF-8 at byte {error.start}", "invalid_utf8")
    if text.startswith("\ufeff"):
        _refuse("", "must not begin with a byte order mark", "byte_order_mark")
    if not isinstance(data, bytes | bytearray):
        raw = re.search("[\ud800-\udfff]", text)
        if raw:
            _refuse("", f"lone surrogate at character {raw.start()}", "invalid_character")
    return text


def _check_nesting(text: str, max_depth: int) -> None:
    if text.count("[") + text.count("{") <= max_depth:
        return
    depth = 0
    for match in _BRACKETS.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > max_depth:
                _refuse("", f"nested deeper than {max_depth} levels", "too_deep")
        elif mark in "]}":
            depth -= 1


def _number_fault(number: float) -> tuple[str, str] | None:
    if not math.isfinite(number):
        return "not_finite", "the number is not finite"
    # Every double beyond 2^53 is an integer, and RFC 8785 and PostgreSQL write it as one.
    if not -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER:
        return "number_out_of_range", "numbers must lie within ±(2^53 - 1)"
    return None


def _walk(value: Any, max_depth: int) -> Iterator[Fault]:
    stack: list[tuple[Any, _Place, int]] = [(value, None, 0)]
    while stack:
        item, place, depth = stack.pop()
        if isinstance(item, _Planted):
            yield from _planted_faults(item, place)
            item = item.value
        if isinstance(item, dict | list):
            if depth >= max_depth:
                yield Fault(_pointer(place), f"nested deeper than {max_depth} levels", "too_deep")
                continue
            yield from _key_faults(item, place)
            members = item.items() if isinstance(item, dict) else enumerate(item)
            children = [(child, (place, key), depth + 1) for key, child in members]
            stack.extend(reversed(children))
        else:
            fault = _scalar_fault(item)
            if fault:
                yield Fault(_pointer(place), fault[1], fault[0])


def _planted_faults(planted: _Planted, place: _Place) -> Iterator[Fault]:
    if not planted.names:
        yield Fault(_pointer(place), planted.message, planted.code)
    for name in planted.names:
        yield Fault(_pointer((place, name)), planted.message, planted.code)


def _key_faults(item: dict[Any, Any] | list[Any], place: _Place) -> Iterator[Fault]:
    if isinstance(item, list):
        return
    for key in item:
        if not isinstance(key, str):
            yield Fault(_pointer(place), "object keys must be strings", "invalid_key")
        elif _BAD_CHARACTERS.search(key):
            message = "keys must not hold U+0000 or lone surrogates"
            yield Fault(_pointer((place, key)), message, "invalid_character")


def _scalar_fault(item: Any) -> tuple[str, str] | None:
    if isinstance(item, str):
        if _BAD_CHARACTERS.search(item):
            return "invalid_character", "strings must not hold U+0000 or lone surrogates"
        return None
    if item is None or isinstance(item, bool | _Planted):
        return None
    if isinstance(item, int):
        if -MAX_SAFE_INTEGER <= item <= MAX_SAFE_INTEGER:
            return None
        return "number_out_of_range", "integers must lie within ±(2^53 - 1)"
    if isinstance(item, float):
        return _number_fault(item)
    return "not_json", f"{type(item).__name__} is no JSON type"


def _pointer(place: _Place) -> str:
    tokens: list[str] = []
    while place is not None:
        place, token = place[0], str(place[1])
        # The pointer is sent to people and to databases, so it names what it cannot hold.
        token = _BAD_CHARACTERS.sub("\ufffd", token)
        tokens.append(token.replace("~", "~0").replace("/", "~1"))
    return "".join("/" + token for token in reversed(tokens))


def _raise_any(faults: Iterator[Fault]) -> None:
    found = [fault for fault, _ in zip(faults, range(MAX_FAULTS), strict=False)]
    if found:
        raise StrictJSONError(found)


def _refuse(pointer: str, message: str, code: str) -> NoReturn:
    raise StrictJSONError([Fault(pointer, message, code)])
