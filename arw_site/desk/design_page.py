"""The page that shows the design: type, space, colour with its contrast, and every component."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from arw_site.desk.design_tokens import STYLESHEETS, Pair, colours, pairs, tokens
from leases.models import User
from personas.admin.change_rows import ChangeRow, change_rows
from personas.documents.compare import compare
from personas.models import HistoryEntry, Persona, Proposal
from telemetry.notices import current_notice

KINDS = ("info", "success", "warning", "error")
SPACE_UNIT = 16  # pixels in a rem, for drawing


@dataclass(frozen=True, slots=True)
class Space:
    """One step of the scale, drawn ``width`` pixels wide."""

    name: str
    value: str
    width: float


@cache
def _stylesheet() -> str:
    return (STYLESHEETS / "tokens.css").read_text(encoding="utf-8")


def design_view(request: HttpRequest) -> HttpResponse:
    """Everything that pages are made of, with its states."""
    css = _stylesheet()
    known = tokens(css)
    context = {
        **admin.site.each_context(request),
        "title": _("Design"),
        "sizes": [
            (name.removeprefix("text-"), value)
            for name, value in known.items()
            if name.startswith("text-")
        ],
        "spaces": list(_spaces(known)),
        "colours": list(colours(css).values()),
        "pairs": list(_each_once(pairs(css))),
        **_components(timezone.now()),
    }
    return TemplateResponse(request, "desk/design.html", context)


def _spaces(known: dict[str, str]) -> Iterator[Space]:
    for name, value in known.items():
        if name.startswith("space-"):
            yield Space(name, value, float(value.removesuffix("rem")) * SPACE_UNIT)


def _each_once(every: Iterator[Pair]) -> Iterator[Pair]:
    """A pair that is text somewhere is not listed again as a graphic."""
    seen: set[tuple[str, str]] = set()
    for pair in every:
        names = pair.ink.name, pair.background.name
        if names not in seen:
            seen.add(names)
            yield pair


def _components(now: datetime) -> dict[str, Any]:
    return {
        "kinds": KINDS,
        "statuses": list(Proposal.Status),
        "rows": _rows(),
        "timeline": _timeline(now),
        "notice": current_notice(),
        "pages": Paginator(range(50), 10).page(2),
        "moments": [now, now - timedelta(minutes=7), now + timedelta(days=2)],
        "value": {"tone": "warm", "strengths": ["patience", "plain writing"], "pace": None},
    }


def _rows() -> list[ChangeRow]:
    """One row of each kind, from a real comparison."""
    before = {
        "style": "Speaks in short, unhurried sentences.",
        "pace": "slow",
        "strengths": [{"id": "calm", "level": 2}, {"id": "wit", "level": 1}, {"id": "tact"}],
    }
    after = {
        "style": "Speaks in brief, unhurried sentences.",
        "humour": "Dry.",
        "strengths": [{"id": "tact"}, {"id": "calm", "level": 2}, {"id": "wit", "level": 1}],
    }
    return change_rows(compare(before, after), before=before, after=after)


def _timeline(now: datetime) -> list[HistoryEntry]:
    """Two entries that are in no database."""
    persona = Persona(id="persona.example", name="Ida Example")
    person = User(first_name="Alice")
    return [
        HistoryEntry(
            persona=persona,
            version=version,
            kind=kind,
            applied_by=person,
            applied_at=now - timedelta(hours=hours),
            entry_hash=f"{version}f" * 32,
        )
        for version, kind, hours in ((2, "consent", 1), (1, "create", 30))
    ]
