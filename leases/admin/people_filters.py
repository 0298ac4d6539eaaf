"""Filters of the tables of people and of their tokens, in the words of the columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

Choice = tuple[str, Any, Q]


class ChoiceFilter(admin.SimpleListFilter, ABC):
    """One choice of those that a table offers; anything else filters nothing."""

    @abstractmethod
    def wanted(self) -> list[Choice]:
        """Value in the address, label, and what it selects."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, label) for value, label, _selected in self.wanted()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        selected = {value: found for value, _label, found in self.wanted()}
        return queryset.filter(selected.get(str(self.value()), Q()))


class RoleFilter(ChoiceFilter):
    """By the group that gives the role."""

    title = gettext_lazy("roles")
    parameter_name = "role"

    def wanted(self) -> list[Choice]:
        names = Group.objects.order_by("pk").values_list("name", flat=True)
        roles: list[Choice] = [(name, name, Q(groups__name=name)) for name in names]
        return [*roles, ("none", gettext_lazy("none"), Q(groups__isnull=True))]


class KindFilter(ChoiceFilter):
    """People sign in; automations hold tokens alone."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def wanted(self) -> list[Choice]:
        return [
            ("person", gettext_lazy("person"), Q(interactive=True)),
            ("automation", gettext_lazy("automation"), Q(interactive=False)),
        ]


class AccessFilter(ChoiceFilter):
    """Whoever is inactive is refused everywhere."""

    title = gettext_lazy("access")
    parameter_name = "access"

    def wanted(self) -> list[Choice]:
        return [
            ("active", gettext_lazy("active"), Q(is_active=True)),
            ("inactive", gettext_lazy("inactive"), Q(is_active=False)),
        ]


class TokenStateFilter(ChoiceFilter):
    """By what `ApiToken.is_live` says now."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def wanted(self) -> list[Choice]:
        live = Q(expiry__isnull=True) | Q(expiry__gt=timezone.now())
        return [
            ("live", gettext_lazy("in force"), live),
            ("expired", gettext_lazy("ran out"), ~live),
        ]


class TokenHolderFilter(ChoiceFilter):
    """By whose token it is."""

    title = gettext_lazy("whose")
    parameter_name = "kind"

    def wanted(self) -> list[Choice]:
        return [
            ("person", gettext_lazy("a person's"), Q(user__interactive=True)),
            ("automation", gettext_lazy("an automation's"), Q(user__interactive=False)),
        ]
