"""People, automations and their tokens on the desk. For admins."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leases.admin.people_filters import (
    AccessFilter,
    KindFilter,
    RoleFilter,
    TokenHolderFilter,
    TokenStateFilter,
)
from leases.admin.person_forms import NewPersonForm, PasswordForm, PersonForm
from leases.models import ApiToken, User
from leases.models.principal import SERVICE_PRINCIPAL
from leases.read_only_admin import NOTHING, ReadOnlyAdmin, badge, moment_text
from leases.roles import Right

# Roles are made by a migration; a role is given to people, it is not edited.
admin.site.unregister(Group)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Which tokens there are, for admins. Neither the token nor its hash is shown."""

    view_right = Right.MANAGE_LEASES
    hidden_fields = ("digest", "token_key", "id")
    list_display = ("name", "whose", "made", "expires", "last_used", "state")
    list_display_links = None  # the address of a token's page would hold its hash
    list_filter = (TokenStateFilter, TokenHolderFilter)
    search_fields = ("name", "user__username")
    search_help_text = gettext_lazy("Name, or whose it is")
    date_hierarchy = "created"
    list_select_related = ("user",)

    @admin.display(description=gettext_lazy("whose"), ordering="user")
    def whose(self, token: ApiToken) -> str:
        return str(token.user)

    @admin.display(description=gettext_lazy("made"), ordering="created")
    def made(self, token: ApiToken) -> str:
        return moment_text(token.created)

    @admin.display(description=gettext_lazy("expires"), ordering="expiry")
    def expires(self, token: ApiToken) -> str:
        return _("never") if token.expiry is None else moment_text(token.expiry)

    @admin.display(description=gettext_lazy("last used"), ordering="last_used_at")
    def last_used(self, token: ApiToken) -> str:
        return moment_text(token.last_used_at) if token.last_used_at else _("no use noted")

    @admin.display(description=gettext_lazy("state"))
    def state(self, token: ApiToken) -> str:
        if token.is_live(timezone.now()):
            return badge(_("in force"), "lease-held", "✓")
        return badge(_("ran out"), "", "○")


@admin.register(User)
class PrincipalAdmin(UserAdmin):
    """People and automations: who they are, and which role they have. For admins."""

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = PasswordForm
    list_display = ("username", "full_name", "roles", "sort", "standing", "seen", "joined")
    list_filter = (RoleFilter, KindFilter, AccessFilter)
    search_help_text = gettext_lazy("Username, name or e-mail")
    date_hierarchy = "date_joined"
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = NOTHING
    fieldsets = (
        (None, {"fields": ("username", "sign_in", "interactive", "is_active")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("Role"), {"fields": ("groups",)}),
        (gettext_lazy("Dates"), {"fields": ("seen", "joined")}),
    )
    readonly_fields = ("sign_in", "seen", "joined")
    filter_horizontal = ()
    actions = None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": _("People and automations")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, person: User) -> str:
        return person.get_full_name() or "—"

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all()) or "—"

    @admin.display(description=gettext_lazy("kind"), ordering="interactive")
    def sort(self, person: User) -> str:
        return _("person") if person.interactive else _("automation")

    @admin.display(description=gettext_lazy("access"), ordering="is_active")
    def standing(self, person: User) -> str:
        if person.is_active:
            return badge(_("active"), "lease-held", "✓")
        return badge(_("inactive"), "", "○")

    @admin.display(description=gettext_lazy("password"))
    def sign_in(self, person: User) -> SafeString:
        """Whether there is one, and the way to its page: what is kept of it says nothing."""
        state = _("is set") if person.has_usable_password() else _("none")
        return format_html(
            '<span class="actions">{} <a class="button button-small" href="../password/">{}</a></span>',
            state,
            _("Set a new one"),
        )

    @admin.display(description=gettext_lazy("last sign-in"), ordering="last_login")
    def seen(self, person: User) -> str:
        return moment_text(person.last_login)

    @admin.display(description=gettext_lazy("since"), ordering="date_joined")
    def joined(self, person: User) -> str:
        return moment_text(person.date_joined)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and request.user.has_right(Right.MANAGE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The server's own principals are fixed, and only superusers may touch superusers."""
        if obj is not None and (obj.username == SERVICE_PRINCIPAL or obj.is_internal):
            return False
        if obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", 0):
            return False
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody is deleted: history names them. They are made inactive."""
        return False
