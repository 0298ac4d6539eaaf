"""One simulated decision, in words: what was asked in which order, and which answer decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _

from leases.admin.lease_rows import LeaseRow, lease_rows
from leases.authorization import judged
from leases.capabilities import Action, action_named
from leases.decisions import Allow, Deny
from leases.models import Lease, User
from leases.policy.compiled import Answer
from leases.policy.judgement import BEYOND_LEASES
from leases.roles import Right
from leases.verdict_words import verdict_text
from personas.models import Persona


class StepState(StrEnum):
    """What one stage of the judgement did."""

    PASSED = "passed"
    DECIDES = "decides"
    UNASKED = "unasked"


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the judgement, with what it found."""

    title: str
    text: str
    state: StepState


@dataclass(frozen=True, slots=True)
class Simulated:
    """The answer. ``lease`` is the one that decides; ``required_capability`` would allow it."""

    allowed: bool
    subject: User
    action: str
    persona: Persona
    because: str
    required_capability: str
    lease: LeaseRow | None
    steps: list[Step]
    revision: str
    role_text: str


def simulate(*, subject: User, action_name: str, persona: Persona, now: datetime) -> Simulated:
    """Would ``subject`` be allowed ``action_name`` on ``persona`` at ``now``? Nothing is written."""
    action = action_named(action_name)
    judgement = judged(actor=subject, action=action, resource=persona.resource, now=now)
    decision, answer = judgement.decision, judgement.answer
    beyond = decision.reason in BEYOND_LEASES
    return Simulated(
        allowed=bool(decision),
        subject=subject,
        action=action_name,
        persona=persona,
        because=verdict_text(decision.reason, answer),
        required_capability=""
        if isinstance(decision, Allow) or beyond
        else decision.required_capability,
        lease=_deciding_lease(decision),
        steps=_steps(decision.reason, answer, halted=judgement.halted),
        revision=judgement.policy_revision,
        role_text=_role_text(subject, action),
    )


def _deciding_lease(decision: Allow | Deny) -> LeaseRow | None:
    via = decision.via if isinstance(decision, Allow) else None
    found = Lease.objects.filter(pk=via).select_related("granted_by") if via else ()
    return next(iter(lease_rows(found, now=timezone.now())), None)


def _steps(reason: str, answer: Answer, *, halted: bool) -> list[Step]:
    told = [
        (
            _("The kill switch"),
            {"kill_switch"},
            _("It is engaged, but stops telemetry alone.")
            if halted and reason != "kill_switch"
            else _("It is engaged: all telemetry is refused.")
            if halted
            else _("It is not engaged."),
        ),
        (
            _("Does a Cedar policy forbid it?"),
            {"policy_forbid", "policy_error"},
            _("Yes: %(policies)s.") % {"policies": ", ".join(answer.forbids)}
            if answer.forbids
            else _("It could not be asked, so the answer is no.")
            if reason == "policy_error"
            else _("None does."),
        ),
        (
            _("Does the policy allow everything?"),
            {"allow_all"},
            _("allow_all is set.") if reason == "allow_all" else _("allow_all is not set."),
        ),
        (
            _("Does a Cedar policy permit it?"),
            {"policy_permit"},
            _("Yes: %(policies)s.") % {"policies": ", ".join(answer.permits)}
            if answer.permits
            else _("None does."),
        ),
        (
            _("Is a lease held?"),
            set(),
            verdict_text(reason),
        ),
    ]
    return _placed(told, reason)


def _placed(told: list[tuple[str, set[str], str]], reason: str) -> list[Step]:
    last = len(told) - 1
    deciding = next((at for at, (_t, codes, _w) in enumerate(told) if reason in codes), last)
    not_reached = _("Not asked any more.")
    return [
        Step(
            title,
            text if at <= deciding else not_reached,
            StepState.PASSED
            if at < deciding
            else StepState.DECIDES
            if at == deciding
            else StepState.UNASKED,
        )
        for at, (title, _codes, text) in enumerate(told)
    ]


def _role_text(subject: User, action: Action) -> str:
    if not subject.has_right(Right.READ):
        return _("%(who)s has no role here, which refuses everything before policy is asked.") % {
            "who": subject
        }
    if action.name != "persona.manage" or subject.has_right(Right.DECIDE):
        return ""
    words = _("The role of %(who)s comes first: it lets them propose, but not decide.")
    return words % {"who": subject}
