"""Lists and detail pages of records that only services may write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from leases.instants import from_unix_ms
from leases.models import User
from leases.relative_time import exact, time_element
from leases.roles import Right

NOTHING = "—"
HASHES = ("digest", "_hash", "_sha256")


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows, and never writes: services are the only way to change what is listed here.

    ``view_right`` is what a role needs to see it. Instants are drawn as everywhere on the desk.
    """

    view_right = Right.READ
    actions = None
    view_on_site = False
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = NOTHING
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

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The columns as declared; those that hold an instant are drawn as one."""
        fields = {field.name: field for field in self.model._meta.concrete_fields}
        return [
            _moment(fields[name]) if isinstance(fields.get(name), models.DateTimeField) else name
            for name in super().get_list_display(request)
        ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [
            _drawn(field)
            for field in self.model._meta.concrete_fields
            if field.name not in self.hidden_fields
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_fields(request, obj)


def badge(text: str, kind: str = "", sign: str = "") -> SafeString:
    """The desk's badge, for a column: `templates/desk/parts/badge.html`."""
    return mark_safe(  # noqa: S308  a template has escaped it
        render_to_string("desk/parts/badge.html", {"text": text, "kind": kind, "sign": sign})
    )


def moment_text(moment: datetime | None) -> SafeString | str:
    """A column's instant, in words with the exact one behind them."""
    return NOTHING if moment is None else time_element(moment, timezone.now())


def _drawn(field: models.Field) -> Any:
    if isinstance(field, models.JSONField):
        return _column(field, _laid_out)
    if isinstance(field, models.DateTimeField):
        return _column(field, _long_moment)
    if isinstance(field, models.BigIntegerField) and field.name.endswith("_at"):
        return _column(field, _long_unix_moment)
    if isinstance(field, models.CharField) and field.name.endswith(HASHES):
        return _column(field, _hash)
    return field.name


@cache
def _moment(field: models.Field) -> Callable[[models.Model], str]:
    """The same one every time: Django compares columns to know which may be sorted."""
    return _column(field, moment_text)


def _column(field: models.Field, draw: Callable[[Any], str]) -> Callable[[models.Model], str]:
    """A column that is called, sorted and labelled like the field it draws."""

    def drawn(obj: models.Model) -> str:
        return draw(getattr(obj, field.attname))

    drawn.short_description = field.verbose_name  # type: ignore[attr-defined]
    drawn.admin_order_field = field.name  # type: ignore[attr-defined]
    drawn.__name__ = field.name
    return drawn


def _laid_out(value: Any) -> str:
    return render_to_string("desk/parts/json_lines.html", {"value": value})


def _long_moment(moment: datetime | None) -> str:
    if moment is None:
        return NOTHING
    return format_html(
        '{} <span class="quiet">{}</span>', time_element(moment, timezone.now()), exact(moment)
    )


def _long_unix_moment(milliseconds: int) -> str:
    return _long_moment(from_unix_ms(milliseconds))


def _hash(value: str) -> str:
    return format_html('<code class="hash">{}</code>', value) if value else NOTHING
