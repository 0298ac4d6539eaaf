"""Personas on the desk: the list, the raw record, the page that proposes a change, the past."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from leases.admin.viewer import viewer_of
from leases.capabilities import PERSONA_MANAGE
from leases.errors import DomainError
from leases.models import User
from leases.page_errors import page_status, sentence
from leases.roles import Right
from leases.standing import lease_standing
from personas.admin.editor_page import editor_context, moved_context
from personas.admin.editor_preview import draft_response
from personas.admin.past_pages import (
    compare_context,
    restore_context,
    suggested_reason,
    undo_context,
    version_context,
)
from personas.admin.persona_table import PersonaTable
from personas.admin.propose_page import ProposeForm, preview_context, read_proposal
from personas.errors import PersonaNotFound
from personas.models import Persona
from personas.selectors import persona_get
from personas.services.proposals import proposal_restore, proposal_submit


@admin.register(Persona)
class PersonaAdmin(PersonaTable):
    """The table of personas, and the page on which changes are proposed."""

    def get_urls(self) -> list[URLPattern]:
        pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "propose": ("propose/", self.propose_view),
            "compare": ("compare/", self.compare_view),
            "at": ("at/<int:version>/", self.version_view),
            "restore": ("restore/<int:version>/", self.restore_view),
        }
        return [
            *(
                path(
                    f"<str:persona_id>/{where}",
                    self.admin_site.admin_view(view),
                    name=f"personas_persona_{name}",
                )
                for name, (where, view) in pages.items()
            ),
            *super().get_urls(),
        ]

    def propose_view(self, request: HttpRequest, persona_id: str) -> HttpResponse:
        """GET is the empty form; POST previews or submits what is in it.

        ``step=draft`` is the editor's own live preview, answered with JSON.
        """
        actor, now = _proposer(request), timezone.now()
        persona = _persona_or_404(persona_id)
        if request.method != "POST":
            return self._propose_page(request, persona, ProposeForm())
        step = request.POST.get("step")
        if step == "draft":
            return draft_response(request, persona)
        form = read_proposal(request.POST, persona)
        try:
            if moved := form.carry(persona, submitted=step == "submit"):
                shown = moved_context(persona, form, moved)
                return self._propose_page(request, persona, form, shown)
            diff = form.parsed()
            if step != "submit":
                shown = preview_context(persona.document, diff)
                return self._propose_page(request, persona, form, shown)
            proposal = proposal_submit(
                actor=actor,
                persona_id=persona.id,
                diff=diff,
                rationale=form.rationale,
                version=form.version,
                now=now,
            )
        except DomainError as error:
            form.refuse(error)
            return self._propose_page(request, persona, form)
        messages.success(request, _("Proposed. It waits for an approver now."))
        return HttpResponseRedirect(proposal.get_absolute_url())

    def compare_view(self, request: HttpRequest, persona_id: str) -> HttpResponse:
        """What differs between two versions."""
        persona = _persona_or_404(persona_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Compare versions: %(persona)s") % {"persona": persona},
            **compare_context(persona, request.GET, viewer=viewer_of(request)),
        }
        status = 404 if context["error"] else 200
        return TemplateResponse(request, "desk/compare.html", context, status=status)

    def version_view(self, request: HttpRequest, persona_id: str, version: int) -> HttpResponse:
        """The whole record as it was, to read."""
        persona = _persona_or_404(persona_id)
        try:
            shown = version_context(persona, version, viewer=viewer_of(request))
        except PersonaNotFound as error:
            raise Http404 from error
        facts = {"persona": persona, "version": version}
        context = {
            **self.admin_site.each_context(request),
            "title": _("%(persona)s, version %(version)d") % facts,
            **shown,
        }
        return TemplateResponse(request, "desk/version.html", context)

    def restore_view(self, request: HttpRequest, persona_id: str, version: int) -> HttpResponse:
        """GET shows what would come back; POST proposes it."""
        actor = _proposer(request)
        persona = _persona_or_404(persona_id)
        rationale = request.POST.get("rationale", "")
        if request.method != "POST":
            return self._restore_page(request, persona, version)
        try:
            proposal = proposal_restore(
                actor=actor,
                persona_id=persona.id,
                version=version,
                rationale=rationale,
                now=timezone.now(),
            )
        except PersonaNotFound as error:
            raise Http404 from error
        except DomainError as error:
            return self._restore_page(request, persona, version, rationale, error)
        messages.success(request, _("Proposed. It waits for an approver now."))
        return HttpResponseRedirect(proposal.get_absolute_url())

    def _restore_page(
        self,
        request: HttpRequest,
        persona: Persona,
        version: int,
        rationale: str | None = None,
        error: DomainError | None = None,
    ) -> HttpResponse:
        now = timezone.now()
        try:
            shown = restore_context(
                persona, version, viewer=viewer_of(request), now=now, here=request.path
            )
        except PersonaNotFound as missing:
            raise Http404 from missing
        undo = undo_context(persona, version, request.GET.get("undo", ""))
        suggested = suggested_reason(version, undo["undone"])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Restore version %(version)d of %(persona)s")
            % {"version": version, "persona": persona},
            **shown,
            **undo,
            "rationale": suggested if rationale is None else rationale,
            "error": sentence(error) if error else "",
        }
        status = int(page_status(error)) if error else 200
        return TemplateResponse(request, "desk/restore.html", context, status=status)

    def _propose_page(
        self,
        request: HttpRequest,
        persona: Persona,
        form: ProposeForm,
        preview: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Propose a change to %(persona)s") % {"persona": persona},
            "persona": persona,
            "form": form,
            **editor_context(persona, form),
            "lease": lease_standing(
                viewer=viewer_of(request),
                action=PERSONA_MANAGE,
                resource=persona.resource,
                now=timezone.now(),
                back=request.path,
            ),
            **(preview or {}),
        }
        return TemplateResponse(request, "desk/propose.html", context, status=form.status)


def _persona_or_404(persona_id: str) -> Persona:
    try:
        return persona_get(persona_id)
    except PersonaNotFound as error:
        raise Http404 from error


def _proposer(request: HttpRequest) -> User:
    actor = viewer_of(request)
    if not actor.has_right(Right.PROPOSE):
        raise PermissionDenied
    return actor
