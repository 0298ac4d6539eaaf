"""Walks a JSON value and replaces what must not be stored."""

import re
from collections.abc import Iterable
from typing import Any

from telemetry.redaction.cleaning import clean, fold
from telemetry.redaction.detection import holds_secret
from telemetry.redaction.key_names import NameKind, is_harmless, name_kind
from telemetry.redaction.policy import EVENT_POLICY, REDACTED, TRUNCATED, Policy, Sanitized
from telemetry.redaction.remembered import (
    LONGEST,
    NAME_NAMES,
    harmless,
    plain_names,
    remember,
    remember_names,
)

# A token may straddle the end of what is kept; this much beyond it is searched too.
_OVERLAP = 512
_PLAIN = NameKind.PLAIN
# What this module writes itself, with the number of a key that would be there twice.
_is_marked = re.compile(r"(?:\.\.\.\[truncated\]|\[redacted\])(?:#\d{1,6})?\Z").search
_MARK_LENGTH = len(TRUNCATED) + 7


def sanitize(value: Any, policy: Policy = EVENT_POLICY) -> Sanitized:
    """The JSON value without secrets, personal data and invisible characters.

    A string in which anything is found becomes `[redacted]` as a whole, and so does what stands
    under a name such as `password`. Numbers, booleans and null pass, unless they are card numbers.
    Keys are sanitized too; keys that become equal are told apart by `#2`, `#3`. Never raises on
    JSON; other types become their text. Doing it twice changes nothing (spec 002, contract
    sections 7 and 9).
    """
    if isinstance(value, str):
        return sanitize_text(value, policy)
    walk = _Walk(policy)
    result = walk.value(value, NameKind.PLAIN, 0)
    return Sanitized(result, walk.redacted, walk.truncated)


def sanitize_text(text: str, policy: Policy = EVENT_POLICY) -> Sanitized:
    """One string, sanitized; `value` is a string."""
    if is_safe_text(text, policy):
        return Sanitized(text)
    walk = _Walk(policy)
    return Sanitized(walk.text(text, NameKind.PLAIN), walk.redacted, walk.truncated)


def is_safe_text(text: str, policy: Policy = EVENT_POLICY) -> bool:
    """Whether the text may be kept as it is, which takes no more than one look; else sanitize it."""
    return _is_plain(text, policy) and not holds_secret(text)


def _is_plain(text: str, policy: Policy) -> bool:
    """Whether a text is within every bound and nothing is to be cleaned away."""
    return (
        text.isascii()
        and text.isprintable()
        and len(text) <= policy.max_scan
        and (policy.max_string is None or len(text) <= policy.max_string)
        and text == text.strip()
    )


_NUMBERS = (int, float)
_CONTAINERS = (dict, list, tuple)


