"""Proposals on the desk: the raw record, the queue, the review screen and what it leads to."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leases.admin.page_doors import sent_only
from leases.admin.viewer import viewer_of
from leases.errors import DomainError
from personas.admin.decide_options import option_named
from personas.admin.decision_state import decision_state
from personas.admin.deep_links import RESUME
from personas.admin.editor_page import moved_context
from personas.admin.editor_preview import draft_response
from personas.admin.proposal_table import ProposalTable
from personas.admin.propose_page import ProposeForm, read_proposal
from personas.admin.queue_page import queue_context
from personas.admin.review_decision import (
    DecisionForm,
    decide,
    read_decision,
)
from personas.admin.review_news import news_context
from personas.admin.review_page import review_context, side_fields, thread_context
from personas.admin.revise_page import may_revise, revise, revise_context, revise_preview
from personas.admin.revisions_page import revisions_context
from personas.admin.thread import CommentForm, read_comment
from personas.admin.unsent import drop_unsent, keep_unsent, unsent_of
from personas.errors import ProposalNotFound
from personas.models import Proposal
from personas.review import review_of
from personas.selectors import proposal_get
from personas.services.discussion import proposal_comment


@admin.register(Proposal)
class ProposalAdmin(ProposalTable):
    """The table of proposals, and the pages on which they are decided."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        pages = {
            "review": self.review_view,
            "comment": sent_only(_thread_of)(self.comment_view),
            "revise": self.revise_view,
            "revisions": self.revisions_view,
        }
        return [
            path("queue/", guard(self.queue_view), name="personas_proposal_queue"),
            *(
                path(f"<uuid:proposal_id>/{name}/", guard(view), name=f"personas_proposal_{name}")
                for name, view in pages.items()
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
        proposal = _proposal_or_404(proposal_id)
        if request.method != "POST":
            form = read_decision(request.GET, name="confirm")
            kept = unsent_of(request.session, proposal, resume=RESUME in request.GET)
            return self._review_page(request, proposal, form if form.decision else kept or form)
        form = read_decision(request.POST, name="decision")
        if not form.decision:
            return self._review_page(request, proposal, form)
        try:
            messages.success(request, decide(viewer_of(request), proposal, form, timezone.now()))
        except DomainError as error:
            return self._review_page(request, proposal, form, error=error)
        drop_unsent(request.session, proposal)
        return HttpResponseRedirect(proposal.get_absolute_url())

    def comment_view(self, request: HttpRequest, proposal_id: uuid.UUID) -> HttpResponse:
        """POST adds to the thread; what is refused is shown with the review."""
        proposal = _proposal_or_404(proposal_id)
        form = read_comment(request.POST)
        try:
            comment = proposal_comment(
                actor=viewer_of(request),
                proposal_id=proposal.pk,
                text=form.text,
                path=form.path,
                now=timezone.now(),
            )
        except DomainError as error:
            return self._review_page(request, proposal, DecisionForm(), form.refused(error))
        messages.success(request, _("Your comment is in the thread."))
        return HttpResponseRedirect(f"{proposal.get_absolute_url()}#comment-{comment.pk}")

    def revise_view(self, request: HttpRequest, proposal_id: uuid.UUID) -> HttpResponse:
        """GET is the form with what is asked for now; POST previews or submits a revision."""
        proposal, actor = _proposal_or_404(proposal_id), viewer_of(request)
        if not may_revise(actor, proposal):
            raise PermissionDenied
        if request.method != "POST":
            if proposal.status_at(timezone.now()) != Proposal.Status.PENDING:
                return HttpResponseRedirect(proposal.get_absolute_url())
            return self._revise_page(request, proposal, None)
        persona, step = proposal.persona, request.POST.get("step")
        if step == "draft":
            return draft_response(request, persona, proposal.telemetry_scope)
        form = read_proposal(request.POST, persona)
        try:
            if moved := form.carry(persona, submitted=step == "submit"):
                shown = moved_context(persona, form, moved, proposal.telemetry_scope)
                return self._revise_page(request, proposal, form, shown)
            if step != "submit":
                return self._revise_page(request, proposal, form, revise_preview(proposal, form))
            revised = revise(actor, proposal, form, timezone.now())
        except DomainError as error:
            form.refuse(error)
            return self._revise_page(request, proposal, form)
        said = _("Revised. It is at revision %(number)d and waits for approval.")
        messages.success(request, said % {"number": revised.revision})
        return HttpResponseRedirect(proposal.get_absolute_url())

    def revisions_view(self, request: HttpRequest, proposal_id: uuid.UUID) -> HttpResponse:
        """What differs between two revisions."""
        proposal = _proposal_or_404(proposal_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Compare revisions: %(persona)s") % {"persona": proposal.persona},
            **revisions_context(proposal, request.GET),
        }
        return TemplateResponse(
            request, "desk/revisions.html", context, status=404 if context["error"] else 200
        )

    def _revise_page(
        self,
        request: HttpRequest,
        proposal: Proposal,
        form: ProposeForm | None,
        preview: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Revise the change to %(persona)s") % {"persona": proposal.persona},
            **revise_context(proposal.pk, form, viewer=viewer_of(request), here=request.path),
            **(preview or {}),
        }
        return TemplateResponse(request, "desk/revise.html", context, status=context["form"].status)

    def _review_page(
        self,
        request: HttpRequest,
        proposal: Proposal,
        form: DecisionForm,
        comment: CommentForm | None = None,
        error: DomainError | None = None,
    ) -> HttpResponse:
        viewer, now = viewer_of(request), timezone.now()
        proposal = proposal_get(proposal.pk)
        review = review_of(proposal, viewer=viewer, now=now)
        state = decision_state(form, error, review, viewer)
        if state.refusal and state.refusal.lease:
            keep_unsent(request.session, proposal, form)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review: %(persona)s") % {"persona": review.persona},
            **review_context(review, viewer=viewer, now=now, view=request.GET.get("view", "")),
            "form": state,
            **news_context(review, request.GET),
        }
        comment = comment or CommentForm(path=request.GET.get("about", ""))
        context |= thread_context(review, comment, query=request.GET, view=context["view"])
        context["confirm"] = option_named(context["options"], state.decision)
        if context["view"] == "side":
            context |= side_fields(review, full="full" in request.GET)
        status = max(state.status, comment.status)
        return TemplateResponse(request, "desk/review.html", context, status=status)


def _thread_of(proposal_id: uuid.UUID) -> str:
    """The form for comments, on the review page."""
    return reverse("admin:personas_proposal_review", args=[proposal_id]) + "#comment"


def _proposal_or_404(proposal_id: uuid.UUID) -> Proposal:
    try:
        return proposal_get(proposal_id)
    except ProposalNotFound as error:
        raise Http404 from error
