"""The thread of a proposal: comments on the whole, or on one path (contract §13)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from leases.errors import Fault
from leases.instants import to_milliseconds
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from leases.signals import send_after_commit
from personas.documents.pointer import split
from personas.errors import InvalidComment
from personas.models import Comment, Proposal
from personas.selectors import proposal_get
from personas.services.rights import require_role, role_sufficed
from personas.signals import proposal_commented

TEXT_MAX_LENGTH = 10_000
PATH_MAX_LENGTH = 1000


@refusals_kept
def proposal_comment(
    *, actor: User, proposal_id: uuid.UUID | str, text: str, now: datetime, path: str = ""
) -> Comment:
    """Add a comment; also after the decision. Raises ``InvalidComment``, ``ProposalNotFound``."""
    proposal = proposal_get(proposal_id)
    require_role(actor, Right.PROPOSE)
    with transaction.atomic():
        comment = comment_write(
            actor=actor, proposal=proposal, text=text, path=path, now=to_milliseconds(now)
        )
        role_sufficed(actor=actor, persona_id=proposal.persona_id, now=now)
    return comment


def comment_write(
    *,
    actor: User,
    proposal: Proposal,
    text: str,
    now: datetime,
    path: str = "",
    kind: Comment.Kind = Comment.Kind.COMMENT,
    pointer: str = "/text",
) -> Comment:
    """Write one line of the thread; the caller has judged the rights and opened a transaction."""
    faults = []
    if not text.strip():
        faults.append(Fault(pointer, "a comment needs text", "required"))
    if len(text) > TEXT_MAX_LENGTH:
        message = f"a comment has at most {TEXT_MAX_LENGTH} characters"
        faults.append(Fault(pointer, message, "too_long"))
    if not _is_pointer(path):
        faults.append(Fault("/path", "path must be a JSON pointer", "pointer"))
    if faults:
        raise InvalidComment(faults[0].message, errors=faults)
    comment = Comment.objects.create(
        proposal=proposal,
        author=actor,
        revision=proposal.revision,
        kind=kind,
        path=path,
        text=text.strip(),
        created_at=now,
    )
    send_after_commit(
        proposal_commented, Comment, proposal=proposal, comment=comment, actor=actor, now=now
    )
    return comment


def _is_pointer(path: str) -> bool:
    if len(path) > PATH_MAX_LENGTH:
        return False
    try:
        split(path)
    except ValueError:
        return False
    return True
