"""Search over personas, proposals and pages: the command palette, and the same as a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import F, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from arw_site.access.pages import PAGES
from leases.admin.viewer import viewer_of
from leases.models import User
from personas.models import Persona, Proposal

QUERY_MAX, WORDS_MAX = 100, 6
IN_PALETTE, ON_PAGE = 6, 25


@dataclass(frozen=True, slots=True)
class Found:
    """One result: what it is called, what tells it from others, and where it is."""

    title: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Results of one kind, under a heading."""

    label: str
    items: list[Found]


def search_view(request: HttpRequest) -> HttpResponse:
    """The results for ``?q=`` as a page; without one, the pages there are."""
    query = _query(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Search"),
        "q": query,
        "groups": found_for(query, viewer=viewer_of(request), now=timezone.now(), most=ON_PAGE),
    }
    return TemplateResponse(request, "desk/search.html", context)


def found_view(request: HttpRequest) -> JsonResponse:
    """The same for the palette: ``{"groups": [{"label", "items": [{"title", "note", "url"}]}]}``."""
    viewer, now = viewer_of(request), timezone.now()
    groups = found_for(_query(request), viewer=viewer, now=now, most=IN_PALETTE)
    return JsonResponse({"groups": [asdict(group) for group in groups]})


def found_for(query: str, *, viewer: User, now: datetime, most: int) -> list[Group]:
    """Up to ``most`` results of each kind that hold every word of ``query``; no empty groups."""
    words = query.split()[:WORDS_MAX]
    groups = [Group(_("Pages"), pages_for(words, viewer)[: most if words else ON_PAGE])]
    if words:
        groups = [
            Group(_("Personas"), _personas(words, most)),
            Group(_("Proposals"), _proposals(words, most, now)),
            *groups,
        ]
    return [group for group in groups if group.items]


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:QUERY_MAX]


def _matching(found: QuerySet[Any], words: list[str], held: Callable[[str], Q]) -> QuerySet[Any]:
    for word in words:
        found = found.filter(held(word))
    return found


def _personas(words: list[str], most: int) -> list[Found]:
    def held(word: str) -> Q:
        return (
            Q(id__icontains=word)
            | Q(name__icontains=word)
            | Q(archetype__icontains=word)
            | Q(owner_ref__icontains=word)
        )

    found = _matching(Persona.objects.order_by("name", "id"), words, held)
    listed = found.only("id", "name", "archetype")[:most]
    return [Found(str(one), one.archetype or one.id, _address(one)) for one in listed]


def _proposals(words: list[str], most: int, now: datetime) -> list[Found]:
    """What waits comes first, the newest first of what is decided."""

    def held(word: str) -> Q:
        return (
            Q(persona__id__icontains=word)
            | Q(persona__name__icontains=word)
            | Q(rationale__icontains=word)
            | Q(submitted_by__username__icontains=word)
            | Q(submitted_by__first_name__icontains=word)
            | Q(proposal_id__startswith=word.lower())
        )

    proposals = Proposal.objects.select_related("persona", "submitted_by")
    found = _matching(proposals, words, held)
    listed = found.order_by(F("decided_at").asc(nulls_first=True), "-created_at")[:most]
    return [Found(str(one.persona), _about(one, now), _address(one)) for one in listed]


def _about(proposal: Proposal, now: datetime) -> str:
    status = proposal.status_at(now).label
    parts = [str(status), str(proposal.submitted_by), Truncator(proposal.rationale).chars(80)]
    return "\u00a0· ".join(part for part in parts if part)


def _address(row: Model) -> str:
    address: str = row.get_absolute_url()  # type: ignore[attr-defined]
    return address


def pages_for(words: list[str], viewer: User) -> list[Found]:
    """The pages that ``viewer`` may see whose name or description holds every word."""
    return [
        Found(title, note, reverse(f"admin:{name}"))
        for name, title, note in _pages()
        if PAGES[name].seen.may_pass(viewer)
        and all(word.lower() in f"{title} {note}".lower() for word in words)
    ]


def _pages() -> Iterator[tuple[str, str, str]]:
    """Every page without a subject of its own: URL name, title, what it is for."""
    yield "index", _("Home"), _("What waits, what changed")
    yield "personas_proposal_queue", _("Queue"), _("Proposals to review and decide")
    yield "desk_inbox", _("Inbox"), _("News about your proposals and requests")
    yield "desk_journal", _("Journal"), _("Prompts to reflect on, and your answers")
    yield "personas_persona_changelist", _("Personas"), _("All records")
    yield "telemetry_consent", _("Telemetry"), _("Consent switches and receipts")
    yield "desk_live", _("Live"), _("Events as they happen")
    yield "leases_lease_grant", _("Leases"), _("What is lent, grant and revoke")
    yield "leases_leaserequest_list", _("Lease requests"), _("Who asked for a lease")
    yield "leases_leaserequest_ask", _("Ask for a lease"), _("A request to an admin")
    yield "leases_lease_past", _("Past leases"), _("What is over, and why")
    yield "leases_policy_page", _("Policy"), _("The policy in force, the kill switch")
    yield "leases_policy_simulate", _("Simulator"), _("Would it be allowed, and why?")
    yield "leases_decision_log", _("Decision log"), _("What was allowed and refused")
    yield "personas_historyentry_changelist", _("History"), _("Every applied change")
    yield "personas_approverrule_changelist", _("Approver rules"), _("Who decides for whom")
    yield "leases_user_changelist", _("People"), _("People, automations and roles")
    yield "telemetry_event_log", _("Event log"), _("What the server has logged")
    yield "desk_tokens", _("API tokens"), _("Make and revoke tokens for programs")
    yield "desk_preferences", _("Preferences"), _("Keys, colours, times, password")
