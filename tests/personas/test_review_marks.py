"""What is read first of a proposal: whether it still fits, and why it was decided."""

import re

import pytest
from django.urls import reverse

from leases.models import Lease
from personas.models import Persona, Proposal
from personas.services.decisions import proposal_reject
from tests.people import NOW, propose, someone, state_of
from tests.personas.test_review_page import page_of, repaint, signed_in


def marks_of(proposal: Proposal) -> str:
    """What a reader sees above the heading, after the way back to the queue."""
    text = signed_in(someone("bob")).get(page_of(proposal)).content.decode()
    head = text.partition('id="review-status"')[2].partition(">")[2].partition("</p>")[0]
    return " ".join(re.sub(r"<[^>]+>", "", head).rpartition("· ")[2].split())


@pytest.mark.parametrize(
    ("path", "value", "marks"),
    [
        ("/traits/pace", "slow", "◷ pending ↻ base moved"),
        ("/traits/tone", "stern", "◷ pending ✕ conflict"),
        ("/traits/tone", "warm", "◷ pending nothing left"),
    ],
)
def test_it_says_at_once_whether_it_still_fits(
    persona: Persona, manage_lease: Lease, path: str, value: str, marks: str
) -> None:
    proposal = propose(persona)
    assert marks_of(proposal) == "◷ pending"
    repaint(persona, path, value)
    before = state_of(persona)
    assert marks_of(proposal) == marks
    assert state_of(persona) == before


def test_it_says_no_more_of_it_once_it_is_decided(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    repaint(persona, "/traits/pace", "slow")
    proposal_reject(actor=someone("bob"), proposal_id=proposal.pk, rationale="No.", now=NOW)
    assert marks_of(proposal) == "✕ rejected"


def test_it_labels_in_narrow_queues_what_the_cell_holds(
    persona: Persona, manage_lease: Lease
) -> None:
    waiting, decided = propose(persona), propose(persona)
    proposal_reject(actor=someone("bob"), proposal_id=decided.pk, rationale="No.", now=NOW)
    queue = reverse("admin:personas_proposal_queue")
    text = signed_in(someone("bob")).get(queue, {"status": "all"}).content.decode()
    labels = {
        one.pk: text.partition(f'id="proposal-{one.pk}"')[2].partition('<td data-label="')[2]
        for one in (waiting, decided)
    }
    assert labels[waiting.pk].startswith('Change">1 changed')
    assert labels[decided.pk].startswith('Why"><span class="value-text queue-reason"')
