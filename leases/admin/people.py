"""People, automations and their tokens on the desk. For admins."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from leases.models import ApiToken, User
from leases.models.principal import SERVICE_PRINCIPAL
from leases.read_only_admin import ReadOnlyAdmin
from leases.roles import Right

# Roles are made by a migration; a role is given to people, it is not edited.
admin.site.unregister(Group)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Which tokens there are, for admins. Neither the token nor its hash is shown."""

    view_right = Right.MANAGE_LEASES
    hidden_fields = ("digest", "token_key", "id")
    list_display = ("name", "user", "created", "expiry")
    list_display_links = None  # the address of a token's page would hold its hash
    search_fields = ("name", "user__username")
    list_select_related = ("user",)


@admin.register(User)
class PrincipalAdmin(UserAdmin):
    """People and automations: who they are, and which role they have. For admins."""

    list_display = ("username", "full_name", "roles", "interactive", "is_active")
    list_filter = ("groups", "interactive", "is_active")
    fieldsets = (
        (None, {"fields": ("username", "password", "interactive", "is_active")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("Role"), {"fields": ("groups",)}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    actions = None

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, person: User) -> str:
        return person.get_full_name() or "—"

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all()) or "—"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and request.user.has_right(Right.MANAGE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The service principal is fixed, and only superusers may touch superusers."""
        if obj is not None and obj.username == SERVICE_PRINCIPAL:
            return False
        if obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", 0):
            return False
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody is deleted: history names them. They are made inactive."""
        return False
