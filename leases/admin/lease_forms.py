"""The forms about leases: they read what is typed; whether it may be is judged by the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leases.capabilities import CAPABILITY_MAX_LENGTH, SCOPE_MAX_LENGTH
from leases.decisions import LOCAL_SUBJECT
from leases.errors import DomainError
from leases.models import LeaseRequest
from leases.notices import Agreement
from leases.page_errors import sentence
from leases.services.terms import MAX_BUDGET, MAX_REASON

MAX_MINUTES = 1440
_CAPABILITY_HELP = _("Such as persona:manage, telemetry:persona:workspace or share:persona.")
_SCOPE_HELP = _(
    "persona:<id>, an owner such as workspace:<ref>, or an owner kind. Empty means everywhere."
)


class LeaseForm(forms.Form):
    """A form that puts the faults of a domain error beside the fields they are about."""

    next = forms.CharField(required=False, widget=forms.HiddenInput)

    @classmethod
    def blank(cls, query: Mapping[str, str]) -> Any:
        """An empty form, filled in with what ``query`` names."""
        return cls(initial={name: query[name] for name in cls.base_fields if query.get(name)})

    def refuse(self, error: DomainError) -> None:
        """Put each fault beside its field, and what is about no field above them all."""
        for fault in error.errors:
            name = fault.pointer.lstrip("/").replace("ttl_secs", "ttl_minutes")
            self.add_error(name if name in self.fields else None, fault.message)
        if not error.errors:
            self.add_error(None, sentence(error))


def _minutes(label: Any, help_text: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=MAX_MINUTES, initial=60, help_text=help_text
    )


def _budget() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("How many uses"),
        min_value=1,
        max_value=MAX_BUDGET,
        required=False,
        help_text=_("Empty means no limit."),
    )


def _reason(label: Any, *, required: bool, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MAX_REASON,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class GrantForm(LeaseForm):
    """Lends a capability (contract §6)."""

    capability = forms.CharField(
        label=_("Capability"),
        max_length=CAPABILITY_MAX_LENGTH,
        help_text=_CAPABILITY_HELP,
    )
    scope = forms.CharField(
        label=_("Scope"), max_length=SCOPE_MAX_LENGTH, required=False, help_text=_SCOPE_HELP
    )
    subject = forms.CharField(
        label=_("For whom"),
        max_length=150,
        initial=LOCAL_SUBJECT,
        help_text=_("A user name or id; local means anyone signed in."),
    )
    ttl_minutes = _minutes(_("For how many minutes"), _("At most 1440: one day."))
    budget = _budget()
    reason = forms.CharField(label=_("Reason"), max_length=MAX_REASON, required=False)

    def wanted(self) -> dict[str, Any]:
        """The arguments of ``lease_grant``."""
        data = self.cleaned_data
        return {
            "capability": data["capability"],
            "scope": data["scope"] or None,
            "subject": data["subject"],
            "ttl_secs": data["ttl_minutes"] * 60,
            "budget": data["budget"],
            "reason": data["reason"],
        }


class AskForm(LeaseForm):
    """Asks for a lease of one's own (contract §13)."""

    capability = forms.CharField(
        label=_("Capability"),
        max_length=CAPABILITY_MAX_LENGTH,
        help_text=_CAPABILITY_HELP,
    )
    scope = forms.CharField(
        label=_("Scope"), max_length=SCOPE_MAX_LENGTH, required=False, help_text=_SCOPE_HELP
    )
    ttl_minutes = _minutes(
        _("For how many minutes"), _("At most 1440. The time starts when an admin grants it.")
    )
    budget = _budget()
    reason = _reason(
        _("Why do you need it?"), required=True, help_text=_("The admin who decides reads this.")
    )

    def wanted(self) -> dict[str, Any]:
        """The arguments of ``lease_request``."""
        data = self.cleaned_data
        return {
            "capability": data["capability"],
            "scope": data["scope"] or None,
            "ttl_secs": data["ttl_minutes"] * 60,
            "budget": data["budget"],
            "reason": data["reason"],
        }


class AnswerForm(LeaseForm):
    """Grants a request, for as long and as often as was asked or as the admin says.

    ``agreement`` is the notice of the capability, as it was sent with the form.
    """

    agreement: Agreement | None = None
    ttl_minutes = _minutes(_("For how many minutes"), _("It starts when you grant it."))
    budget = _budget()
    reason = _reason(_("Answer"), required=False, help_text=_("Whoever asked reads this."))

    @classmethod
    def of(cls, asked: LeaseRequest) -> AnswerForm:
        """The form filled in with what was asked for."""
        minutes = max(1, -(-asked.ttl_secs // 60))
        return cls(initial={"ttl_minutes": minutes, "budget": asked.budget}, prefix="grant")


class DenyForm(LeaseForm):
    """Denies a request; whoever asked is told why."""

    reason = _reason(_("Why not?"), required=True, help_text=_("Whoever asked reads this."))


class RenewForm(LeaseForm):
    """Gives a live lease more time."""

    ttl_minutes = _minutes(_("Minutes from now"), _("At most 1440: one day."))
    reason = _reason(_("Reason"), required=False)


class RevokeForm(LeaseForm):
    """Takes leases back. ``seen`` names the leases that the confirmation listed."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = _reason(_("Why are you revoking it?"), required=True)
