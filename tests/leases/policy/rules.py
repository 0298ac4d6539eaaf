"""Policies, questions and leases of the policy tests."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from leases.capabilities import PERSONA_MANAGE, Action, Resource
from leases.decisions import LeaseFacts
from leases.policy.compiled import Policy, policy_compile
from leases.policy.document import policy_parse
from leases.policy.question import Question, question_of
from tests.people import NOW, SECOND

ALPHA = Resource("persona.alpha", "workspace", "local")
ALICE = "11111111-1111-4111-8111-111111111111"
BOB = "22222222-2222-4222-8222-222222222222"

PERMIT = '@id("members-may") permit(principal in Group::"members", action, resource);'
FORBID = '@id("hands-off") forbid(principal, action, resource == Persona::"persona.alpha");'
PERMIT_ERROR = '@id("odd-permit") permit(principal, action, resource) when { context.nowhere };'
FORBID_ERROR = '@id("odd-forbid") forbid(principal, action, resource) when { context.nowhere };'

HELD = LeaseFacts("held", "local", "persona:manage", None, NOW + SECOND, None, revoked=False)
LEASES: dict[str, LeaseFacts | None] = {
    "lease_satisfied": HELD,
    "lease_exhausted": replace(HELD, id="exhausted", remaining=0),
    "lease_expired": replace(HELD, id="expired", ttl_until=NOW),
    "lease_revoked": replace(HELD, id="revoked", revoked=True),
    "lease_out_of_scope": replace(HELD, id="elsewhere", scope="workspace:other"),
    "lease_required": None,
}


def no_file(name: str) -> str:
    raise FileNotFoundError(2, "No such file or directory", name)


def policy_of(
    *cedar: str, allow_all: bool = False, rules: dict[str, str] | None = None, **more: Any
) -> Policy:
    """A policy as its file would give it."""
    document: dict[str, Any] = {
        "allow_all": allow_all,
        "lease_rules": [
            {"kind_prefix": prefix, "capability": capability}
            for prefix, capability in (rules or {}).items()
        ],
    }
    if cedar or more:
        document["cedar"] = {"policy": "\n".join(cedar), **more}
    return policy_compile(policy_parse(json.dumps(document), read_file=no_file))


def ask(
    action: Action = PERSONA_MANAGE,
    *,
    subject: str = ALICE,
    groups: tuple[str, ...] = ("members",),
    resource: Resource = ALPHA,
) -> Question:
    return question_of(subject, groups, action, resource)
