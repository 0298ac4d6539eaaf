"""What is asked of a policy (contract §6). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from leases.capabilities import Action, Resource

_TELEMETRY_PERSONA = "telemetry.persona."


@dataclass(frozen=True, slots=True)
class Question:
    """May ``subject`` (a principal's id) of ``groups`` do ``action`` to ``resource``?

    ``scope`` is the consent scope S where the action is ``telemetry.persona.S``, else the kind
    of the resource's owner.
    """

    subject: str
    groups: tuple[str, ...]
    action: Action
    resource: Resource
    scope: str


def question_of(
    subject: str, groups: tuple[str, ...], action: Action, resource: Resource
) -> Question:
    """The question with its scope; ``groups`` are put in order, so that equal ones are equal."""
    scope = resource.owner_kind
    if action.name.startswith(_TELEMETRY_PERSONA):
        scope = action.name.removeprefix(_TELEMETRY_PERSONA)
    return Question(subject, tuple(sorted(groups)), action, resource, scope)


def is_telemetry(action: Action) -> bool:
    """Whether the kill switch stops ``action``."""
    return action.name.startswith("telemetry.")
