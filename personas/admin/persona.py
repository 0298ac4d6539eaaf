"""Personas on the desk: the list, the raw record, and the page that proposes a change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leases.capabilities import PERSONA_MANAGE
from leases.errors import DomainError
from leases.instants import rfc3339
from leases.models import User
from leases.read_only_admin import ReadOnlyAdmin
from leases.roles import Right
from leases.standing import lease_standing
from personas.admin.propose_page import ProposeForm, preview_context, read_proposal
from personas.errors import PersonaNotFound
from personas.models import Persona
from personas.selectors import persona_get
from personas.services.proposals import proposal_submit


@admin.register(Persona)
class PersonaAdmin(ReadOnlyAdmin):
    """The table of personas, and the page on which changes are proposed."""

    list_display = ("page_link", "archetype", "owner", "version", "pending", "changed")
    list_display_links = None
    list_filter = ("owner_kind",)
    search_fields = ("name", "id", "archetype", "owner_ref")
    search_help_text = gettext_lazy("Name, id, archetype or owner")
    ordering = ("name", "id")

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "<str:persona_id>/propose/",
                self.admin_site.admin_view(self.propose_view),
                name="personas_persona_propose",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Persona]:
        return Persona.objects.with_pending_count(timezone.now())

    @admin.display(description=gettext_lazy("persona"), ordering="name")
    def page_link(self, persona: Persona) -> str:
        return format_html('<a href="{}">{}</a>', persona.get_absolute_url(), persona)

    @admin.display(description=gettext_lazy("owner"), ordering="owner_ref")
    def owner(self, persona: Persona) -> str:
        return f"{persona.get_owner_kind_display()} {persona.owner_ref}"

    @admin.display(description=gettext_lazy("pending"), ordering="pending_count")
    def pending(self, persona: Any) -> int:
        return int(persona.pending_count)

    @admin.display(description=gettext_lazy("changed"), ordering="updated_at")
    def changed(self, persona: Persona) -> str:
        moment = rfc3339(persona.updated_on)
        return format_html('<time datetime="{}">{}</time>', moment, moment[:16].replace("T", " "))

    def propose_view(self, request: HttpRequest, persona_id: str) -> HttpResponse:
        """GET is the empty form; POST previews or submits what is in it."""
        actor, now = request.user, timezone.now()
        if not isinstance(actor, User) or not actor.has_right(Right.PROPOSE):
            raise PermissionDenied
        try:
            persona = persona_get(persona_id)
        except PersonaNotFound as error:
            raise Http404 from error
        if request.method != "POST":
            return self._propose_page(request, persona, ProposeForm())
        form = read_proposal(request.POST)
        try:
            diff = form.parsed()
            if request.POST.get("step") != "submit":
                return self._propose_page(request, persona, form, preview_context(persona, diff))
            proposal = proposal_submit(
                actor=actor, persona_id=persona.id, diff=diff, rationale=form.rationale, now=now
            )
        except DomainError as error:
            form.refuse(error)
            return self._propose_page(request, persona, form)
        messages.success(request, _("Proposed. It waits for an approver now."))
        return HttpResponseRedirect(proposal.get_absolute_url())

    def _propose_page(
        self,
        request: HttpRequest,
        persona: Persona,
        form: ProposeForm,
        preview: dict[str, Any] | None = None,
    ) -> HttpResponse:
        viewer = request.user
        assert isinstance(viewer, User)  # noqa: S101  the desk lets nobody else in
        context = {
            **self.admin_site.each_context(request),
            "title": _("Propose a change to %(persona)s") % {"persona": persona},
            "persona": persona,
            "form": form,
            "document": persona.document,
            "lease": lease_standing(
                viewer=viewer,
                action=PERSONA_MANAGE,
                resource=persona.resource,
                now=timezone.now(),
                back=request.path,
            ),
            **(preview or {}),
        }
        return TemplateResponse(request, "desk/propose.html", context, status=form.status)
