"""Deciding on a proposal, and talking about it, over HTTP (contract §4, §13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body
from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from leases.roles import Right
from personas.api.review_binding import check_same_diff, reviewed_by
from personas.api.serializers.decisions import (
    ApproveIn,
    CommentIn,
    DecidedOut,
    RejectIn,
    RequestChangesIn,
    ReviseIn,
    WithdrawIn,
)
from personas.api.serializers.proposals import CommentOut, ProposalOut
from personas.errors import InvalidComment, InvalidProposal
from personas.models import Proposal
from personas.selectors import proposal_get
from personas.services.decisions import (
    approval_admit,
    proposal_approve,
    proposal_reject,
    proposal_request_changes,
    rejection_admit,
)
from personas.services.discussion import proposal_comment
from personas.services.proposals import (
    proposal_revise,
    proposal_withdraw,
    revision_admit,
    withdrawal_admit,
)
from personas.services.rights import require_role

_ADMIT: dict[str, Callable[..., None]] = {
    "approve": approval_admit,
    "reject": rejection_admit,
    "request_changes": rejection_admit,
    "revise": revision_admit,
    "withdraw": withdrawal_admit,
}


class DecisionViewSet(GuardedViewSet):
    """What happens to a proposal after it was submitted."""

    def admit(self, request: Request) -> None:
        proposal = proposal_get(self.kwargs.pop("proposal_id"))
        self.kwargs["proposal"] = proposal
        if self.action == "comment":
            return require_role(self.actor, Right.PROPOSE)
        return _ADMIT[self.action](actor=self.actor, proposal=proposal, now=timezone.now())

    @extend_schema(
        operation_id="proposal_approve",
        summary="Approve a proposal",
        description=(
            "Applies it in one transaction: claim, record, history. While the change needs more "
            "approvers, the yes is kept and the status stays `pending`. `reviewed` (or "
            "`If-Match`) binds the approval to what was read. Needs the role of an approver, the "
            "capability `persona:manage`, and the capabilities in `leases_required`; nobody "
            "approves their own proposal or revision."
        ),
        request=ApproveIn,
        responses={
            200: DecidedOut,
            **problems(
                s400="Invalid Proposal",
                s403="Self Approval Forbidden",
                s404="Proposal Not Found",
                s409="Proposal Not Pending",
            ),
        },
        examples=[
            OpenApiExample(
                "What was read",
                value={"reviewed": {"digest": "9f2c…", "version": 4}},
                request_only=True,
            )
        ],
        tags=["proposals"],
    )
    def approve(self, request: Request, proposal: Proposal) -> Response:
        body = checked_body(request, ApproveIn, InvalidProposal)
        if body.get("diff") is not None:
            check_same_diff(proposal, body["diff"])
        decided = proposal_approve(
            actor=self.actor,
            proposal_id=proposal.proposal_id,
            reviewed=reviewed_by(body["reviewed"], request.META.get("HTTP_IF_MATCH", "")),
            rationale=body["rationale"] or "",
            accessibility_attested=body["accessibility_attested"],
            now=timezone.now(),
        )
        counts = {"approvals": decided.approvals, "required": decided.required}
        return _outcome(decided.proposal, **counts)

    @extend_schema(
        operation_id="proposal_reject",
        summary="Reject a proposal",
        description="Archives it with the rationale, which is required. Nothing enters history.",
        request=RejectIn,
        responses={
            200: DecidedOut,
            **problems(
                s400="Rationale Required",
                s403="Persona Manage Forbidden",
                s404="Proposal Not Found",
                s409="Proposal Not Pending",
            ),
        },
        examples=[
            OpenApiExample(
                "Why not", value={"rationale": "It drops the safety boundary."}, request_only=True
            )
        ],
        tags=["proposals"],
    )
    def reject(self, request: Request, proposal: Proposal) -> Response:
        body = checked_body(request, RejectIn, InvalidProposal)
        rationale = body["rationale"] or ""
        return _outcome(proposal_reject(rationale=rationale, **self._about(proposal)))

    @extend_schema(
        operation_id="proposal_request_changes",
        summary="Ask for changes",
        description=(
            "The proposal stays pending, but cannot be approved until it is revised. The comment "
            "is required."
        ),
        request=RequestChangesIn,
        responses={
            200: ProposalOut,
            **problems(
                s400="Invalid Comment",
                s403="Persona Manage Forbidden",
                s404="Proposal Not Found",
                s409="Proposal Not Pending",
            ),
        },
        examples=[
            OpenApiExample(
                "What to change", value={"comment": "Keep the boundary."}, request_only=True
            )
        ],
        tags=["proposals"],
    )
    def request_changes(self, request: Request, proposal: Proposal) -> Response:
        body = checked_body(request, RequestChangesIn, InvalidComment)
        changed = proposal_request_changes(text=body["comment"], **self._about(proposal))
        return _shown(changed)

    @extend_schema(
        operation_id="proposal_revise",
        summary="Revise a proposal",
        description=(
            "A new revision with another diff, written on the record as it is now. Earlier "
            "approvals no longer count. For the author and for approvers."
        ),
        request=ReviseIn,
        responses={
            200: ProposalOut,
            **problems(
                s400="Invalid Diff",
                s403="Persona Manage Forbidden",
                s404="Proposal Not Found",
                s409="Review Outdated",
            ),
        },
        examples=[
            OpenApiExample(
                "A gentler tone",
                value={"diff": [{"op": "replace", "path": "/traits/tone", "value": "gentle"}]},
                request_only=True,
            )
        ],
        tags=["proposals"],
    )
    def revise(self, request: Request, proposal: Proposal) -> Response:
        body = checked_body(request, ReviseIn, InvalidProposal)
        return _shown(proposal_revise(**body, **self._about(proposal)))

    @extend_schema(
        operation_id="proposal_withdraw",
        summary="Withdraw a proposal",
        description="For the author; taking back another's is for approvers with a lease.",
        request=WithdrawIn,
        responses={
            200: DecidedOut,
            **problems(
                s403="Persona Manage Forbidden",
                s404="Proposal Not Found",
                s409="Proposal Not Pending",
            ),
        },
        examples=[
            OpenApiExample("Why", value={"rationale": "No longer needed."}, request_only=True)
        ],
        tags=["proposals"],
    )
    def withdraw(self, request: Request, proposal: Proposal) -> Response:
        body = checked_body(request, WithdrawIn, InvalidProposal)
        rationale = body["rationale"] or ""
        return _outcome(proposal_withdraw(rationale=rationale, **self._about(proposal)))

    @extend_schema(
        operation_id="proposal_comment",
        summary="Comment on a proposal",
        description="On the whole of it, or on one path of the record; also after the decision.",
        request=CommentIn,
        responses={
            201: CommentOut,
            **problems(
                s400="Invalid Comment",
                s403="Persona Manage Forbidden",
                s404="Proposal Not Found",
            ),
        },
        examples=[
            OpenApiExample(
                "On a path",
                value={"text": "Why so formal?", "path": "/traits/tone"},
                request_only=True,
            )
        ],
        tags=["proposals"],
    )
    def comment(self, request: Request, proposal: Proposal) -> Response:
        body = checked_body(request, CommentIn, InvalidComment)
        comment = proposal_comment(
            text=body["text"], path=body["path"] or "", **self._about(proposal)
        )
        return Response(CommentOut(comment).data, status=201)

    def _about(self, proposal: Proposal) -> dict[str, Any]:
        return {
            "actor": self.actor,
            "proposal_id": proposal.proposal_id,
            "now": timezone.now(),
        }


def _shown(proposal: Proposal) -> Response:
    return Response(ProposalOut(proposal, context={"now": timezone.now()}).data)


def _outcome(proposal: Proposal, **further: int) -> Response:
    return Response(
        {
            "proposal_id": str(proposal.proposal_id),
            "status": str(proposal.status),
            "persona_id": proposal.persona_id,
            "version": proposal.persona.version,
            **further,
        }
    )
