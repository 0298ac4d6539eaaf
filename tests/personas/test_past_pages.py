"""The past on the desk: versions compared, shown, restored, undone, and the history proved."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease
from personas.models import Persona, Proposal
from personas.services.decisions import proposal_approve
from tests.people import WARMER, make_persona, propose, someone, state_of


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def page_of(persona: Persona, page: str, *arguments: int) -> str:
    return reverse(f"admin:personas_persona_{page}", args=[persona.id, *arguments])


def applied(persona: Persona, value: str) -> Proposal:
    """An approved change of the tone."""
    proposal = propose(persona, [{**WARMER[0], "value": value}])
    now = timezone.now()
    proposal_approve(actor=someone("bob"), proposal_id=proposal.pk, now=now)
    persona.refresh_from_db()
    return Proposal.objects.get(pk=proposal.pk)


@pytest.fixture
def warmed(persona: Persona, manage_lease: Lease) -> Persona:
    """At version 3: cool, warm, hot."""
    applied(persona, "warm")
    applied(persona, "hot")
    return persona


@pytest.mark.parametrize(
    ("start", "end", "before", "after"),
    [(1, 2, "cool", "warm"), (1, 3, "cool", "hot"), (3, 1, "hot", "cool")],
)
def test_it_compares_any_two_versions(
    warmed: Persona, start: int, end: int, before: str, after: str
) -> None:
    asked = {"from": str(start), "to": str(end)}
    page = client_of("alice").get(page_of(warmed, "compare"), asked)
    assert page.status_code == 200
    assert [(row.path, row.before, row.after) for row in page.context["rows"]] == [
        ("/traits/tone", before, after)
    ]


def test_it_compares_with_nothing_and_with_itself(warmed: Persona) -> None:
    client = client_of("alice")
    whole = client.get(page_of(warmed, "compare"), {"from": "0", "to": "1"})
    assert "Parts of this page" in whole.content.decode()
    assert {row.path for row in whole.context["rows"]} >= {"/id", "/name", "/traits"}
    same = client.get(page_of(warmed, "compare"), {"from": "2", "to": "2"})
    assert "Nothing differs" in same.content.decode()
    newest = client.get(page_of(warmed, "compare"))
    assert (newest.context["from"], newest.context["to"]) == (2, 3)


@pytest.mark.parametrize("asked", ["4", "-1", "x", "", "9" * 40, "1.5", "²"])
def test_it_has_no_version_that_never_was(warmed: Persona, asked: str) -> None:
    page = client_of("alice").get(page_of(warmed, "compare"), {"from": asked, "to": "1"})
    assert page.status_code == 404
    assert "they go from 0 to 3" in page.content.decode()
    assert "Parts of this page" not in page.content.decode()  # it has none


def test_it_shows_the_record_as_it_was(warmed: Persona) -> None:
    page = client_of("alice").get(page_of(warmed, "at", 2))
    assert page.context["record"]["traits"]["tone"] == "warm"
    assert "This is the past." in page.content.decode()
    newest = client_of("alice").get(page_of(warmed, "at", 3)).content.decode()
    assert "This is the past." not in newest


@pytest.mark.parametrize("page", ["at", "restore"])
@pytest.mark.parametrize("version", [0, 4, 10**30])
def test_it_has_no_page_for_a_version_that_never_was(
    warmed: Persona, page: str, version: int
) -> None:
    before = state_of(warmed)
    assert client_of("alice").get(page_of(warmed, page, version)).status_code == 404
    if page == "restore":
        answer = client_of("alice").post(page_of(warmed, page, version))
        assert answer.status_code in {400, 404}
    assert state_of(warmed) == before


def test_it_restores_by_a_proposal(warmed: Persona) -> None:
    before = state_of(warmed)
    client = client_of("alice")
    page = client.get(page_of(warmed, "restore", 1))
    assert page.context["rationale"] == "Restore version 1."
    assert state_of(warmed) == before
    answer = client.post(page_of(warmed, "restore", 1), {"rationale": "It was better."})
    proposal = Proposal.objects.get(status="pending")
    assert answer["Location"] == proposal.get_absolute_url()
    assert proposal.diff == [{"op": "replace", "path": "/traits/tone", "value": "cool"}]
    assert (proposal.rationale, proposal.submitted_by) == ("It was better.", someone("alice"))
    assert state_of(warmed)["record"] == before["record"]


def test_it_undoes_a_decision(warmed: Persona) -> None:
    decided = Proposal.objects.filter(history__version=3).get()
    client = client_of("bob")
    text = client.get(decided.get_absolute_url()).content.decode()
    undo = f"{page_of(warmed, 'restore', 2)}?undo={decided.pk}"
    assert undo in text
    page = client.get(undo)
    assert page.context["later"] == 0
    assert str(decided.pk) in page.context["rationale"]
    client.post(undo, {"rationale": page.context["rationale"]})
    assert Proposal.objects.get(status="pending").diff[0]["value"] == "warm"


def test_it_warns_of_what_an_undo_takes_along(warmed: Persona) -> None:
    first = Proposal.objects.filter(history__version=2).get()
    page = client_of("bob").get(page_of(warmed, "restore", 1), {"undo": str(first.pk)})
    assert "1 later change is undone too." in page.content.decode()


@pytest.mark.parametrize("undo", ["x", "00000000-0000-4000-8000-000000000000"])
def test_it_passes_over_an_undo_of_nothing(warmed: Persona, undo: str) -> None:
    page = client_of("bob").get(page_of(warmed, "restore", 1), {"undo": undo})
    assert page.status_code == 200
    assert page.context["undone"] is None


def test_it_has_nothing_to_restore(warmed: Persona) -> None:
    before = state_of(warmed)
    client = client_of("alice")
    page = client.get(page_of(warmed, "restore", 3))
    assert "There is nothing to restore" in page.content.decode()
    assert client.post(page_of(warmed, "restore", 3)).status_code == 400
    assert state_of(warmed) == before


def test_it_restores_nothing_without_a_lease(warmed: Persona, manage_lease: Lease) -> None:
    manage_lease.delete()
    before = state_of(warmed)
    sent = {"rationale": "Kept words."}
    page = client_of("alice").post(page_of(warmed, "restore", 1), sent)
    assert page.status_code == 403
    assert "Kept words." in page.content.decode()
    assert state_of(warmed) == before


@pytest.mark.parametrize(("page", "arguments"), [("compare", []), ("at", [1]), ("restore", [1])])
def test_it_refuses_strangers(warmed: Persona, page: str, arguments: list[int]) -> None:
    before = state_of(warmed)
    for method in ("get", "post"):
        answer = getattr(client_of("charlie"), method)(page_of(warmed, page, *arguments))
        assert answer.status_code == 403
        assert "Companion" not in answer.content.decode()
    assert state_of(warmed) == before


@pytest.mark.parametrize(("page", "arguments"), [("compare", []), ("at", [1]), ("restore", [1])])
def test_it_has_no_page_for_an_unknown_persona(db: None, page: str, arguments: list[int]) -> None:
    address = reverse(f"admin:personas_persona_{page}", args=["persona.none", *arguments])
    assert client_of("alice").get(address).status_code == 404


def test_it_proves_the_history_on_demand(warmed: Persona) -> None:
    client = client_of("alice")
    assert "Whole and untouched." not in client.get(warmed.get_absolute_url()).content.decode()
    text = client.get(warmed.get_absolute_url(), {"verify": "1"}).content.decode()
    assert "Whole and untouched." in text
    assert "3 changes were replayed" in text


def test_it_names_what_is_wrong(warmed: Persona) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE persona_history SET document_digest = %s WHERE persona_id = %s AND version = 2",
            ["0" * 64, warmed.id],
        )
    text = client_of("alice").get(warmed.get_absolute_url(), {"verify": "1"}).content.decode()
    assert "Not sound from version 2 on." in text
    assert "That row was edited." in text
    assert "1 change before it is sound." in text


def test_it_offers_the_versions_of_a_long_history(manage_lease: Lease) -> None:
    persona = make_persona("persona.beta")
    for value in ("a", "b", "c"):
        applied(persona, value)
    page = client_of("alice").get(page_of(persona, "compare"), {"from": "1", "to": "4"})
    assert [number for number, _entry in page.context["choices"]] == [4, 3, 2, 1, 0]
