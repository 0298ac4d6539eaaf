"""The desk: Django's admin shell, open to every role (contract §1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arw_site.desk.door import feature_disabled, may_see, page_before, refuse_null_characters
from arw_site.desk.drawn_for import drawn_for_another
from arw_site.desk.navigation import navigation
from arw_site.desk.sign_in_form import SignInForm
from arw_site.desk.times import UTC_INSTANT, shown_times
from arw_site.error_pages import wants_page
from leases.models import User
from leases.relative_time import show_instants_first
from leases.roles import Right

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class DeskSite(AdminSite):
    """Who may read personas may enter; what they may do there is judged by the services."""

    site_title = gettext_lazy("ARW Personas")
    site_header = gettext_lazy("ARW Personas")
    index_title = gettext_lazy("Home")
    enable_nav_sidebar = False
    login_form = SignInForm

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and user.has_right(Right.READ)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """As the admin's; but who is signed in without a role is told so, and not asked again."""
        guarded = super().admin_view(view, cacheable)
        unknown = getattr(view, "__name__", "") == "catch_all_view"

        def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            stranger = request.user.is_authenticated and not self.has_permission(request)
            if stranger and request.path == reverse("admin:logout"):
                return self.logout(request)
            if stranger:
                return self._turn_away(request)
            refuse_null_characters(request)
            show_instants_first(shown_times(request) == UTC_INSTANT)
            if unknown and not request.user.is_authenticated and not wants_page(request):
                # A program that mistyped an address is not helped by the sign-in page.
                raise Http404
            if request.method == "POST" and not request.user.is_authenticated and not unknown:
                return self._meet_lost_session(request)
            if drawn_for_another(request):
                return self._meet_another(request)
            if request.user.is_authenticated and self._is_disabled(request):
                return feature_disabled(request)
            if request.user.is_authenticated and not may_see(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return cast("View", update_wrapper(enter, guarded))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from arw_site.desk.design_page import design_view
        from arw_site.desk.event_log_page import event_log_export_view, event_log_view
        from arw_site.desk.feedback_page import feedback_view
        from arw_site.desk.inbox_page import inbox_view
        from arw_site.desk.journal_page import (
            journal_answer_view,
            journal_erase_view,
            journal_rhythm_view,
            journal_view,
        )
        from arw_site.desk.live_page import live_view
        from arw_site.desk.memory_pages import memory_item_view, memory_suggest_view
        from arw_site.desk.persona_page import persona_view
        from arw_site.desk.preferences_page import preferences_view
        from arw_site.desk.search_page import found_view, search_view
        from arw_site.desk.simulator_page import simulator_view
        from arw_site.desk.tokens_page import token_revoke_view, tokens_view
        from arw_site.desk.updates import badges_view
        from leases.admin.policy_urls import policy_urls

        return [
            *policy_urls(self.admin_view),
            path(
                "policy/simulate/", self.admin_view(simulator_view), name="leases_policy_simulate"
            ),
            path("inbox/", self.admin_view(inbox_view), name="desk_inbox"),
            path("journal/", self.admin_view(journal_view), name="desk_journal"),
            path(
                "journal/rhythm/",
                self.admin_view(journal_rhythm_view),
                name="desk_journal_rhythm",
            ),
            path(
                "journal/<str:persona_id>/answer/",
                self.admin_view(journal_answer_view),
                name="desk_journal_answer",
            ),
            path(
                "journal/<uuid:item_id>/erase/",
                self.admin_view(journal_erase_view),
                name="desk_journal_erase",
            ),
            path("memory/<uuid:item_id>/", self.admin_view(memory_item_view), name="memory_item"),
            path(
                "personas/persona/<str:persona_id>/suggest/",
                self.admin_view(memory_suggest_view),
                name="memory_suggest",
            ),
            path("live/", self.admin_view(live_view), name="desk_live"),
            path("design/", self.admin_view(design_view), name="desk_design"),
            path("badges/", self.admin_view(badges_view), name="desk_badges"),
            path("search/", self.admin_view(search_view), name="desk_search"),
            path("search/found/", self.admin_view(found_view), name="desk_search_found"),
            path("preferences/", self.admin_view(preferences_view), name="desk_preferences"),
            path("tokens/", self.admin_view(tokens_view), name="desk_tokens"),
            path(
                "tokens/<uuid:token_id>/revoke/",
                self.admin_view(token_revoke_view),
                name="desk_token_revoke",
            ),
            path("event-log/", self.admin_view(event_log_view), name="telemetry_event_log"),
            path(
                "event-log/export/",
                self.admin_view(event_log_export_view),
                name="telemetry_event_log_export",
            ),
            path(
                "personas/persona/<str:persona_id>/page/",
                self.admin_view(persona_view),
                name="personas_persona_page",
            ),
            path(
                "personas/persona/<str:persona_id>/feedback/",
                self.admin_view(feedback_view),
                name="telemetry_feedback_give",
            ),
            # Django's redirect to an object's own page: the desk links to those pages itself.
            *(url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"),
        ]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Home: what waits, what changed, where consent is in force."""
        from arw_site.desk.home import home_context

        viewer = request.user
        assert isinstance(viewer, User)  # noqa: S101  the desk lets nobody else in
        context = {
            **self.each_context(request),
            "title": _("Home"),
            "app_list": self.get_app_list(request) if viewer.has_right(Right.MANAGE) else [],
            **home_context(viewer, now=timezone.now()),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "desk/home.html", context)

    def logout(  # type: ignore[override]  # the stub promises a template
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ends the session by POST alone; whoever opens the address comes home, still signed in."""
        if request.method in {"GET", "HEAD"}:
            return HttpResponseRedirect(reverse("admin:index"))
        # The page that follows is nobody's: why telemetry stands still is for those who sign in.
        return super().logout(request, {**(extra_context or {}), "desk_halted": None})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        from arw_site.desk.updates import badges_of, is_refresh, updates_context
        from leases.admin.policy_in_view import halted_banner

        viewer = request.user if self.has_permission(request) else None
        if not isinstance(viewer, User):
            return {**super().each_context(request), "desk_navigation": []}
        updates = updates_context()  # before anything is read
        home = reverse("admin:index")
        path_below = request.path.removeprefix(home)
        shown = {
            **super().each_context(request),
            "desk_navigation": [
                (label, url, bool(path_below.startswith(area) if area else not path_below))
                for label, url, area in navigation(viewer)
            ],
            "desk_inbox": reverse("admin:desk_inbox"),
            "desk_queue": reverse("admin:personas_proposal_queue"),
            "desk_journal": reverse("admin:desk_journal"),
            "desk_halted": halted_banner(viewer),
            "desk_badges": badges_of(viewer),
            "desk_updates": updates,
        }
        # What is said once is kept for the next page: a part of an open one has no place for it.
        return {**shown, "messages": []} if is_refresh(request) else shown

    def _meet_lost_session(self, request: HttpRequest) -> HttpResponse:
        from arw_site.desk.unsent_page import unsent_response

        back = page_before(request)
        unsent = unsent_response(request, self.each_context(request), back=back)
        return unsent or redirect_to_login(back, reverse("admin:login"))

    def _meet_another(self, request: HttpRequest) -> HttpResponse:
        from arw_site.desk.unsent_page import another_response

        return another_response(request, self.each_context(request), back=page_before(request))

    def _is_disabled(self, request: HttpRequest) -> bool:
        """Whether the page is about personas, and the operator has turned them off (§2)."""
        below = request.path.removeprefix(reverse("admin:index"))
        about_personas = not below or below.startswith(
            (
                "personas/",
                "telemetry/",
                "live/",
                "inbox/",
                "journal/",
                "memory/",
                "badges/",
                "search/",
            )
        )
        return about_personas and not settings.ARW_PERSONA_ENABLE

    def _turn_away(self, request: HttpRequest) -> HttpResponse:
        context = {**self.each_context(request), "title": _("No role yet")}
        return TemplateResponse(request, "desk/stranger.html", context, status=403)
