"""Reading a policy file: checked whole, with the place of every fault (contract §6). Pure.

The file is JSON: ``{allow_all?, lease_rules?: [{kind_prefix, capability}], cedar?: {policy |
policy_path, entities? | entities_path?, schema? | schema_path?}}``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from leases.capabilities import capability_fault
from leases.errors import Fault
from leases.policy.faults import InvalidPolicy, PolicyFault, invalid
from leases.policy.positions import Positions
from leases.policy.rules import CedarSources, LeaseRule, PolicyDocument, document_of
from leases.policy.written import Written, read_written
from leases.strict_json import StrictJSONError, loads

__all__ = ["InvalidPolicy", "PolicyDocument", "document_of", "policy_parse"]

MAX_DEPTH = 64
MAX_LEASE_RULES = 1000
_MAX_FAULTS = 20

_MEMBERS: dict[str, tuple[type, str]] = {
    "allow_all": (bool, "true or false"),
    "lease_rules": (list, "an array"),
    "cedar": (dict, "an object"),
}
_CEDAR: dict[str, tuple[tuple[type, ...], str]] = {
    "policy": ((str,), "a string of Cedar policies"),
    "policy_path": ((str,), "the name of a file"),
    "entities": ((list,), "an array of Cedar entities"),
    "entities_path": ((str,), "the name of a file"),
    "schema": ((str, dict), "a Cedar schema, as a string or as an object"),
    "schema_path": ((str,), "the name of a file"),
}


def policy_parse(
    text: str, *, read_file: Callable[[str], str], source: str = "policy"
) -> PolicyDocument:
    """The document that ``text`` means, with what it refers to inlined.

    ``read_file`` gives the text of a ``*_path`` member; it raises OSError or ValueError.
    ``source`` names the file in faults. Raises ``InvalidPolicy`` with a ``PolicyFault`` each.
    """
    value, positions = _parsed(text, source)
    reading = _Reading(value, positions, source, read_file)
    faults = reading.faults()
    if faults:
        raise invalid(faults)
    document = PolicyDocument(
        allow_all=bool(value.get("allow_all")),
        lease_rules=tuple(LeaseRule(**rule) for rule in value.get("lease_rules") or ()),
        cedar=reading.cedar,
    )
    # What is stored must survive RFC 8785: raises for nothing that the checks above let through.
    _ = document.revision
    return document


def json_parsed(text: str, source: str, pointer: str = "") -> tuple[Any, Positions]:
    """The value of a JSON text with its positions; raises ``InvalidPolicy``.

    ``pointer`` is where in the policy file the text is referred to.
    """
    try:
        value = loads(text, max_depth=MAX_DEPTH)
    except StrictJSONError as error:
        raise invalid([*_json_faults(error, text, source, pointer)]) from None
    return value, Positions(text)


def _json_faults(
    error: StrictJSONError, text: str, source: str, pointer: str
) -> Iterator[PolicyFault]:
    try:
        json.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        positions = None
        line = column = 1
    except json.JSONDecodeError as syntax:
        yield PolicyFault(pointer, syntax.msg, "syntax", source, syntax.lineno, syntax.colno)
        return
    else:
        deep = any(fault.code in ("too_deep", "invalid_character") for fault in error.faults)
        positions = None if deep else Positions(text.removeprefix("\ufeff"))
        line = column = 1
    for fault in error.faults:
        if positions is not None:
            line, column = positions.of_key(fault.pointer)
        yield PolicyFault(pointer + fault.pointer, fault.message, fault.code, source, line, column)


def _parsed(text: str, source: str) -> tuple[dict[str, Any], Positions]:
    value, positions = json_parsed(text, source)
    if not isinstance(value, dict):
        place = positions.of("")
        raise invalid([PolicyFault("", "a policy is an object", "wrong_type", source, *place)])
    return value, positions


class _Reading:
    """One policy file under examination. ``cedar`` is set once its block has been read."""

    def __init__(
        self,
        value: dict[str, Any],
        positions: Positions,
        source: str,
        read_file: Callable[[str], str],
    ) -> None:
        self.value = value
        self.positions = positions
        self.source = source
        self.read_file = read_file
        self.cedar: CedarSources | None = None

    def faults(self) -> list[PolicyFault]:
        """At most 20 faults. Cedar is only asked about what is otherwise sound."""
        shape = [*self._shape()]
        if shape:
            return shape[:_MAX_FAULTS]
        if self.value.get("cedar") is None:
            return []
        try:
            return [*self._cedar_faults(self.value["cedar"])][:_MAX_FAULTS]
        except InvalidPolicy as error:
            return [fault for fault in error.errors if isinstance(fault, PolicyFault)]

    def _at(self, fault: Fault, *, key: bool = False) -> PolicyFault:
        place = self.positions.of_key if key else self.positions.of
        where = place(fault.pointer)
        return PolicyFault(fault.pointer, fault.message, fault.code, self.source, *where)

    def _shape(self) -> Iterator[PolicyFault]:
        for name, value in self.value.items():
            if name not in _MEMBERS:
                known = ", ".join(_MEMBERS)
                fault = Fault(
                    _pointer(name), f"unknown member; known are {known}", "unknown_member"
                )
                yield self._at(fault, key=True)
            elif not isinstance(value, _MEMBERS[name][0]) and not (
                value is None and name == "cedar"
            ):
                yield self._at(Fault(f"/{name}", f"must be {_MEMBERS[name][1]}", "wrong_type"))
        if isinstance(self.value.get("lease_rules"), list):
            yield from self._rules(self.value["lease_rules"])
        if isinstance(self.value.get("cedar"), dict):
            yield from self._cedar_shape(self.value["cedar"])

    def _rules(self, rules: list[Any]) -> Iterator[PolicyFault]:
        if len(rules) > MAX_LEASE_RULES:
            message = f"at most {MAX_LEASE_RULES:,} lease rules"
            yield self._at(Fault("/lease_rules", message, "too_many"))
            return
        for index, rule in enumerate(rules):
            yield from self._rule(f"/lease_rules/{index}", rule)

    def _rule(self, pointer: str, rule: Any) -> Iterator[PolicyFault]:
        if not isinstance(rule, dict):
            yield self._at(Fault(pointer, "must be an object", "wrong_type"))
            return
        for name in rule.keys() - {"kind_prefix", "capability"}:
            message = "unknown member; known are kind_prefix, capability"
            yield self._at(Fault(pointer + _pointer(name), message, "unknown_member"), key=True)
        for name in ("kind_prefix", "capability"):
            if name not in rule:
                yield self._at(Fault(f"{pointer}/{name}", f"{name} is missing", "required"))
            elif not isinstance(rule[name], str):
                yield self._at(Fault(f"{pointer}/{name}", "must be a string", "wrong_type"))
        if isinstance(rule.get("capability"), str):
            reason = capability_fault(rule["capability"])
            if reason:
                yield self._at(Fault(f"{pointer}/capability", reason))

    def _cedar_shape(self, cedar: dict[str, Any]) -> Iterator[PolicyFault]:
        if self.value.get("allow_all") is True:
            message = "allow_all and cedar exclude each other: nothing could be permitted further"
            yield self._at(Fault("/allow_all", message, "contradiction"), key=True)
        for name, value in cedar.items():
            pointer = f"/cedar{_pointer(name)}"
            if name not in _CEDAR:
                message = f"unknown member; known are {', '.join(_CEDAR)}"
                yield self._at(Fault(pointer, message, "unknown_member"), key=True)
            elif not isinstance(value, _CEDAR[name][0]):
                yield self._at(Fault(pointer, f"must be {_CEDAR[name][1]}", "wrong_type"))
        for name in ("policy", "entities", "schema"):
            if name in cedar and f"{name}_path" in cedar:
                message = f"give either {name} or {name}_path, not both"
                yield self._at(Fault(f"/cedar/{name}_path", message, "contradiction"), key=True)
        if "policy" not in cedar and "policy_path" not in cedar:
            yield self._at(Fault("/cedar/policy", "policy or policy_path is missing", "required"))

    def _cedar_faults(self, cedar: dict[str, Any]) -> Iterator[PolicyFault]:
        policy = self._written("policy", cedar)
        entities = self._written("entities", cedar)
        schema = self._written("schema", cedar)
        # Cedar takes a while to import: only deployments that use it pay for it.
        from leases.policy.cedar_check import CedarCheck

        check = CedarCheck(policy, entities, schema)
        found = False
        for fault in check.faults():
            found = True
            yield fault
        if not found:
            self.cedar = check.sources

    def _written(self, name: str, cedar: dict[str, Any]) -> Written | None:
        """One of Cedar's inputs with its place, wherever it is kept."""
        if f"{name}_path" not in cedar:
            if name not in cedar:
                return None
            return Written.inline(f"/cedar/{name}", cedar[name], self.positions, self.source)
        pointer = f"/cedar/{name}_path"
        path = cedar[f"{name}_path"]
        try:
            text = self.read_file(path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            fault = Fault(pointer, f"{path} cannot be read: {reason}", "unreadable")
            raise invalid([self._at(fault)]) from None
        # Cedar's own notation for policies; JSON for entities; either for a schema.
        is_json = name == "entities" or (name == "schema" and text.lstrip().startswith("{"))
        if not is_json:
            return read_written(pointer, text, path)
        value, positions = json_parsed(text, path, pointer)
        if name == "entities" and not isinstance(value, list):
            place = positions.of("")
            fault_at = PolicyFault(pointer, "must be an array", "wrong_type", path, *place)
            raise invalid([fault_at])
        return Written(pointer, value, path, text, positions, root="")


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")
