"""A policy ready to be asked: parsed once, and asked as often as needed (contract §6). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leases.policy.question import Question
from leases.policy.rules import PolicyDocument

if TYPE_CHECKING:
    from leases.policy.cedar import CedarPolicies


@dataclass(frozen=True, slots=True)
class Answer:
    """What Cedar says. ``permits`` or ``forbids`` name the policies that decided, never both.

    A policy is named by its ``@id``, else by its place: ``policy0`` is the first. A forbid that
    could not be evaluated is among ``forbids``, since it might have forbidden; a permit that
    could not does not permit. ``failed`` says that the question itself could not be put.
    """

    permits: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in force. ``revision`` is empty for the policy of a deployment that has none.

    ``broken`` marks one that was stored but cannot be compiled any more: it denies everything.
    """

    revision: str
    document: PolicyDocument
    cedar: CedarPolicies | None = field(default=None, compare=False)
    broken: bool = False

    def answer(self, question: Question, capabilities: tuple[str, ...]) -> Answer:
        """What the Cedar policies say of ``question``; nothing where there are none."""
        if self.cedar is None:
            return Answer()
        return self.cedar.answer(question, capabilities)

    def may_permit(self, question: Question) -> bool:
        """Whether ``allow_all`` or a permit could allow the action on some resource."""
        if self.broken:
            return False
        if self.document.allow_all:
            return True
        return self.cedar is not None and self.cedar.may_permit(question)


EMPTY_POLICY = Policy("", PolicyDocument())


def policy_compile(document: PolicyDocument) -> Policy:
    """``document`` ready to be asked. Raises ValueError where Cedar refuses it."""
    if document.cedar is None:
        return Policy(document.revision, document)
    from leases.policy.cedar import CedarPolicies

    return Policy(document.revision, document, CedarPolicies(document.cedar))
