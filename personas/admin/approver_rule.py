"""Approver rules on the desk: configuration, so it has a form of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ManyToManyField
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from leases.models import User
from leases.roles import Right
from personas.models import ApproverRule, Persona
from personas.services.approvers import holders


class ApproverRuleForm(forms.ModelForm):
    """A rule names a group or at least one person."""

    class Meta:
        model = ApproverRule
        fields = ("owner_kind", "owner_ref", "group", "principals")
        widgets = {"principals": forms.CheckboxSelectMultiple(attrs={"class": "people"})}
        help_texts = {
            "owner_ref": _("As the personas have it, such as “local”."),
            "group": _("Those of its members decide whose role has the right to."),
            "principals": _("They decide too, whether or not they are in the group."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kind, group = self.fields["owner_kind"], self.fields["group"]
        if isinstance(kind, forms.ChoiceField):
            kind.choices = [("", _("Choose…")), *Persona.OwnerKind.choices]
        if isinstance(group, forms.ModelChoiceField):
            group.empty_label = str(_("No group"))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("group") and not cleaned.get("principals"):
            raise forms.ValidationError(_("Name a group, or at least one approver."))
        return cleaned


@admin.register(ApproverRule)
class ApproverRuleAdmin(admin.ModelAdmin):
    """Who decides on the personas of an owner. For who may manage personas."""

    form = ApproverRuleForm
    list_display = ("__str__", "group", "named")
    list_filter = ("owner_kind",)
    search_fields = ("owner_ref",)
    actions = None
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = "—"

    @admin.display(description=_("named approvers"))
    def named(self, rule: ApproverRule) -> str:
        return ", ".join(person.display_name for person in rule.principals.order_by("username"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "principals":
            kwargs["queryset"] = holders(Right.DECIDE).order_by("username")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, ...]:
        """Rules alone: the rows that join them to people are no news, and nobody goes with them."""
        _all, _counts, lacking, protected = super().get_deleted_objects(objs, request)
        names = [str(rule) for rule in objs]
        return names, {self.opts.verbose_name_plural: len(names)}, lacking, protected

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and request.user.has_right(Right.MANAGE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
