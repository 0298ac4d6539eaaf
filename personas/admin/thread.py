"""The thread of a proposal: comments beside the change that they are about, and the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from leases.errors import DomainError
from leases.page_errors import page_status, sentence
from personas.admin.change_rows import ChangeRow
from personas.documents.pointer import Tokens, split
from personas.models import Comment, Proposal


@dataclass(frozen=True, slots=True)
class CommentForm:
    """What was typed; ``path`` is empty for a comment on the whole proposal."""

    text: str = ""
    path: str = ""
    error: str = ""
    status: int = 200

    def refused(self, error: DomainError) -> CommentForm:
        """The form with what is wrong beside it."""
        words = error.errors[0].message.capitalize() + "." if error.errors else sentence(error)
        return replace(self, error=words, status=int(page_status(error)))


def read_comment(data: QueryDict) -> CommentForm:
    """The form as it was sent."""
    return CommentForm(data.get("text", ""), data.get("path", ""))


def comments_of(proposal: Proposal) -> list[Comment]:
    """All comments, the oldest first."""
    return list(proposal.comments.select_related("author").order_by("created_at", "pk"))


def place_comments(
    rows: Sequence[ChangeRow], comments: Sequence[Comment]
) -> tuple[list[ChangeRow], list[Comment]]:
    """The rows with the comments on their paths, and the comments that no row took.

    A comment belongs to the row of its path, else to the nearest row above it.
    """
    beside: dict[int, list[Comment]] = {}
    rest = []
    known: dict[Tokens, ChangeRow] = {}
    for one in rows if comments else ():
        known.setdefault(split(one.path), one)
    for comment in comments:
        row = _row_of(known, comment.path) if comment.path else None
        if row is None:
            rest.append(comment)
        else:
            beside.setdefault(row.number, []).append(comment)
    placed = [
        replace(one, comments=tuple(beside[one.number])) if one.number in beside else one
        for one in rows
    ]
    return placed, rest


def path_choices(paths: Sequence[str], chosen: str) -> list[tuple[str, str]]:
    """What a comment can be about: the whole, each changed path, and the path that was chosen."""
    known = list(dict.fromkeys([*paths, *([chosen] if chosen else [])]))
    return [("", _("the whole proposal")), *((path, path) for path in known)]


def _row_of(rows: Mapping[Tokens, ChangeRow], path: str) -> ChangeRow | None:
    """The row of that path, else of the nearest place above it."""
    wanted = split(path)
    places = (wanted[:depth] for depth in range(len(wanted), -1, -1))
    return next((rows[place] for place in places if place in rows), None)
