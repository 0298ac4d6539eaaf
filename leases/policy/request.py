"""The request that Cedar policies see (contract §6, docs/policy.md). Pure.

``schema.cedarschema`` beside this file describes it, and a test holds the two together.
"""

from __future__ import annotations

from typing import Any

from leases.policy.question import Question

Uid = tuple[str, str]


def request_of(question: Question, capabilities: tuple[str, ...]) -> dict[str, Any]:
    """Principal, action, resource and context, as cedarpy takes them."""
    resource = question.resource
    return {
        "principal": _entity("Principal", question.subject),
        "action": _entity("Action", question.action.name),
        "resource": _entity("Persona", resource.persona_id),
        "context": {
            "subject": question.subject,
            "groups": list(question.groups),
            "owner": {"kind": resource.owner_kind, "ref": resource.owner_ref},
            "scope": question.scope,
            "capabilities": list(capabilities),
        },
    }


def request_entities(question: Question) -> list[dict[str, Any]]:
    """The three entities of the request: principal, action and resource, in this order.

    The principal is in its groups. An action is in every group that its name begins with:
    ``telemetry.persona.workspace`` is in ``telemetry.persona``, and so in ``telemetry``.
    """
    resource = question.resource
    words = question.action.name.split(".")
    groups = [".".join(words[:size]) for size in range(1, len(words))]
    return [
        {
            "uid": _entity("Principal", question.subject),
            "attrs": {},
            "parents": [_entity("Group", name) for name in question.groups],
        },
        {
            "uid": _entity("Action", question.action.name),
            "attrs": {},
            "parents": [_entity("Action", name) for name in groups if name],
        },
        {
            "uid": _entity("Persona", resource.persona_id),
            "attrs": {"owner_kind": resource.owner_kind, "owner_ref": resource.owner_ref},
            "parents": [],
        },
    ]


def _entity(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}
