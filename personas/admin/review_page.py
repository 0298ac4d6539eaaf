"""Puts the review screen together: five questions in one context (contract §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from leases.capabilities import PERSONA_MANAGE, Action
from leases.models import User
from leases.roles import Right
from leases.standing import LeaseStanding, lease_standing
from personas.admin.approval_rows import approval_rows, approvals_after, own_approval
from personas.admin.change_rows import change_rows, summary_text
from personas.admin.decide_options import decide_options
from personas.admin.deep_links import link_rows, resume_url
from personas.admin.panels import panels_of
from personas.admin.queue_waiting import next_after, waits_for
from personas.admin.side_by_side import side_by_side
from personas.admin.thread import CommentForm, comments_of, path_choices, place_comments
from personas.documents.canonical import FIELDS, Json, json_equal
from personas.documents.context_bias import compute_context_bias
from personas.models import Comment, Proposal
from personas.overlaps import MOST_COMPARED
from personas.review import Review

VIEWS = ("changes", "side", "patch")


@dataclass(frozen=True, slots=True)
class BiasRow:
    """One leaning before and after; ``is_lane`` ones lie in -1..1 and are drawn as bars."""

    label: str
    before: float | int | None
    after: float | int | None
    is_lane: bool = True

    @property
    def changed(self) -> bool:
        return self.before != self.after


def review_context(review: Review, *, viewer: User, now: datetime, view: str) -> dict[str, Any]:
    """Everything that the template ``desk/review.html`` shows of ``review``."""
    view = view if view in VIEWS else VIEWS[0]
    pending = review.status == Proposal.Status.PENDING
    granting = review.consent_after.enabled and review.consent_before != review.consent_after
    waiting = waits_for(viewer, now=now)
    upcoming = next_after(waiting, review.proposal)
    return {
        "review": review,
        "proposal": review.proposal,
        "persona": review.persona,
        "pending": pending,
        "view": view,
        "tabs": _tabs(view),
        "parts": _parts(pending),
        "summary": review_summary(review),
        "most_compared": MOST_COMPARED,
        "bias": bias_rows(review.before, review.after),
        "notice_needed": granting,
        "needs_attestation": granting and settings.ARW_PERSONA_ACCESSIBILITY == "attest",
        "leases": _leases(review, viewer, now) if pending else [],
        "options": decide_options(review, viewer) if pending else [],
        "approvals": approval_rows(review),
        "own_approval": own_approval(review, viewer),
        "approvals_after": approvals_after(review, viewer),
        "revisions": list(review.proposal.revisions.select_related("author").order_by("-number")),
        "next_proposal": upcoming.get_absolute_url() if upcoming else "",
        "waiting": waiting.exclude(pk=review.proposal.pk).count() if upcoming else 0,
        "decides": viewer.has_right(Right.DECIDE),
        "may_propose": viewer.has_right(Right.PROPOSE),
        "panels": panels_of(review, viewer=viewer, now=now),
    }


def thread_context(
    review: Review, form: CommentForm, *, query: Mapping[str, str], view: str
) -> dict[str, Any]:
    """The rows of the change with the comments beside them, the other comments, and the form."""
    comments = comments_of(review.proposal)
    linked = link_rows(change_rows(review.changes, before=review.before, after=review.after), query)
    rows = linked.rows
    placed, rest = place_comments(rows if view == VIEWS[0] else [], comments)
    return {
        "rows": placed,
        "path_missing": linked.missing,
        "untouched": untouched(review.before, review.after),
        "comments": rest,
        "comments_beside": len(comments) - len(rest),
        "comment_form": form,
        "comment_paths": path_choices([row.path for row in rows], form.path),
        "changes_asked": _changes_asked(review, comments),
    }


def review_summary(review: Review) -> str:
    """What would change, in one line."""
    return summary_text(review.summary, review.consent_before, review.consent_after)


def untouched(before: Json, after: Json) -> list[str]:
    """The top-level fields that stay as they are, in document order."""
    return [name for name in FIELDS if json_equal(before.get(name), after.get(name))]


def side_fields(review: Review, *, full: bool) -> dict[str, Any]:
    """The context of the tab that shows the whole record."""
    fields = side_by_side(review.before, review.after, full=full)
    folded = any(line.kind == "fold" for field in fields for line in field.lines)
    return {"fields": fields, "folded": folded, "full": full}


def bias_rows(before: Json, after: Json) -> list[BiasRow]:
    """Every leaning of the context bias, before and after; empty when there is none at all."""
    old, new = compute_context_bias(before), compute_context_bias(after)
    lanes = sorted(old.lane_priorities.keys() | new.lane_priorities.keys())
    slots = sorted(old.slot_overrides.keys() | new.slot_overrides.keys())
    rows = [
        BiasRow(
            _("lane %(name)s") % {"name": name},
            old.lane_priorities.get(name, 0.0),
            new.lane_priorities.get(name, 0.0),
        )
        for name in lanes
    ]
    rows += [
        BiasRow(
            _("slot %(name)s, at least") % {"name": name},
            old.slot_overrides.get(name),
            new.slot_overrides.get(name),
            is_lane=False,
        )
        for name in slots
    ]
    if old.min_score_delta or new.min_score_delta:
        rows.append(BiasRow(_("minimum score"), old.min_score_delta, new.min_score_delta))
    return rows


def _tabs(view: str) -> list[dict[str, Any]]:
    labels = {"changes": _("Changes"), "side": _("Side by side"), "patch": _("Raw patch")}
    return [{"view": name, "label": labels[name], "current": name == view} for name in VIEWS]


def _parts(pending: bool) -> list[tuple[str, str]]:
    """The parts of the page for its bar: ids with labels."""
    true = [("q-true", _("Still true?"))] if pending else []
    return [("q-what", _("Changes")), ("q-impact", _("Effect")), *true, ("q-why", _("Why"))]


def _leases(review: Review, viewer: User, now: datetime) -> list[LeaseStanding]:
    resource = review.persona.resource
    back = resume_url(review.proposal)
    required = review.proposal.leases_required
    actions = [PERSONA_MANAGE, *(Action("proposal.lease_required", name) for name in required)]
    return [
        lease_standing(viewer=viewer, action=action, resource=resource, now=now, back=back)
        for action in actions
    ]


def _changes_asked(review: Review, comments: list[Comment]) -> Comment | None:
    """The request that keeps the proposal from being approved now."""
    pending = review.status == Proposal.Status.PENDING
    if not pending or review.proposal.changes_requested_at is None:
        return None
    asked = [one for one in comments if one.kind == Comment.Kind.CHANGES_REQUESTED]
    return asked[-1] if asked else None
