"""Puts the review screen together: five questions in one context (contract §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leases.capabilities import PERSONA_MANAGE, Action
from leases.models import User
from leases.standing import LeaseStanding, lease_standing
from personas.admin.change_rows import change_rows, summary_text
from personas.admin.hindrances import explanations
from personas.admin.side_by_side import side_by_side
from personas.documents.canonical import Json
from personas.documents.context_bias import compute_context_bias
from personas.models import Proposal
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
    return {
        "review": review,
        "proposal": review.proposal,
        "persona": review.persona,
        "pending": pending,
        "view": view,
        "tabs": _tabs(view),
        "summary": review_summary(review),
        "rows": change_rows(review.changes) if view == "changes" else [],
        "bias": bias_rows(review.before, review.after),
        "notice_needed": review.consent_after.enabled
        and review.consent_before != review.consent_after,
        "leases": _leases(review, viewer, now) if pending else [],
        "approve_off": explanations(review.approve_hindrances, review, viewer),
        "reject_off": explanations(review.reject_hindrances, review, viewer),
        "next_proposal": _next_pending(review, now),
        "waiting": Proposal.objects.pending_at(now).exclude(pk=review.proposal.pk).count(),
    }


def review_summary(review: Review) -> str:
    """What would change, in one line."""
    return summary_text(review.summary, review.consent_before, review.consent_after)


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


def _leases(review: Review, viewer: User, now: datetime) -> list[LeaseStanding]:
    resource = review.persona.resource
    back = review.proposal.get_absolute_url()
    required = review.proposal.leases_required
    actions = [PERSONA_MANAGE, *(Action("proposal.lease_required", name) for name in required)]
    return [
        lease_standing(viewer=viewer, action=action, resource=resource, now=now, back=back)
        for action in actions
    ]


def _next_pending(review: Review, now: datetime) -> str:
    waiting = Proposal.objects.pending_at(now).exclude(pk=review.proposal.pk).oldest_first()
    first = waiting.only("proposal_id").first()
    return first.get_absolute_url() if first else ""
