"""Proposals on the desk: the raw record, the queue, and the review screen."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leases.errors import DomainError
from leases.models import User
from leases.page_errors import page_status
from leases.read_only_admin import ReadOnlyAdmin
from personas.admin.queue_page import queue_context
from personas.admin.review_decision import DecisionForm, decide, read_decision, refusal_text
from personas.admin.review_page import review_context, side_fields
from personas.errors import ProposalNotFound, RationaleRequired
from personas.models import Proposal
from personas.review import review_of
from personas.selectors import proposal_get


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    """The table of proposals, and the pages on which they are decided."""

    list_display = ("proposal_id", "persona", "status", "submitted_by", "created_at", "expires_at")
    list_filter = ("status",)
    list_select_related = ("persona", "submitted_by")
    search_fields = ("persona__name", "persona__id", "rationale")
    search_help_text = gettext_lazy("Persona or rationale")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("queue/", guard(self.queue_view), name="personas_proposal_queue"),
            path(
                "<uuid:proposal_id>/review/",
                guard(self.review_view),
                name="personas_proposal_review",
            ),
            *super().get_urls(),
        ]

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        """What waits for a decision, the oldest first."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review queue"),
            **queue_context(request.GET, now=timezone.now()),
        }
        return TemplateResponse(request, "desk/queue.html", context)

    def review_view(self, request: HttpRequest, proposal_id: uuid.UUID) -> HttpResponse:
        """GET shows one proposal; POST decides on it."""
        now = timezone.now()
        try:
            proposal = proposal_get(proposal_id)
        except ProposalNotFound as error:
            raise Http404 from error
        if request.method != "POST":
            return self._review_page(request, proposal, read_decision(request.GET, name="confirm"))
        form = read_decision(request.POST, name="decision")
        if not form.decision:
            return self._review_page(request, proposal, form)
        try:
            messages.success(request, decide(request, proposal, form, now))
        except DomainError as error:
            return self._review_page(request, proposal, _refused(form, error))
        return HttpResponseRedirect(proposal.get_absolute_url())

    def _review_page(
        self, request: HttpRequest, proposal: Proposal, form: DecisionForm
    ) -> HttpResponse:
        viewer, now = request.user, timezone.now()
        assert isinstance(viewer, User)  # noqa: S101  the desk lets nobody else in
        proposal = proposal_get(proposal.pk)
        review = review_of(proposal, viewer=viewer, now=now)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review: %(persona)s") % {"persona": review.persona},
            **review_context(review, viewer=viewer, now=now, view=request.GET.get("view", "")),
            "form": _fresh(form, proposal, review.version),
        }
        if context["view"] == "side":
            context |= side_fields(review, full="full" in request.GET)
        return TemplateResponse(request, "desk/review.html", context, status=form.status)


def _refused(form: DecisionForm, error: DomainError) -> DecisionForm:
    """The form with what is wrong beside it, and everything that was typed."""
    needs_rationale = isinstance(error, RationaleRequired)
    return replace(
        form,
        error=refusal_text(error),
        rationale_error=error.errors[0].message if needs_rationale else "",
        status=int(page_status(error)),
    )


def _fresh(form: DecisionForm, proposal: Proposal, version: int) -> dict[str, Any]:
    """The form for the template, bound to what the page shows now.

    A confirmation that was opened on something older is closed again, with a word about it.
    """
    outdated = bool(form.decision) and not form.error and not form.shows(proposal, version)
    return {
        "decision": "" if outdated else form.decision,
        "rationale": form.rationale,
        "rationale_error": form.rationale_error,
        "error": _("The persona changed while you were looking. Look again, then decide.")
        if outdated
        else form.error,
        "digest": proposal.digest,
        "version": version,
    }
