"""Search, badges and times of the desk, as the server answers them."""

import pytest
from django.test import Client
from django.utils import timezone

from leases.models import ApiToken, User
from leases.tokens import token_create
from personas.models import Proposal
from personas.services.decisions import proposal_reject
from tests.people import grant, make_persona, propose

pytestmark = pytest.mark.django_db
FOUND = "/admin/search/found/"
TOKENS = "/admin/tokens/"


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="leases.authentication.PeopleBackend")
    return client


def found(person: User, query: str) -> dict[str, list[str]]:
    """The titles by the heading that they are under."""
    answer = browser(person).get(FOUND, {"q": query})
    assert answer.status_code == 200
    return {
        group["label"]: [item["title"] for item in group["items"]]
        for group in answer.json()["groups"]
    }


@pytest.fixture
def proposal(db: None) -> Proposal:
    grant()
    return propose(make_persona(name="Mara Lindqvist"), {"traits": {"tone": "dry"}})


def test_it_finds_by_every_word(proposal: Proposal, bob: User) -> None:
    assert found(bob, "mara")["Personas"] == ["Mara Lindqvist"]
    assert found(bob, "LINDQVIST mara")["Personas"] == ["Mara Lindqvist"]
    assert found(bob, "mara elsewhere") == {}
    assert found(bob, str(proposal.pk)[:8]) == {"Proposals": ["Mara Lindqvist"]}


def test_it_takes_signs_for_signs(proposal: Proposal, bob: User) -> None:
    for query in ("%", "_", "'--", "\\", "é" * 4000, "x " * 3000):
        assert found(bob, query).get("Personas", []) == []
    assert browser(bob).get(FOUND, {"q": "a\x00b"}).status_code == 400


def test_it_lists_what_waits_before_what_is_decided(proposal: Proposal, bob: User) -> None:
    waiting = propose(proposal.persona, {"traits": {"tone": "wry"}})
    proposal_reject(actor=bob, proposal_id=proposal.pk, rationale="No.", now=timezone.now())
    answer = browser(bob).get(FOUND, {"q": "mara"}).json()
    addresses = [item["url"] for item in answer["groups"][1]["items"]]
    assert [str(waiting.pk) in addresses[0], str(proposal.pk) in addresses[1]] == [True, True]


def test_it_offers_the_pages_of_the_role(dana: User, alice: User) -> None:
    everything, some = found(dana, "")["Pages"], found(alice, "")["Pages"]
    assert set(some) < set(everything)
    assert set(everything) - set(some) == {"Decision log", "Event log", "People", "Approver rules"}


def test_it_counts_what_waits_for_the_viewer(proposal: Proposal, bob: User, alice: User) -> None:
    shown = browser(bob).get("/admin/badges/").content.decode()
    assert 'id="badge-queue"' in shown
    assert "1<span" in shown.partition('id="badge-queue"')[2].partition('id="badge-inbox"')[0]
    queue = browser(alice).get("/admin/badges/").content.decode().partition('id="badge-queue"')[2]
    assert "unread" not in queue.partition('id="badge-inbox"')[0].partition(">")[2]


def test_it_writes_times_as_the_cookie_says_and_only_there(proposal: Proposal, bob: User) -> None:
    one, other = browser(bob), browser(bob)
    assert one.post("/admin/preferences/", {"times": "utc"}).status_code == 302
    assert " UTC</time>" in one.get("/admin/").content.decode()
    assert " UTC</time>" not in other.get("/admin/").content.decode()
    one.post("/admin/preferences/", {"times": "sundial"})
    assert " UTC</time>" in one.get("/admin/").content.decode()
    one.post("/admin/preferences/", {"times": "relative"})
    assert " UTC</time>" not in one.get("/admin/").content.decode()


def test_it_ends_nobody_elses_token(alice: User, bob: User, dana: User) -> None:
    token, secret = token_create(user=alice, name="hers", now=timezone.now())
    for person in (bob, dana):
        address = f"{TOKENS}{token.public_id}/revoke/"
        assert browser(person).post(address).status_code == 404
        assert (
            "Revoke it"
            not in browser(person).get(f"{TOKENS}?revoke={token.public_id}").content.decode()
        )
    assert ApiToken.objects.filter(pk=token.pk).exists()
    assert secret not in browser(alice).get(TOKENS).content.decode()


def test_it_shows_a_fresh_token_to_no_cache(alice: User) -> None:
    before = ApiToken.objects.count()
    answer = browser(alice).post(TOKENS, {"name": "nightly", "days": "7"})
    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    assert ApiToken.objects.filter(user=alice).count() >= 1
    assert browser(alice).post(TOKENS, {"name": " ", "days": "7"}).status_code == 400
    assert browser(alice).post(TOKENS, {"name": "x", "days": "9000"}).status_code == 400
    assert ApiToken.objects.count() == before + 1
