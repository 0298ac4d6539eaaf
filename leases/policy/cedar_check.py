"""What Cedar has against a policy, its entities and its schema, each with its place. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import cedarpy

from leases.capabilities import Action, Resource
from leases.policy.cedar import CedarPolicies, uid_of
from leases.policy.cedar_text import (
    Piece,
    fault_offset,
    nesting_fault,
    pieces,
    quoted_offset,
)
from leases.policy.faults import PolicyFault
from leases.policy.question import question_of
from leases.policy.request import request_entities, request_of
from leases.policy.rules import CedarSources
from leases.policy.written import Written

MAX_POLICIES = 10_000
_AT = re.compile(r" at line (\d+) column (\d+)$")
_POLICY_ID = re.compile(r"^policy(\d+)$")
_ABOUT_POLICY = re.compile(r"^for policy `policy\d+`, ")

# Its JSON form ends at 128 levels, and each operator of a chain is one or two of them.
_TOO_DEEP = "the policy nests too deeply: split it, or ask a set with `contains` or `in`"

# What the server asks wherever it runs. A schema that knows none of it describes another system.
_ASKED = ("persona.manage", "telemetry.persona.workspace", "memory.share.persona")


class CedarCheck:
    """Checks the three inputs together; ``sources`` are what is stored once they are sound."""

    def __init__(
        self, policy: Written | None, entities: Written | None, schema: Written | None
    ) -> None:
        self.policy = policy or Written("/cedar/policy", "", "", "", None)
        self.entities = entities
        self.schema = schema

    @property
    def sources(self) -> CedarSources:
        return CedarSources(
            self.policy.value,
            tuple(self.entities.value) if self.entities else (),
            self.schema.value if self.schema else None,
        )

    def faults(self) -> Iterator[PolicyFault]:
        """Syntax first; what the three say of each other only once each of them can be read."""
        split = [*pieces(self.policy.value)]
        schema, syntax = self._schema()
        syntax += [*self._syntax(split)]
        if not syntax:
            syntax += [*self._entity_faults(schema)]
        if not syntax and schema is not None:
            syntax += [*self._validation(split, schema)]
        if not syntax:
            syntax += [*self._whole(split)]
        yield from syntax

    def _syntax(self, split: list[Piece]) -> Iterator[PolicyFault]:
        if len(split) > MAX_POLICIES:
            message = f"at most {MAX_POLICIES:,} policies"
            yield self.policy.fault_in_text(0, message, "too_many")
            return
        for piece in split:
            nested = nesting_fault(piece.text)
            if nested is not None:
                yield self.policy.fault_in_text(piece.start + nested[0], nested[1], "too_deep")
                continue
            try:
                if cedarpy.PolicySet.from_str(piece.text).templates():
                    message = "policy templates are not supported: ?principal and ?resource"
                    yield self.policy.fault_in_text(piece.start, message, "template")
            except ValueError as error:
                offset = fault_offset(piece.text, str(error), cedarpy.PolicySet.from_str)
                yield self.policy.fault_in_text(piece.start + offset, str(error), "cedar_syntax")

    def _schema(self) -> tuple[cedarpy.Schema | None, list[PolicyFault]]:
        written = self.schema
        if written is None:
            return None, []
        if not isinstance(written.value, str):
            return self._json_schema(written)
        try:
            return cedarpy.Schema.from_str(written.value), []
        except ValueError as error:
            message = str(error)
            if "error parsing schema" in message:
                offset = fault_offset(written.value, message, cedarpy.Schema.from_str)
            else:
                named = (
                    message.replace("type: ", "type: `") + "`" if "`" not in message else message
                )
                offset = quoted_offset(written.value, named)
            return None, [written.fault_in_text(offset, message, "cedar_schema")]

    @staticmethod
    def _json_schema(written: Written) -> tuple[cedarpy.Schema | None, list[PolicyFault]]:
        # Cedar counts lines in what it is given, so it is given the text as it was written.
        raw = written.positions.raw(written.root) if written.positions else written.text
        try:
            return cedarpy.Schema.from_json_str(raw), []
        except ValueError as error:
            at = _AT.search(str(error))
            fault = written.fault_at("", str(error), "cedar_schema")
            if at and written.positions:
                place = written.positions.within(written.root, int(at[1]), int(at[2]))
                message = str(error)[: at.start()]
                fault = PolicyFault(fault.pointer, message, fault.code, fault.source, *place)
            return None, [fault]

    def _entity_faults(self, schema: cedarpy.Schema | None) -> Iterator[PolicyFault]:
        written = self.entities
        if written is None:
            return
        try:
            cedarpy.Entities.from_json_str(json.dumps(written.value), schema)
            return
        except ValueError as error:
            message = str(error)
        found = False
        seen = set()
        for index, entity in enumerate(written.value):
            reason = self._entity_fault(entity, schema) or (
                "another entity has the same uid" if _uid(entity) in seen else None
            )
            seen.add(_uid(entity))
            if reason:
                found = True
                yield written.fault_at(f"/{index}", reason, "cedar_entity")
        if not found:
            yield written.fault_at("", message, "cedar_entity")

    @staticmethod
    def _entity_fault(entity: Any, schema: cedarpy.Schema | None) -> str | None:
        alone = json.dumps([entity])
        try:
            cedarpy.Entities.from_json_str(alone)
        except ValueError as error:
            return f"not an entity that Cedar can read ({error})"
        if schema is not None:
            try:
                cedarpy.Entities.from_json_str(alone, schema)
            except ValueError as error:
                return f"the entity does not agree with the schema ({error})"
        return None

    def _validation(self, split: list[Piece], schema: cedarpy.Schema) -> Iterator[PolicyFault]:
        result = cedarpy.validate_policies(self.policy.value, schema)
        for error in sorted(result.errors, key=lambda error: (error.policy_id, error.error)):
            message = _ABOUT_POLICY.sub("", error.error)
            match = _POLICY_ID.match(error.policy_id)
            piece = split[int(match[1])] if match else Piece(0, self.policy.value)
            offset = piece.start + quoted_offset(piece.text, message)
            yield self.policy.fault_in_text(offset, message, "cedar_validation")
        if self.schema is not None and not any(_is_known(name, schema) for name in _ASKED):
            message = (
                "the schema knows none of this server's requests: a Principal in Group, a Persona, "
                f"and an action such as {_ASKED[0]} (see docs/policy.md)"
            )
            if isinstance(self.schema.value, str):
                yield self.schema.fault_in_text(0, message, "cedar_schema")
            else:
                yield self.schema.fault_at("", message, "cedar_schema")

    def _whole(self, split: list[Piece]) -> Iterator[PolicyFault]:
        """The last word: what is stored must compile as it will be compiled."""
        try:
            CedarPolicies(self.sources)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            deep = [piece for piece in split if not _compiles(piece.text)]
            for piece in deep:
                yield self.policy.fault_in_text(piece.start, _TOO_DEEP, "too_deep")
            if not deep:
                yield self.policy.fault_in_text(0, str(error), "cedar_syntax")


def _compiles(policy: str) -> bool:
    try:
        CedarPolicies(CedarSources(policy))
    except (ValueError, RecursionError):
        return False
    return True


def _uid(entity: Any) -> Any:
    try:
        return uid_of(entity["uid"])
    except (KeyError, TypeError, AttributeError):
        return id(entity)


def _is_known(action: str, schema: cedarpy.Schema) -> bool:
    question = question_of("nobody", (), Action(action, ""), Resource("p", "workspace", "local"))
    added = json.dumps(
        [each for each in request_entities(question) if each["uid"]["type"] != "Action"]
    )
    try:
        entities = cedarpy.Entities.from_json_str(added, schema)
    except ValueError:
        return False
    result = cedarpy.is_authorized(request_of(question, ()), "", entities, schema)
    return result.decision is not cedarpy.Decision.NoDecision