class _Walk:
    """One pass over one value: its budget and its counts."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.redacted = 0
        self.truncated = 0
        self._characters = policy.max_total
        self._items = policy.max_items
        longest = policy.max_scan if policy.max_string is None else policy.max_string
        self._remembers = min(longest, policy.max_scan) >= LONGEST

    def value(self, value: Any, kind: NameKind, depth: int) -> Any:
        if isinstance(value, str):
            return self.text(value, kind)
        if value is None or value is True or value is False:
            return value
        if isinstance(value, _NUMBERS):
            return self._number(value, kind)
        if isinstance(value, _CONTAINERS):
            if depth >= self.policy.max_depth:
                self.truncated += 1
                return TRUNCATED
            if isinstance(value, dict):
                return self._object(value, kind, depth)
            return self._list(value, kind, depth)
        return self.text(str(value), kind)

    def text(self, text: str, kind: NameKind) -> str:
        if kind is _PLAIN and len(text) <= self._characters:
            if self._remembers and text in harmless:
                self._characters -= len(text)
                return text
            if not _is_plain(text, self.policy):
                return self._cleaned(text, kind)
            self._characters -= len(text)
            if not holds_secret(text):
                remember(text)
                return text
            self.redacted += text != REDACTED
            return REDACTED
        return self._cleaned(text, kind)

    def _cleaned(self, text: str, kind: NameKind) -> str:
        bounded = self._bounded(text)
        cleaned = clean(bounded, keep_layout=self.policy.keep_layout)
        if self._is_secret(bounded, cleaned, kind):
            self.redacted += 1
            return REDACTED
        return self._shortened(cleaned, kind, cut=len(bounded) < len(text))

    def _bounded(self, text: str) -> str:
        """The part of the text that is searched."""
        limit = min(self.policy.max_scan, self._characters)
        bounded = text[:limit]
        self._characters -= len(bounded)
        return bounded

    def _is_secret(self, raw: str, cleaned: str, kind: NameKind) -> bool:
        if cleaned in {"", REDACTED, TRUNCATED}:
            return False
        if _is_secret_under(cleaned, kind):
            return True
        is_digest = kind is NameKind.DIGEST
        if holds_secret(cleaned, is_digest=is_digest):
            return True
        return cleaned != raw.strip() and holds_secret(raw, is_digest=is_digest)

    def _shortened(self, text: str, kind: NameKind, *, cut: bool) -> str:
        limit = self.policy.max_string
        if limit is None:
            limit = max(self.policy.max_scan - _OVERLAP, 0)
        if not cut and len(text) <= limit:
            return text
        if not cut and len(text) <= limit + _MARK_LENGTH and _is_marked(text):
            return text
        self.truncated += 1
        shortened = text[: min(limit, max(len(text) - _OVERLAP, 0)) if cut else limit].rstrip()
        if self._is_secret(shortened, shortened, kind):
            self.redacted += 1
            return REDACTED
        return shortened + TRUNCATED

    def _number(self, value: float, kind: NameKind) -> Any:
        if kind in {NameKind.SECRET, NameKind.DIGITS} or _is_card(value):
            self.redacted += 1
            return REDACTED
        return value

    def _list(self, values: Iterable[Any], kind: NameKind, depth: int) -> list[Any]:
        items = [self.value(item, kind, depth + 1) for item in self._affordable(list(values))]
        if kind is _PLAIN and len(items) == 2 and _is_text(items[0]) and _is_text(items[1]):
            from telemetry.redaction.split_lists import named_value

            index = named_value(items)
            if index is not None:
                self.redacted += 1
                items[index] = REDACTED
        for index in _pieces(items):
            self.redacted += 1
            items[index] = REDACTED
        return items

    def _affordable(self, entries: list[Any]) -> list[Any]:
        taken = entries[: max(self._items, 0)]
        self.truncated += len(entries) - len(taken)
        self._items -= len(taken)
        return taken

    def _object(self, values: dict[Any, Any], kind: NameKind, depth: int) -> dict[str, Any]:
        names = tuple(values)
        known = plain_names.get(names) if kind is _PLAIN and self._remembers else None
        if known is not None and known <= self._characters and len(values) <= self._items:
            self._characters -= known
            self._items -= len(values)
            result = {key: self.value(item, _PLAIN, depth + 1) for key, item in values.items()}
        else:
            result = self._object_by_name(values, kind, depth)
            if result.keys() == values.keys():
                remember_names(names)
        if len(result) > 1:
            for index in _pieces(list(result.values())):
                self.redacted += 1
                result[list(result)[index]] = REDACTED
        return result

    def _object_by_name(self, values: dict[Any, Any], kind: NameKind, depth: int) -> dict[str, Any]:
        entries = self._affordable(list(values.items()))
        keys = self._keys([str(key) for key, _ in entries])
        named = _names_secret(values)
        result = {}
        for (original, item), key in zip(entries, keys, strict=True):
            own = _kind_under(kind, str(original), key)
            if named and str(original).lower() in _VALUE_NAMES:
                own = NameKind.SECRET
            result[key] = self.value(item, own, depth + 1)
        return result

    def _keys(self, keys: list[str]) -> list[str]:
        """The sanitized keys, all different; those that needed no change keep their place."""
        safe = [self.text(key, _PLAIN) for key in keys]
        if safe == keys:
            return keys
        taken = {new for old, new in zip(keys, safe, strict=True) if old == new}
        counts: dict[str, int] = {}
        result = []
        for old, new in zip(keys, safe, strict=True):
            unique = new
            while old != new and unique in taken:
                counts[new] = counts.get(new, 1) + 1
                unique = f"{new}#{counts[new]}"
            taken.add(unique)
            result.append(unique)
        return result


_VALUE_NAMES = frozenset({"value", "val", "content", "data", "default", "values"})


def _names_secret(values: dict[Any, Any]) -> bool:
    """Whether an object names a secret and gives it beside: {"name": "API_KEY", "value": …}."""
    if NAME_NAMES.isdisjoint(values):
        return False
    labels = (values[name] for name in NAME_NAMES if name in values)
    return any(isinstance(it, str) and name_kind(it) is NameKind.SECRET for it in labels)


_HOLDING = frozenset({NameKind.SECRET, NameKind.SECRET_OR_COUNT, NameKind.DIGITS})


def _kind_under(outer: NameKind, original: str, key: str) -> NameKind:
    """The kind of a key; under a secret's name everything is secret but what tells about it."""
    kind = name_kind(key if key.isascii() else fold(key))
    if kind is not NameKind.SECRET and original != key:
        before = name_kind(original if original.isascii() else fold(original))
        kind = before if before in _HOLDING else kind
    return outer if kind is NameKind.PLAIN and outer in _HOLDING else kind


def _is_secret_under(text: str, kind: NameKind) -> bool:
    if kind is NameKind.SECRET:
        return not is_harmless(text)
    if kind is NameKind.SECRET_OR_COUNT:
        return not (is_harmless(text) or text.isdigit())
    if kind is NameKind.DIGITS:
        return len(text) <= 16 and sum(map(str.isdigit, text)) >= 3
    if kind is NameKind.PHONE:
        return 7 <= sum(map(str.isdigit, text)) <= 15 and len(text) <= 24
    return False


def _is_card(value: float) -> bool:
    # A measurement may happen to have a card's digits; nobody writes a card with a decimal point.
    if not isinstance(value, int) or not 10**12 <= abs(value) < 10**19:
        return False
    from telemetry.redaction.numbers import is_card_number

    return is_card_number(str(abs(value)))


def _is_text(item: Any) -> bool:
    return isinstance(item, str) and item not in _NO_PIECES


def _pieces(items: list[Any]) -> list[int]:
    """Indexes of the strings that are harmless by themselves only."""
    texts = [item for item in items if _is_text(item)]
    if len(texts) < 2:
        return []
    from telemetry.redaction.split_lists import is_brief, pieces

    return [] if is_brief(texts) else pieces(items)


_NO_PIECES = frozenset({REDACTED, ""})
