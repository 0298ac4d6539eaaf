"""Proposals over HTTP: submit, list, read (contract §4)."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body
from leases.api.documentation import problems
from leases.api.etags import tagged
from leases.api.guard import GuardedViewSet
from leases.api.pagination import Key, instant, read_page, text
from leases.errors import Fault, InvalidInput
from leases.instants import rfc3339
from personas.api.persona_views import CURSOR, LIMIT
from personas.api.serializers.proposals import (
    ApprovalOut,
    CommentOut,
    ImpactOut,
    OverlapOut,
    ProposalDetailOut,
    ProposalIn,
    ProposalListOut,
    ProposalOut,
    RevisionOut,
    SubmittedOut,
)
from personas.errors import InvalidProposal
from personas.models import Proposal
from personas.review import Review, review_of
from personas.selectors import persona_get, proposal_get
from personas.services.proposals import proposal_submit, submission_admit
from personas.services.rights import require_reader

NEWEST_PROPOSALS = (
    Key("created_at", True, rfc3339, instant),
    Key("proposal_id", True, str, lambda value: uuid.UUID(text(value))),
)


class ProposalViewSet(GuardedViewSet):
    """Proposed changes."""

    def admit(self, request: Request) -> None:
        now = timezone.now()
        if self.action == "create":
            persona = persona_get(self.kwargs["persona_id"])
            submission_admit(actor=self.actor, persona=persona, now=now)
            return
        if "proposal_id" in self.kwargs:
            proposal = proposal_get(self.kwargs.pop("proposal_id"))
            self.kwargs["proposal"] = proposal
        require_reader(self.actor)

    @extend_schema(
        operation_id="proposal_submit",
        summary="Propose a change",
        description=(
            "The diff is an RFC 6902 array or an RFC 7396 object over the whole record. It is "
            "tried at once, and refused with pointers when it does not apply, breaks the schema, "
            "touches an immutable field, exceeds a limit or changes nothing. Needs the role of a "
            "member and the capability `persona:manage`."
        ),
        request=ProposalIn,
        responses={
            200: SubmittedOut,
            **problems(
                s400="Invalid Diff",
                s403="Persona Manage Forbidden",
                s404="Persona Not Found",
                s429="Rate Limited",
            ),
        },
        examples=[
            OpenApiExample(
                "A warmer tone",
                value={
                    "diff": [{"op": "replace", "path": "/traits/tone", "value": "warm"}],
                    "rationale": "Readers found the old tone distant.",
                },
                request_only=True,
            )
        ],
        tags=["proposals"],
    )
    def create(self, request: Request, persona_id: str) -> Response:
        body = checked_body(request, ProposalIn, InvalidProposal)
        proposal = proposal_submit(
            actor=self.actor,
            persona_id=persona_id,
            diff=body["diff"],
            rationale=body["rationale"] or "",
            telemetry_scope=body["telemetry_scope"],
            leases_required=body["leases_required"],
            on_behalf_of=body["submitted_by"] or "",
            now=timezone.now(),
        )
        return Response({"proposal_id": str(proposal.proposal_id)})

    @extend_schema(
        operation_id="proposal_list",
        summary="List proposals",
        description="The newest first. A pending proposal past its time is shown as expired.",
        parameters=[
            OpenApiParameter("status", str, enum=Proposal.Status.values),
            OpenApiParameter("persona", str, description="Only those for this persona."),
            LIMIT,
            CURSOR,
        ],
        responses={
            200: ProposalListOut,
            **problems(s400="Invalid Request", s403="Persona Read Forbidden"),
        },
        tags=["proposals"],
    )
    def list(self, request: Request) -> Response:
        now = timezone.now()
        proposals = Proposal.objects.newest_first()
        status = _status(request.query_params)
        if status is not None:
            proposals = proposals.with_status_at(status, now)
        if "persona" in request.query_params:
            persona_id = request.query_params["persona"]
            # PostgreSQL refuses U+0000 in a parameter; no persona is called that.
            nobodys = "\x00" in persona_id
            proposals = proposals.none() if nobodys else proposals.filter(persona_id=persona_id)
        page = read_page(proposals, request.query_params, NEWEST_PROPOSALS)
        items = [ProposalOut(one, context={"now": now}).data for one in page.rows]
        return tagged(request, {"items": items, "next": page.next})

    @extend_schema(
        operation_id="proposal_show",
        summary="Read a proposal",
        description=(
            "With its impact, and how it stands on the record as it is now. The ETag begins with "
            "the digest and the persona's version: sent as `If-Match` it binds an approval to "
            "what was read."
        ),
        responses={
            200: ProposalDetailOut,
            **problems(s403="Persona Read Forbidden", s404="Proposal Not Found"),
        },
        tags=["proposals"],
    )
    def retrieve(self, request: Request, proposal: Proposal) -> Response:
        now = timezone.now()
        review = review_of(proposal, viewer=self.actor, now=now)
        data = {
            **ProposalOut(proposal, context={"now": now}).data,
            "persona_version": review.version,
            "impact": [ImpactOut(one).data for one in review.impacts],
            "rebase": _rebase(review),
            **_discussion(review),
        }
        return tagged(request, data, prefix=f"{proposal.digest}.{review.version}.")


def _rebase(review: Review) -> dict[str, Any] | None:
    if review.status != Proposal.Status.PENDING:
        return None
    conflicts = [conflict.as_dict() for conflict in review.conflicts]
    if conflicts or review.problem:
        return {"state": "conflicting", "result": None, "conflicts": conflicts}
    if not review.applies:
        return {"state": "nothing_left", "result": None, "conflicts": []}
    state = "rebased" if review.rebased else "current"
    return {"state": state, "result": review.after, "conflicts": []}


def _discussion(review: Review) -> dict[str, Any]:
    proposal = review.proposal
    standing = {approval.pk for approval in review.approvals}
    return {
        "conflicts_with": [OverlapOut(one).data for one in review.overlaps.found],
        "approvals": [
            ApprovalOut(one, context={"standing": standing}).data
            for one in proposal.approvals.all()
        ],
        "approvals_required": review.required,
        "revisions": [RevisionOut(one).data for one in proposal.revisions.all()],
        "comments": [CommentOut(one).data for one in proposal.comments.all()],
    }


def _status(query: QueryDict) -> str | None:
    status = query.get("status")
    if status is None or status in Proposal.Status.values:
        return status
    message = f"status must be one of {', '.join(Proposal.Status.values)}"
    raise InvalidInput(message, errors=[Fault("?status", message, "query")], code="invalid_query")
