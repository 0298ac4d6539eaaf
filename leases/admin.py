"""Leases, tokens and people on the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leases.errors import DomainError
from leases.grant_form import GrantForm
from leases.models import ApiToken, Lease, User
from leases.models.principal import SERVICE_PRINCIPAL
from leases.page_errors import page_status
from leases.read_only_admin import ReadOnlyAdmin
from leases.roles import Right
from leases.selectors import principal_names
from leases.services import lease_grant

# Roles are made by a migration; a role is given to people, it is not edited.
admin.site.unregister(Group)


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    """The table of leases, and the page that shows the live ones and lends more."""

    list_display = ("capability", "scope", "subject", "ttl_until", "budget", "used", "revoked_at")
    search_fields = ("capability", "scope", "reason")
    date_hierarchy = "created"
    ordering = ("-created",)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = path("grant/", guard(self.grant_view), name="leases_lease_grant")
        return [own, *super().get_urls()]

    def grant_view(self, request: HttpRequest) -> HttpResponse:
        """Live leases for everybody; the form that lends for who may manage them."""
        actor, now = request.user, timezone.now()
        if request.method != "POST":
            return self._grant_page(request, GrantForm.blank(request.GET))
        if not isinstance(actor, User) or not actor.has_right(Right.MANAGE_LEASES):
            raise PermissionDenied
        form = GrantForm(request.POST)
        if not form.is_valid():
            return self._grant_page(request, form, status=400)
        try:
            lease = lease_grant(actor=actor, now=now, **form.wanted())
        except DomainError as error:
            form.refuse(error)
            return self._grant_page(request, form, status=int(page_status(error)))
        messages.success(request, _("Granted: %(lease)s.") % {"lease": lease.capability})
        return HttpResponseRedirect(self._way_back(request))

    def _way_back(self, request: HttpRequest) -> str:
        back = request.POST.get("next", "")
        host, secure = request.get_host(), request.is_secure()
        if url_has_allowed_host_and_scheme(back, allowed_hosts={host}, require_https=secure):
            return back
        return reverse("admin:leases_lease_grant")

    def _grant_page(
        self, request: HttpRequest, form: GrantForm, *, status: int = 200
    ) -> HttpResponse:
        viewer, now = request.user, timezone.now()
        live = list(Lease.objects.active_at(now).order_by("ttl_until").select_related("granted_by"))
        names = principal_names(lease.subject for lease in live)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Leases"),
            "form": form,
            "may_grant": isinstance(viewer, User) and viewer.has_right(Right.MANAGE_LEASES),
            "leases": [(lease, names.get(lease.subject, "")) for lease in live],
        }
        return TemplateResponse(request, "desk/leases.html", context, status=status)


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
