"""Pending proposals that touch the same paths list each other (contract §4)."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from leases.models import User
from personas.admin.queue_overlaps import overlap_counts
from personas.models import Persona, Proposal
from personas.overlaps import MOST_COMPARED, Touched
from personas.services.proposals import proposal_withdraw
from tests.fixtures import ApiFor
from tests.people import NOW, make_persona, propose
from tests.personas.test_review_page import page_of, signed_in
from tests.personas.workflow import add, approve, move_on, replace, shown

pytestmark = pytest.mark.django_db


def listed(api: Any, proposal: Proposal) -> dict[str, list[str]]:
    found = api.get(shown(proposal)).json()["conflicts_with"]
    return {one["proposal_id"]: one["paths"] for one in found}


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (replace("/traits/tone", "warm"), replace("/traits/tone", "hot"), True),
        (replace("/traits/tone", "warm"), replace("/traits/pace", 9), False),
        (replace("/traits/tone", "warm"), replace("/traits", {}), True),
        (replace("/traits/tone", "warm"), {"traits": {"tone": None}}, True),
        (
            replace("/traits/tone", "warm"),
            [{"op": "move", "from": "/traits/tone", "path": "/worldview/x"}],
            True,
        ),
        (add("/worldview/a", {"b": 1}), add("/worldview/a", {"c": 1}), True),
        (add("/traits/toned"), replace("/traits/tone", "warm"), False),
    ],
)
def test_it_lists_each_other(
    api: ApiFor, bob: User, persona: Persona, one: Any, other: Any, overlap: bool
) -> None:
    first, second = propose(persona, one), propose(persona, other)
    client = api(bob)
    assert set(listed(client, first)) == ({str(second.pk)} if overlap else set())
    assert set(listed(client, second)) == ({str(first.pk)} if overlap else set())
    assert all(listed(client, first).values())


def test_it_names_the_paths(api: ApiFor, bob: User, persona: Persona) -> None:
    first = propose(persona, {"traits": {"tone": "warm"}, "name": "Other"})
    second = propose(persona, replace("/traits/tone", "hot"))
    assert listed(api(bob), first) == {str(second.pk): ["/traits/tone"]}


def test_it_counts_what_an_opt_in_touches(api: ApiFor, bob: User, persona: Persona) -> None:
    on = {"vibe": {"enabled": True}}
    first, second = propose(persona, telemetry_scope=on), propose(persona, [], telemetry_scope=on)
    assert set(listed(api(bob), first)) == {str(second.pk)}


def test_it_lists_only_what_can_still_be_decided(
    api: ApiFor, alice: User, bob: User, persona: Persona
) -> None:
    first = propose(persona)
    gone = propose(persona, replace("/traits/tone", "gone"))
    proposal_withdraw(actor=alice, proposal_id=gone.pk, now=timezone.now())
    propose(persona, replace("/traits/tone", "late"), now=NOW)
    elsewhere = make_persona("persona.beta")
    propose(elsewhere)
    assert listed(api(bob), first) == {}
    approve(bob, first)
    late = propose(Persona.objects.get(pk=persona.pk), replace("/traits/tone", "x"))
    assert listed(api(bob), late) == listed(api(bob), first) == {}


def test_it_compares_proposals_of_different_bases(api: ApiFor, bob: User, persona: Persona) -> None:
    first = propose(persona)
    persona = move_on(bob, persona, replace("/name", "Other"))
    second = propose(persona, replace("/traits/tone", "hot"))
    assert set(listed(api(bob), first)) == {str(second.pk)}
    assert set(listed(api(bob), second)) == {str(first.pk)}


@pytest.mark.parametrize(
    ("ours", "theirs", "shared"),
    [
        (["/a/b", "/c"], ["/a/b"], ("/a/b",)),
        (["/a", "/c"], ["/a/b/c"], ("/a",)),
        (["/a/b/c", "/a/d"], ["/a/b"], ("/a/b/c",)),
        (["/ab"], ["/a"], ()),
        (["/a~1b"], ["/a"], ()),
        ([""], ["/a"], ("",)),
        (["/a"], [""], ("/a",)),
        ([], ["/a"], ()),
        (["/c", "/b", "/a/x"], ["/a", "/b"], ("/b", "/a/x")),
    ],
)
def test_it_meets_at_the_place_above_it_and_below_it(
    ours: list[str], theirs: list[str], shared: tuple[str, ...]
) -> None:
    one, other = Touched(ours), Touched(theirs)
    assert one.shared_with(other) == shared
    assert one.meets(other) == other.meets(one) == bool(shared)


def test_it_counts_for_the_queue_what_the_review_lists(
    api: ApiFor, bob: User, persona: Persona
) -> None:
    diffs = (replace("/traits/tone", "a"), replace("/traits", {}), replace("/traits/pace", 1))
    made = [propose(persona, diff) for diff in (*diffs, replace("/name", "Other"))]
    counts = overlap_counts(made, now=timezone.now()).by_proposal
    assert [counts[one.pk] for one in made] == [1, 2, 1, 0]
    client = api(bob)
    assert [len(listed(client, one)) for one in made] == [1, 2, 1, 0]


def test_it_lists_each_other_however_many_wait(api: ApiFor, bob: User, persona: Persona) -> None:
    first = propose(persona)
    for number in range(100):
        propose(persona, add(f"/worldview/n{number}"))
    last = propose(persona, replace("/traits/tone", "hot"))
    client = api(bob)
    assert set(listed(client, first)) == {str(last.pk)}
    assert set(listed(client, last)) == {str(first.pk)}
    found = overlap_counts([last], now=timezone.now())
    counts = found.by_proposal
    assert found.cut == frozenset()
    assert (counts[first.pk], counts[last.pk], sum(counts.values())) == (1, 1, 2)


def test_it_says_where_more_wait_than_it_looks_at(bob: User, persona: Persona) -> None:
    first = propose(persona)
    fields = {one.attname: getattr(first, one.attname) for one in first._meta.concrete_fields}

    def wait(count: int) -> list[Proposal]:
        later = timezone.now()
        again = [{**fields, "proposal_id": uuid4(), "created_at": later} for _ in range(count)]
        return Proposal.objects.bulk_create(Proposal(**one) for one in again)

    def shown_now(proposal: Proposal) -> tuple[bool, bool]:
        client = signed_in(bob)
        review = client.get(page_of(proposal)).content.decode()
        lists = (reverse("admin:personas_proposal_queue"), reverse("admin:index"))
        pages = [client.get(page) for page in (*lists, persona.get_absolute_url())]
        said = "overlaps were looked for among the oldest 1,000 only."
        named = f"More than 1,000 proposals wait for {persona}: {said}"
        (in_lists,) = {named in page.content.decode() for page in pages}
        return f"More than 1,000 others wait for this persona: {said}" in review, in_lists

    wait(MOST_COMPARED - 1)
    assert shown_now(first) == (False, False)
    (last,) = wait(1)
    assert shown_now(first) == (False, True)
    wait(1)
    assert shown_now(first) == shown_now(last) == (True, True)
    found = overlap_counts([last], now=timezone.now())
    assert found.cut == {persona.pk}
    assert found.by_proposal[first.pk] == MOST_COMPARED - 1
    assert last.pk not in found.by_proposal
    assert Proposal.objects.count() == MOST_COMPARED + 2
