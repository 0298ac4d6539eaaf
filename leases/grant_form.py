"""The form that lends a capability (contract §6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leases.capabilities import CAPABILITY_MAX_LENGTH, SCOPE_MAX_LENGTH
from leases.decisions import LOCAL_SUBJECT
from leases.errors import DomainError
from leases.page_errors import sentence
from leases.services import MAX_BUDGET

_PREFILLED = ("capability", "scope", "subject", "next")


class GrantForm(forms.Form):
    """Reads what is typed; whether it can be lent is judged by the service."""

    capability = forms.CharField(
        label=_("Capability"),
        max_length=CAPABILITY_MAX_LENGTH,
        help_text=_("Such as persona:manage, or telemetry:persona:workspace."),
    )
    scope = forms.CharField(
        label=_("Scope"),
        max_length=SCOPE_MAX_LENGTH,
        required=False,
        help_text=_(
            "persona:<id>, an owner such as workspace:<ref>, or an owner kind. Empty means "
            "everywhere."
        ),
    )
    subject = forms.CharField(
        label=_("For whom"),
        max_length=150,
        initial=LOCAL_SUBJECT,
        help_text=_("A user name or id; local means anyone signed in."),
    )
    ttl_minutes = forms.IntegerField(
        label=_("For how many minutes"),
        min_value=1,
        max_value=1440,
        initial=60,
        help_text=_("At most 1440: one day."),
    )
    budget = forms.IntegerField(
        label=_("How many uses"),
        min_value=1,
        max_value=MAX_BUDGET,
        required=False,
        help_text=_("Empty means no limit."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    @classmethod
    def blank(cls, query: Mapping[str, str]) -> GrantForm:
        """An empty form, filled in with what ``query`` names."""
        return cls(initial={name: query[name] for name in _PREFILLED if query.get(name)})

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

    def refuse(self, error: DomainError) -> None:
        """Put each fault beside its field."""
        for fault in error.errors:
            name = fault.pointer.lstrip("/").replace("ttl_secs", "ttl_minutes")
            self.add_error(name if name in self.fields else None, fault.message)
        if not error.errors:
            self.add_error(None, sentence(error))
