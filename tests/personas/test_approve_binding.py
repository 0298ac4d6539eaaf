"""Approving what was reviewed, on a record that may have moved on (contract §4)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from leases.models import Lease, User
from personas.documents.chain import verify_chain
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.decisions import proposal_approve
from tests.fixtures import ApiFor
from tests.people import grant, problem, propose, state_of

pytestmark = pytest.mark.django_db


def path_of(proposal: Proposal) -> str:
    return f"/admin/persona/proposals/{proposal.pk}/approve"


def replace(place: str, value: Any) -> list[dict[str, Any]]:
    return [{"op": "replace", "path": place, "value": value}]


@pytest.fixture
def move_on(bob: User, persona: Persona) -> Callable[..., None]:
    """Applies another change first: `move_on("/name", "Other")`."""

    def apply(place: str, value: Any) -> None:
        lease = grant()
        other = propose(persona, replace(place, value))
        proposal_approve(actor=bob, proposal_id=other.pk, now=timezone.now())
        lease.delete()

    return apply


# --- bound to what was reviewed ---------------------------------------------------------------


def test_it_takes_the_digest_and_version_that_were_reviewed(
    api: ApiFor, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    reviewed = {"digest": proposal.digest, "version": 1}
    assert api(bob).post(path_of(proposal), {"reviewed": reviewed}).status_code == 200


def test_it_takes_the_etag_that_was_read(
    api: ApiFor, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    etag = api(bob).get(f"/state/proposals/{proposal.pk}")["ETag"]
    assert etag.startswith(f'"{proposal.digest}.1.')
    assert api(bob).post(path_of(proposal), {}, **{"If-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    "reviewed",
    [
        {"digest": "0" * 64},
        {"digest": "0" * 64, "version": 1},
        {"digest": "DIGEST", "version": 0},
        {"digest": "DIGEST", "version": 2},
        {"digest": "DIGEST", "version": -1},
        {"digest": "DIGEST", "version": 2**53 - 1},
    ],
)
def test_it_refuses_another_review(
    api: ApiFor, bob: User, persona: Persona, reviewed: dict[str, Any]
) -> None:
    proposal = propose(persona)
    grant(budget=5)
    before = state_of(persona)
    body = {**reviewed, "digest": reviewed["digest"].replace("DIGEST", proposal.digest)}
    problem(api(bob).post(path_of(proposal), {"reviewed": body}), 409, "Review Outdated")
    assert state_of(persona) == before


@pytest.mark.parametrize(
    "etag", ['"x"', "x", '"' + "0" * 64 + ".1." + "0" * 32 + '"', 'W/"a", "b"']
)
def test_it_refuses_another_etag(api: ApiFor, bob: User, persona: Persona, etag: str) -> None:
    proposal = propose(persona)
    grant(budget=5)
    before = state_of(persona)
    refused = api(bob).post(path_of(proposal), {}, **{"If-Match": etag})
    problem(refused, 409, "Review Outdated")
    assert state_of(persona) == before


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"reviewed": 5}, "/reviewed"),
        ({"reviewed": {}}, "/reviewed/digest"),
        ({"reviewed": {"digest": 5}}, "/reviewed/digest"),
        ({"reviewed": {"digest": "x", "version": "1"}}, "/reviewed/version"),
        ({"rationale": []}, "/rationale"),
        ({"applied_by": {}}, "/applied_by"),
        ([], ""),
    ],
)
def test_it_points_at_faults_of_the_body(
    api: ApiFor, bob: User, persona: Persona, body: Any, where: str
) -> None:
    proposal = propose(persona)
    grant(budget=5)
    before = state_of(persona)
    refused = problem(api(bob).post(path_of(proposal), body), 400, "Invalid Proposal")
    assert refused["errors"][0]["pointer"].startswith(where)
    assert state_of(persona) == before


def test_it_holds_the_rationale_to_its_limit(api: ApiFor, bob: User, persona: Persona) -> None:
    proposal = propose(persona)
    grant(budget=5)
    before = state_of(persona)
    refused = api(bob).post(path_of(proposal), {"rationale": "x" * 10_001})
    problem(refused, 400, "Invalid Proposal")
    assert state_of(persona) == before


def test_it_refuses_a_diff_that_is_not_the_stored_one(
    api: ApiFor, bob: User, persona: Persona
) -> None:
    proposal = propose(persona)
    grant(budget=5)
    before = state_of(persona)
    for diff in (replace("/traits/tone", "hot"), [], {}, 5, {"traits": {"tone": "hot"}}):
        refused = api(bob).post(path_of(proposal), {"diff": diff})
        problem(refused, 409, "Review Outdated")
    assert state_of(persona) == before
    # The same change in another spelling is the same change.
    assert (
        api(bob).post(path_of(proposal), {"diff": {"traits": {"tone": "warm"}}}).status_code == 200
    )


def test_it_accepts_a_bump_that_leaves_the_result_as_reviewed(
    api: ApiFor, bob: User, persona: Persona, move_on: Callable[..., None]
) -> None:
    proposal = propose(persona)
    move_on("/name", "Other")
    move_on("/name", "Companion")
    grant()
    reviewed = {"digest": proposal.digest, "version": 1}
    assert api(bob).post(path_of(proposal), {"reviewed": reviewed}).json()["version"] == 4


def test_it_refuses_a_result_other_than_the_one_reviewed(
    api: ApiFor, bob: User, persona: Persona, move_on: Callable[..., None]
) -> None:
    proposal = propose(persona)
    etag = api(bob).get(f"/state/proposals/{proposal.pk}")["ETag"]
    move_on("/name", "Other")
    grant(budget=5)
    before = state_of(persona)
    reviewed = {"digest": proposal.digest, "version": 1}
    problem(api(bob).post(path_of(proposal), {"reviewed": reviewed}), 409, "Review Outdated")
    problem(api(bob).post(path_of(proposal), {}, **{"If-Match": etag}), 409, "Review Outdated")
    assert state_of(persona) == before
    # Read again, it can be approved.
    shown = api(bob).get(f"/state/proposals/{proposal.pk}")
    assert shown.json()["rebase"]["state"] == "rebased"
    again = api(bob).post(path_of(proposal), {}, **{"If-Match": shown["ETag"]})
    assert again.status_code == 200


# --- the record moved on ----------------------------------------------------------------------


def test_it_rebases_what_does_not_touch(
    api: ApiFor, bob: User, persona: Persona, move_on: Callable[..., None]
) -> None:
    proposal = propose(persona)
    move_on("/traits/pace", 9)
    grant()
    assert api(bob).post(path_of(proposal)).json()["version"] == 3
    persona.refresh_from_db()
    assert persona.traits == {"tone": "warm", "pace": 9}
    rows = [one.as_row() for one in HistoryEntry.objects.oldest_first()]
    assert verify_chain(rows, persona.document).ok


def test_it_names_each_conflict(
    api: ApiFor, bob: User, persona: Persona, move_on: Callable[..., None]
) -> None:
    proposal = propose(persona)
    move_on("/traits/tone", "icy")
    grant(budget=5)
    before = state_of(persona)
    refused = problem(api(bob).post(path_of(proposal)), 409, "Stale Proposal")
    assert refused["conflicts"] == [
        {"path": "/traits/tone", "base": "cool", "ours": "warm", "theirs": "icy"}
    ]
    shown = api(bob).get(f"/state/proposals/{proposal.pk}").json()
    assert shown["rebase"] == {
        "state": "conflicting", "result": None, "conflicts": refused["conflicts"],
    }  # fmt: skip
    assert state_of(persona) == before


def test_it_refuses_what_is_so_already(
    api: ApiFor, bob: User, persona: Persona, move_on: Callable[..., None]
) -> None:
    proposal = propose(persona)
    move_on("/traits/tone", "warm")
    grant(budget=5)
    before = state_of(persona)
    assert problem(api(bob).post(path_of(proposal)), 409, "Stale Proposal")["conflicts"] == []
    shown = api(bob).get(f"/state/proposals/{proposal.pk}").json()
    assert shown["rebase"]["state"] == "nothing_left"
    assert state_of(persona) == before


def test_it_refuses_a_merge_that_breaks_a_limit(
    api: ApiFor, bob: User, persona: Persona, move_on: Callable[..., None], settings: Settings
) -> None:
    settings.ARW_PERSONA_DOCUMENT_BYTES = 1500
    proposal = propose(persona, {"worldview": {"a": "x" * 700}})
    move_on("/traits/pace", "y" * 700)
    grant(budget=5)
    before = state_of(persona)
    problem(api(bob).post(path_of(proposal)), 409, "Stale Proposal")
    assert (
        api(bob).get(f"/state/proposals/{proposal.pk}").json()["rebase"]["state"] == "conflicting"
    )
    assert state_of(persona) == before
