"""What an approval over HTTP says it has reviewed (contract §4)."""

from __future__ import annotations

import re
from typing import Any

from personas.changes import change_on_base
from personas.documents.canonical import Json, json_equal
from personas.documents.patch import parse_diff
from personas.errors import ImmutableField, InvalidDiff, ReviewOutdated
from personas.models import Proposal
from personas.selectors import limits
from personas.services.reviewed import Reviewed

_ETAG = re.compile(r'\s*"([0-9a-f]{64})\.(\d{1,9})\.[0-9a-f]{32}"\s*')


def reviewed_by(body: dict[str, Any] | None, if_match: str) -> Reviewed | None:
    """From ``reviewed`` in the body, else from ``If-Match``; None when neither is sent.

    An ``If-Match`` that this server did not give cannot match: ``ReviewOutdated``.
    """
    if body is not None:
        return Reviewed(digest=body["digest"], version=body["version"])
    if not if_match.strip() or if_match.strip() == "*":
        return None
    match = _ETAG.fullmatch(if_match)
    if match is None:
        raise ReviewOutdated("If-Match is not the ETag of this proposal")
    return Reviewed(digest=match[1], version=int(match[2]))


def check_same_diff(proposal: Proposal, diff: Json) -> None:
    """Raise ``ReviewOutdated`` unless ``diff`` is the stored one: approvers do not edit."""
    if json_equal(diff, proposal.diff):
        return
    base, _ = change_on_base(proposal, proposal.persona)
    try:
        same = json_equal(parse_diff(diff, base, limits()), proposal.diff)
    except (InvalidDiff, ImmutableField):
        same = False
    if not same:
        raise ReviewOutdated("the diff in the body is not the one that was proposed")
