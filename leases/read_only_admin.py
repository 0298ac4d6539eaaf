"""Lists and detail pages of records that only services may write."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.text import capfirst

from leases.models import User
from leases.roles import Right


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows, and never writes: services are the only way to change what is listed here.

    ``view_right`` is what a role needs to see it.
    """

    view_right = Right.READ
    actions = None
    view_on_site = False
    show_facets = admin.ShowFacets.NEVER
    hidden_fields: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and request.user.has_right(self.view_right)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [
            _pretty(field) if isinstance(field, models.JSONField) else field.name
            for field in self.model._meta.concrete_fields
            if field.name not in self.hidden_fields
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_fields(request, obj)


def _pretty(field: models.Field) -> Callable[[models.Model], str]:
    """A column of the detail page that lays JSON out over lines."""

    def laid_out(obj: models.Model) -> str:
        text = json.dumps(getattr(obj, field.attname), indent=2, ensure_ascii=False)
        return format_html('<pre class="json" tabindex="0">{}</pre>', text)

    laid_out.short_description = field.verbose_name  # type: ignore[attr-defined]
    laid_out.__name__ = field.name
    return laid_out
