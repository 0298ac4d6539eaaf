"""From a request's body to checked values, with a JSON pointer to each fault (contract §2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from leases.errors import Fault, InvalidInput


def checked_body(
    request: Request,
    shape: type[serializers.Serializer[Any]],
    error: type[InvalidInput] = InvalidInput,
) -> dict[str, Any]:
    """The members of the body that ``shape`` knows; raises ``error`` with a pointer to each fault.

    Members it does not know are ignored, as the reference server does.
    """
    data = request.data
    if not isinstance(data, dict):
        message = "the body must be a JSON object"
        raise error(message, errors=[Fault("", message, "type")])
    body = shape(data=data)
    if not body.is_valid():
        faults = list(_faults(body.errors, ""))
        raise error(faults[0].message, errors=faults)
    return dict(body.validated_data)


def empty_body(request: Request) -> None:
    """For a route that takes no members: whatever JSON object came is read, and ignored."""
    checked_body(request, serializers.Serializer)


def _faults(errors: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            yield from _faults(inner, f"{pointer}/{name}")
    elif isinstance(errors, list) and errors and isinstance(errors[0], Mapping | list):
        for index, inner in enumerate(errors):
            yield from _faults(inner, f"{pointer}/{index}")
    else:
        for problem in errors:
            yield Fault(pointer, str(problem), str(getattr(problem, "code", "invalid")))
