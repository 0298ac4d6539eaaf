"""The thread of a proposal: on the whole of it, or on one path (contract §13)."""

from typing import Any

import pytest
from django.utils import timezone

from leases.models import Lease, User
from personas.models import Comment, Persona, Proposal
from personas.services.discussion import proposal_comment
from personas.services.proposals import proposal_revise
from tests.fixtures import ApiFor
from tests.people import grant, pointers, problem, propose, state_of
from tests.personas.workflow import approve, replace, route, shown

pytestmark = pytest.mark.django_db


def test_it_keeps_the_thread_in_order(
    api: ApiFor, alice: User, bob: User, persona: Persona
) -> None:
    proposal = propose(persona)
    said: list[dict[str, Any]] = [
        {"text": " Why so formal? ", "path": "/traits/tone"},
        {"text": "The readers asked for it.", "path": "/a~1b/~0c"},
        {"text": "Fine."},
        {"text": "Ends in\nlines.", "path": None},
    ]
    for person, body in zip((bob, alice, bob, alice), said, strict=True):
        answer = api(person).post(route(proposal, "comments"), body)
        assert answer.status_code == 201
        assert answer.json()["author"] == str(person.id)
    thread = api(alice).get(shown(proposal)).json()["comments"]
    assert [(one["text"], one["path"]) for one in thread] == [
        ("Why so formal?", "/traits/tone"),
        ("The readers asked for it.", "/a~1b/~0c"),
        ("Fine.", None),
        ("Ends in\nlines.", None),
    ]
    assert {one["kind"] for one in thread} == {"comment"}
    proposal.refresh_from_db()
    assert proposal.status == "pending"


def test_it_names_the_revision_it_is_about(
    alice: User, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal, now = propose(persona), timezone.now()
    first = proposal_comment(actor=bob, proposal_id=proposal.pk, text="Milder?", now=now)
    grant()
    proposal_revise(
        actor=alice, proposal_id=proposal.pk, diff=replace("/traits/tone", "mild"), now=now
    )
    second = proposal_comment(actor=bob, proposal_id=proposal.pk, text="Good.", now=now)
    assert (first.revision, second.revision) == (1, 2)


def test_it_goes_on_after_the_decision(
    api: ApiFor, alice: User, bob: User, persona: Persona
) -> None:
    proposal = propose(persona)
    approve(bob, proposal)
    before = state_of(persona)
    assert api(alice).post(route(proposal, "comments"), {"text": "Thanks."}).status_code == 201
    assert state_of(persona) == before


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": " \n"}, "/text"),
        ({"text": 5}, "/text"),
        ({"text": "x" * 10_001}, "/text"),
        ({"text": "x", "path": "traits/tone"}, "/path"),
        ({"text": "x", "path": "/traits/~2"}, "/path"),
        ({"text": "x", "path": "/traits/~"}, "/path"),
        ({"text": "x", "path": "/" + "x" * 1000}, "/path"),
        ({"text": "x", "path": []}, "/path"),
        ([], ""),
    ],
)
def test_it_points_at_faults(
    api: ApiFor, bob: User, persona: Persona, body: Any, where: str
) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    refused = problem(api(bob).post(route(proposal, "comments"), body), 400, "Invalid Comment")
    assert pointers(refused)[0] == where
    assert state_of(persona) == before
    assert not Comment.objects.exists()


def test_it_takes_the_longest_that_it_promises(api: ApiFor, bob: User, persona: Persona) -> None:
    proposal = propose(persona)
    body = {"text": "😀" * 10_000, "path": "/" + "é" * 999}
    answer = api(bob).post(route(proposal, "comments"), body)
    assert answer.status_code == 201
    assert (answer.json()["text"], answer.json()["path"]) == (body["text"], body["path"])


def test_it_is_for_members(api: ApiFor, charlie: User, persona: Persona) -> None:
    proposal = propose(persona)
    for body in ({"text": "x"}, b"{"):
        refused = api(charlie).post(route(proposal, "comments"), body)
        problem(refused, 403, "Persona Manage Forbidden")
    problem(api(None).post(route(proposal, "comments"), {"text": "x"}), 401)
    nowhere = Proposal(pk="00000000-0000-0000-0000-000000000000")
    problem(api(charlie).post(route(nowhere, "comments"), {"text": "x"}), 404)
    assert not Comment.objects.exists()
