"""What happened to a proposal while its review screen was open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from personas.models import Comment, Proposal
from personas.review import Review

SEEN = "seen"
_KEPT = ("view", "full", "about")
_Status = Proposal.Status


@dataclass(frozen=True, slots=True)
class Seen:
    """What a review screen shows: compared with what is so now."""

    status: str
    revision: str
    version: str
    asked: str

    @classmethod
    def of(cls, review: Review) -> Seen:
        """What a screen shows that is drawn now."""
        proposal = review.proposal
        asked = proposal.changes_requested_at is not None
        return cls(review.status.value, f"{proposal.revision}", f"{review.version}", f"{asked:d}")

    @classmethod
    def read(cls, text: str) -> Seen | None:
        """From an address; None for anything else than :meth:`text` makes."""
        parts = text.split(".")
        return cls(*parts) if len(parts) == 4 else None

    def text(self) -> str:
        return f"{self.status}.{self.revision}.{self.version}.{self.asked}"


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news for an open screen.

    ``moved`` says that the change or its outcome is not what the screen shows: nothing is decided
    there before its reader looked again, by the link ``label``.
    """

    text: str
    label: str
    moved: bool


def news_context(review: Review, query: QueryDict) -> dict[str, Any]:
    """The news for the screen that asks, and the address that an open screen asks for.

    No news for a page that is opened: it shows everything as it is.
    """
    now = Seen.of(review)
    seen = Seen.read(query.get(SEEN, ""))
    kept = {name: query[name] for name in _KEPT if name in query}
    address = f"{review.proposal.get_absolute_url()}?{urlencode({**kept, SEEN: now.text()})}"
    return {
        "news": _news_since(seen, now, review) if seen else None,
        "refresh_address": address,
    }


def _news_since(seen: Seen, now: Seen, review: Review) -> News | None:
    if seen.status != now.status:
        return News(_outcome(review), _("Show the outcome"), moved=True)
    if review.status != _Status.PENDING:
        return None
    if seen.revision != now.revision:
        newest = review.proposal.revisions.select_related("author").order_by("-number").first()
        facts = {"who": newest.author if newest else "", "number": review.proposal.revision}
        said = _("%(who)s revised the proposal. You see an earlier revision than %(number)d.")
        return News(said % facts, _("Show the new revision"), moved=True)
    if seen.version != now.version:
        said = _("The record has moved on to version %(version)d.") % {"version": review.version}
        return News(said, _("Look again"), moved=True)
    if seen.asked != now.asked and now.asked == "1":
        asked = review.proposal.comments.filter(kind=Comment.Kind.CHANGES_REQUESTED)
        newest_asked = asked.select_related("author").order_by("-created_at", "-pk").first()
        said = _("%(who)s asked for changes.")
        who = newest_asked.author if newest_asked else ""
        return News(said % {"who": who}, _("Read what for"), moved=False)
    return None


def _outcome(review: Review) -> str:
    who = {"who": review.proposal.decided_by}
    if review.status == _Status.APPROVED:
        return _("%(who)s approved the proposal.") % who
    if review.status == _Status.REJECTED:
        return _("%(who)s rejected the proposal.") % who
    if review.status == _Status.WITHDRAWN:
        return _("%(who)s withdrew the proposal.") % who
    return _("The proposal expired undecided.")
