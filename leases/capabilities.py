"""The grammar of actions, capabilities and scopes (contract §6). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

OWNER_KINDS = ("workspace", "project", "agent")
CAPABILITY_MAX_LENGTH = 200
SCOPE_MAX_LENGTH = 300

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PERSONA_SCOPE = re.compile(r"persona:[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


@dataclass(frozen=True, slots=True)
class Action:
    """What a request wants to do: its name in policy, and the capability that allows it."""

    name: str
    capability: str


@dataclass(frozen=True, slots=True)
class Resource:
    """The persona an action is about. ``persona_id`` is known even before it is created."""

    persona_id: str
    owner_kind: str
    owner_ref: str

    @property
    def scopes(self) -> frozenset[str]:
        """Every lease scope that covers this resource."""
        return frozenset(
            {f"persona:{self.persona_id}", f"{self.owner_kind}:{self.owner_ref}", self.owner_kind}
        )


PERSONA_MANAGE = Action("persona.manage", "persona:manage")
SHARE_PERSONA = Action("memory.share.persona", "share:persona")


def telemetry_action(scope: str) -> Action:
    """The action of giving or reading feedback under the consent scope ``scope``."""
    return Action(f"telemetry.persona.{scope}", f"telemetry:persona:{scope}")


def action_named(name: str) -> Action:
    """The action of that name. One that this server never asks for needs its own name lent."""
    for action in (PERSONA_MANAGE, SHARE_PERSONA):
        if action.name == name:
            return action
    if name.startswith("telemetry.persona."):
        return telemetry_action(name.removeprefix("telemetry.persona."))
    return Action(name, name.replace(".", ":"))


def capability_fault(capability: str) -> str | None:
    """Why ``capability`` cannot be lent, or None when it can."""
    if not capability.strip():
        return "capability must not be empty"
    if len(capability) > CAPABILITY_MAX_LENGTH:
        return f"capability must not be longer than {CAPABILITY_MAX_LENGTH} characters"
    if _CONTROL.search(capability) or capability != capability.strip():
        return "capability must not hold control characters or surrounding spaces"
    return None


def scope_fault(scope: str) -> str | None:
    """Why ``scope`` is no lease scope, or None when it is one."""
    kind, colon, ref = scope.partition(":")
    if len(scope) > SCOPE_MAX_LENGTH or _CONTROL.search(scope):
        return f"scope must be at most {SCOPE_MAX_LENGTH} characters without control characters"
    if scope in OWNER_KINDS or (kind in OWNER_KINDS and colon and ref.strip()):
        return None
    if _PERSONA_SCOPE.fullmatch(scope):
        return None
    kinds = ", ".join(OWNER_KINDS)
    return f"scope must be persona:<id>, <owner kind>:<ref> or an owner kind ({kinds})"
