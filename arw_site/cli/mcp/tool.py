"""A tool as a declaration: what it takes, and the one request that a call of it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Json = Any
ACTIONS = ("actions",)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the server."""

    method: str
    place: tuple[str, ...]
    query: dict[str, Json]
    headers: dict[str, str]
    body: Json


@dataclass(frozen=True)
class Tool:
    """What a model may ask for.

    ``method`` and ``place`` are the route; an argument fills a segment in braces and never makes
    a new one. A tool that is an action (contract §10) names its ``kind``, which no argument can
    change. ``query`` and ``headers`` say which arguments leave the body; ``headers`` maps them to
    the header's name.
    """

    name: str
    title: str
    description: str
    method: str
    place: tuple[str, ...]
    input_schema: dict[str, Json]
    output_schema: dict[str, Json]
    kind: str | None = None
    query: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    read_only: bool = False
    idempotent: bool = False
    destructive: bool = False

    def call(self, arguments: Mapping[str, Json]) -> Call:
        """The request for arguments that fit ``input_schema``."""
        given = {name: value for name, value in arguments.items() if value is not None}
        query = {name: given.pop(name) for name in self.query if name in given}
        headers = {
            header: str(given.pop(name)) for name, header in self.headers.items() if name in given
        }
        place = tuple(str(given.pop(part[1:-1])) if part[0] == "{" else part for part in self.place)
        body: Json = given
        if self.kind is not None:
            body = {"kind": self.kind, "input": given}
        return Call(self.method, place, query, headers, None if self.method == "GET" else body)

    def faults(self, arguments: Mapping[str, Json]) -> list[dict[str, str]]:
        """What is wrong with the arguments: ``{pointer, detail}`` each, at most 20."""
        found = []
        for error in self._validator.iter_errors(dict(arguments)):
            steps = (
                str(step).replace("~", "~0").replace("/", "~1") for step in error.instance_path
            )
            found.append({"pointer": "".join(f"/{step}" for step in steps), "detail": _told(error)})
            if len(found) == 20:
                break
        return found

    @cached_property
    def _validator(self) -> Any:
        import jsonschema_rs

        return jsonschema_rs.validator_for(self.input_schema)


def _told(error: Any) -> str:
    # The library's own words quote the value, which may be long or private.
    rule = error.kind.name
    if rule == "required":
        return f"{error.kind.property} is missing"
    if rule == "additionalProperties":
        return f"no such argument: {', '.join(map(str, error.kind.unexpected))}"
    expected = getattr(error.kind, "value", None)
    if rule == "enum" and isinstance(expected, list):
        return f"must be one of {', '.join(map(str, expected))}"
    if rule in ("type", "pattern", "minimum", "maximum", "maxLength", "minLength", "maxItems"):
        return f"breaks {rule} {expected}"
    return f"breaks the rule {rule} of the schema"
