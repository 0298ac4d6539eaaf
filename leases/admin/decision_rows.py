"""Decisions as the desk lists them: filters of the address, and words for the codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leases.errors import InvalidInput
from leases.models import DecisionEntry
from leases.verdict_words import reason_label

FILTERS = ("actor", "action", "persona", "allowed", "reason", "since", "until", "lease", "revision")
# They have no field in the form: only an address names them.
ELSEWHERE = frozenset({"lease", "revision", "cursor", "limit"})
_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision of the list; ``who`` is empty for nobody known."""

    entry: DecisionEntry
    who: str
    reason: str


def decision_row(entry: DecisionEntry) -> DecisionRow:
    """``entry`` with its codes in words."""
    who = entry.actor.display_name if entry.actor else ""
    return DecisionRow(entry, who, reason_label(entry.reason))


def decision_rows(entries: Iterable[DecisionEntry]) -> list[DecisionRow]:
    """Each of ``entries`` with its codes in words."""
    return [decision_row(entry) for entry in entries]


def recorded_leases(entry: DecisionEntry) -> list[dict[str, Any]]:
    """The leases that the decision was taken from, as they stood then; ``until`` is an instant."""
    leases = entry.inputs.get("leases") if isinstance(entry.inputs, dict) else None
    found = [one for one in leases or () if isinstance(one, dict)]
    return [{**one, "until": _instant(str(one.get("ttl_until", "")))} for one in found]


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def asked_filters(query: Mapping[str, str]) -> dict[str, str]:
    """The filters that ``query`` holds, as they were typed."""
    return {name: query[name] for name in FILTERS if query.get(name, "").strip()}


def exact_filters(asked: Mapping[str, str]) -> dict[str, str]:
    """``asked`` with days, which a date field sends, as the instants that they begin at."""
    days = {name for name in ("since", "until") if _A_DAY.fullmatch(asked.get(name, ""))}
    return {name: f"{text}T00:00:00Z" if name in days else text for name, text in asked.items()}


def wrong_filters(error: InvalidInput) -> dict[str, str]:
    """What makes no sense, by filter, in the words of the labels of the form.

    The error itself names the parameters of the API.
    """
    day = _("“%(label)s” must be a day, as 2026-01-31")
    said = {
        "actor": _("Nobody has this user name or id"),
        "allowed": _("“Outcome” must be allowed or refused"),
        "since": day % {"label": _("From")},
        "until": day % {"label": _("Before")},
    }
    faults = {fault.pointer.lstrip("?"): fault.message for fault in error.errors}
    return {name: said.get(name, message) for name, message in faults.items()}
