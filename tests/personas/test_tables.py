"""The tables of personas, proposals and history: what they filter by and what they link."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease
from personas.models import HistoryEntry, Persona, Proposal
from tests.people import make_persona, propose, someone

CONSENT = {"telemetry": {"vibe": {"enabled": True, "scope": "project"}}}


def rows(table: str, **query: str) -> list[Any]:
    client = Client()
    client.force_login(someone("bob"), backend="leases.authentication.PeopleBackend")
    answer = client.get(reverse(f"admin:personas_{table}_changelist"), query)
    assert answer.status_code == 200
    return [*answer.context["cl"].result_list, answer.content.decode()]


def test_it_filters_personas_by_consent(db: None) -> None:
    on = make_persona("persona.on", preferences=CONSENT)
    never, off = make_persona("persona.never"), make_persona("persona.off", preferences={})
    assert rows("persona", telemetry="on")[:-1] == [on]
    assert set(rows("persona", telemetry="off")[:-1]) == {never, off}
    text = rows("persona")[-1]
    assert re.search('</span> on</span>\\s+<span class="quiet">project</span>', text)
    assert text.count("</span> off</span>") == 2
    assert reverse("admin:personas_persona_change", args=["persona.on"]) in text
    assert Persona.objects.count() == 3


@pytest.mark.parametrize("status", ["pending", "expired"])
def test_it_filters_proposals_by_the_status_as_of_now(
    persona: Persona, manage_lease: Lease, status: str
) -> None:
    made = {"pending": propose(persona), "expired": propose(persona)}
    past = timezone.now() - timedelta(minutes=1)
    Proposal.objects.filter(pk=made["expired"].pk).update(expires_at=past)
    *listed, text = rows("proposal", status=status)
    assert [one.pk for one in listed] == [made[status].pk]
    assert made[status].get_absolute_url() in text
    assert set(Proposal.objects.values_list("status", flat=True)) == {"pending"}


def test_it_shows_history_with_instants_and_hashes(persona: Persona) -> None:
    entry = HistoryEntry.objects.get()
    *listed, text = rows("historyentry")
    assert listed == [entry]
    assert f'<code class="hash">{entry.entry_hash[:12]}</code>' in text
    assert entry.entry_hash not in text
    assert "<time datetime=" in text


def test_it_heads_raw_records_in_words(persona: Persona) -> None:
    proposal = propose(persona)
    Proposal.objects.filter(pk=proposal.pk).update(created_at=datetime(2026, 1, 31, tzinfo=UTC))
    entry = HistoryEntry.objects.get()
    client = Client()
    client.force_login(someone("bob"), backend="leases.authentication.PeopleBackend")
    headings = {}
    for table, record in (("proposal", proposal), ("historyentry", entry)):
        answer = client.get(reverse(f"admin:personas_{table}_change", args=[record.pk]))
        headings[table] = answer.content.decode().partition("<h1>")[2].partition("</h1>")[0]
    short = str(proposal.pk)[:8]
    assert headings == {
        "proposal": f"Change to {persona}, Jan. 31, 2026 ({short})",
        "historyentry": f"{persona}, version 1",
    }
    assert (
        str(proposal.pk)
        in client.get(
            reverse("admin:personas_proposal_change", args=[proposal.pk])
        ).content.decode()
    )
