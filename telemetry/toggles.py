"""The consent switch: what a client sends, and the operations that it means (contract §7). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from leases.errors import Fault
from personas.documents.canonical import Op, json_equal
from personas.documents.consent import consent_of
from telemetry.errors import InvalidConsent

SCOPE_MAX = 128
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PLACES = ("/preferences", "/preferences/telemetry", "/preferences/telemetry/vibe")


@dataclass(frozen=True, slots=True)
class Toggle:
    """What is asked for. ``scope`` None keeps the scope that the record names."""

    enabled: bool
    scope: str | None = None

    def check(self) -> None:
        """Raise ``InvalidConsent`` unless the scope can be one."""
        if self.scope is not None and (fault := _scope_fault(self.scope)):
            raise InvalidConsent(fault.message, errors=[fault])


def consent_ops(document: dict[str, Any], toggle: Toggle) -> list[Op]:
    """The operations that make ``document`` say what ``toggle`` asks for; none if it does already.

    Parents that are missing are created. A grant writes the scope down, a withdrawal leaves it as
    it is. Raises ``InvalidConsent`` where something else stands in the place of consent.
    """
    now = consent_of(document)
    scope = toggle.scope or now.scope
    if now.enabled == toggle.enabled and now.scope == scope:
        return []
    wanted: dict[str, Any] = {"enabled": toggle.enabled}
    if toggle.enabled or toggle.scope:
        wanted["scope"] = scope
    parents = _parents(document)
    if len(parents) == len(_PLACES):
        vibe = parents[-1]
        return [
            {"op": "add", "path": f"{_PLACES[-1]}/{key}", "value": value}
            for key, value in wanted.items()
            if key not in vibe or not json_equal(vibe[key], value)
        ]
    value = {"vibe": wanted} if len(parents) == 1 else wanted
    return [{"op": "add", "path": _PLACES[len(parents)], "value": value}]


def _parents(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects on the way to the consent, as far as they exist."""
    found: list[dict[str, Any]] = []
    at: Any = document
    for place in _PLACES:
        name = place.rpartition("/")[2]
        if name not in at:
            return found
        at = at[name]
        if not isinstance(at, dict):
            message = f"{place} of the record is no object and cannot hold consent; change it first"
            raise InvalidConsent(message, errors=[Fault("", message, "not_an_object")])
        found.append(at)
    return found


def _scope_fault(scope: str) -> Fault | None:
    if not scope.strip():
        return Fault("/scope", "scope must not be empty", "empty")
    if len(scope) > SCOPE_MAX:
        return Fault("/scope", f"scope has at most {SCOPE_MAX} characters", "too_long")
    if _CONTROL.search(scope):
        return Fault("/scope", "scope must not hold control characters", "invalid_character")
    return None
