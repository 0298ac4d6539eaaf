"""Decisions in words: why something was allowed or refused, wherever it is said (contract §6)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from leases.policy.compiled import Answer

REASONS = (
    "allow_all",
    "policy_permit",
    "lease_satisfied",
    "role_right",
    "kill_switch",
    "policy_forbid",
    "policy_error",
    "lease_required",
    "lease_expired",
    "lease_exhausted",
    "lease_revoked",
    "lease_out_of_scope",
    "role_required",
)


def reason_label(reason: str) -> str:
    """A few words for the code of a decision's reason, for lists and filters."""
    labels = {
        "allow_all": _("everything is allowed"),
        "policy_permit": _("permitted by the policy"),
        "lease_satisfied": _("a lease was held"),
        "role_right": _("a right of the role"),
        "kill_switch": _("telemetry was stopped"),
        "policy_forbid": _("forbidden by the policy"),
        "policy_error": _("the policy could not be asked"),
        "lease_required": _("no lease was held"),
        "lease_expired": _("the lease had run out"),
        "lease_exhausted": _("the lease was used up"),
        "lease_revoked": _("the lease was revoked"),
        "lease_out_of_scope": _("the lease was for something else"),
        "role_required": _("the role does not carry it"),
    }
    return labels.get(reason, reason.replace("_", " "))


def verdict_text(reason: str, answer: Answer | None = None) -> str:
    """A sentence for a decision, and one for the policies that ``answer`` names for it."""
    allowed = {
        "allow_all": _("The policy allows everything."),
        "policy_permit": _("A Cedar policy permits it, so no lease is needed."),
        "lease_satisfied": _("A lease in force lends the capability."),
        "role_right": _("It is a right of the role, and needs no lease."),
    }
    words = allowed.get(reason) or denial_text(reason)
    named = () if answer is None else answer.forbids or answer.permits
    if reason in {"policy_forbid", "policy_permit"} and named:
        return f"{words} {_('It is called %(policies)s.') % {'policies': ', '.join(named)}}"
    return words


def denial_text(reason: str) -> str:
    """A sentence for the code of a refusal."""
    texts = {
        "lease_required": _("No lease for it is held."),
        "lease_expired": _("The lease for it has run out."),
        "lease_exhausted": _("The lease for it is used up."),
        "lease_revoked": _("The lease for it was revoked."),
        "lease_out_of_scope": _("A lease is held, but not for this persona."),
        "policy_forbid": _("The policy forbids it, whatever lease is held."),
        "policy_error": _("The policy could not be asked, and then nothing is allowed."),
        "kill_switch": _("Telemetry is stopped on every node by the kill switch."),
        "role_required": _("The role does not carry the right."),
    }
    return texts.get(reason, _("It is not allowed now."))
