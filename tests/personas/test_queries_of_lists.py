"""What lists of proposals ask the database for: no more when more wait for the same persona."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leases.models import Lease
from personas.errors import PersonaNotFound
from personas.models import Persona, Proposal
from personas.selectors import document_at, documents_at
from tests.people import propose, someone
from tests.personas.test_review_page import page_of, repaint, signed_in


def queries_of(client: Client, address: str) -> int:
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


def wait_for_more(persona: Persona, first: int, count: int) -> list[Proposal]:
    """Proposals on older and older versions: the record moves on after each."""
    made = []
    for number in range(first, first + count):
        persona.refresh_from_db()
        diff = [{"op": "add", "path": f"/traits/t{number}", "value": number}]
        made.append(propose(persona, diff))
        repaint(persona, "/traits/pace", f"pace {number}")
    return made


def test_it_reads_the_past_once_for_all_that_overlaps(
    persona: Persona, manage_lease: Lease
) -> None:
    client = signed_in(someone("bob"))
    (reviewed, _other) = wait_for_more(persona, 0, 2)
    asked = queries_of(client, page_of(reviewed))
    wait_for_more(persona, 2, 8)
    assert queries_of(client, page_of(reviewed)) == asked


def test_it_reads_the_past_once_for_the_queue(persona: Persona, manage_lease: Lease) -> None:
    client, queue = signed_in(someone("bob")), reverse("admin:personas_proposal_queue")
    wait_for_more(persona, 0, 20)
    asked = queries_of(client, queue)
    wait_for_more(persona, 20, 10)
    text = client.get(queue).content.decode()
    assert text.count('id="proposal-') == 20
    assert queries_of(client, queue) == asked


def test_it_reads_several_versions_in_one_walk(persona: Persona) -> None:
    for number in range(4):
        repaint(persona, "/traits/pace", f"pace {number}")
    persona.refresh_from_db()
    for wanted in ({5}, {1, 3}, {0, 2, 5}, {4, 3, 2, 1, 0}, set()):
        with CaptureQueriesContext(connection) as captured:
            found = documents_at(persona, wanted)
        assert len(captured) == (1 if wanted - {5} else 0)
        assert found == {version: document_at(persona, version) for version in wanted}
    paces = {at: one["traits"]["pace"] for at, one in documents_at(persona, {2, 4}).items()}
    assert paces == {2: "pace 0", 4: "pace 2"}
    with pytest.raises(PersonaNotFound):
        documents_at(persona, {1, 6})
