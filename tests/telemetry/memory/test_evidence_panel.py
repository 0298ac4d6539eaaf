"""Memory on the desk: the evidence of a review, one item, and asking for a suggestion."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import User
from leases.pseudonyms import actor_ref
from leases.services.revoking import lease_revoke
from personas.models import Persona, Proposal
from personas.services.proposals import proposal_revise
from telemetry.memory.bridge import worldview_suggest
from telemetry.memory.items import item_erase
from tests.people import make_persona, propose, someone, state_of
from tests.telemetry.memory.memories import remember, share

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("manage_lease")]
SOURCES = "Sources come first"
LOST = "Nothing that is cited here is shared with this persona any more."


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def read(name: str, address: str) -> str:
    return client_of(name).get(address).content.decode()


def suggested(alice: User, persona: Persona) -> Proposal:
    proposal = worldview_suggest(actor=alice, persona_id=persona.pk, now=timezone.now())
    assert proposal is not None
    return proposal


def opened(item_id: uuid.UUID) -> str:
    return reverse("admin:memory_item", args=[item_id])


def test_it_shows_the_evidence_of_a_suggestion(alice: User, persona: Persona) -> None:
    share()
    tagged = {"tags": ["desk"], "confidence": 0.9}
    item = remember(alice, f"for: {SOURCES}", **tagged)
    page = read("bob", suggested(alice, persona).get_absolute_url())
    assert "Evidence from memory" in page
    assert f"for: {SOURCES}" in page
    assert "#desk" in page
    assert actor_ref(alice.pk) in page
    assert opened(item.pk) in page
    assert LOST not in page


def test_it_explains_itself_in_sentences_and_folds_the_rest(
    alice: User, bob: User, persona: Persona
) -> None:
    share()
    item = remember(alice, f"for: {SOURCES}", confidence=0.9)
    proposal = suggested(alice, persona)
    page = read("bob", proposal.get_absolute_url())
    words, _, rest = page.partition('<blockquote class="rationale"')[2].partition("</blockquote>")
    assert f"Add “{SOURCES}”, with a confidence of 0.74. 1 for, 0 against:" in words
    assert str(item.pk) not in words
    assert "`" not in words
    folded = rest.partition('<details class="rationale-record">')[2].partition("</details>")[0]
    assert str(item.pk) in folded
    assert "Fingerprint: " in folded
    ops = [{**proposal.diff[0], "value": []}]
    proposal_revise(
        actor=bob,
        proposal_id=proposal.pk,
        diff=[*ops, {"op": "replace", "path": "/name", "value": "Mine"}],
        rationale=proposal.rationale,
        now=timezone.now(),
    )
    page = read("bob", proposal.get_absolute_url())
    words, _, rest = page.partition('<blockquote class="rationale"')[2].partition("</blockquote>")
    assert str(item.pk) in words
    assert "rationale-record" not in rest


def test_it_shows_what_is_left_of_what_was_erased_or_revoked(
    alice: User, dana: User, persona: Persona
) -> None:
    lease = share()
    item = remember(alice, f"for: {SOURCES}")
    proposal = suggested(alice, persona)
    lease_revoke(actor=dana, lease_id=lease.pk, now=timezone.now())
    page = read("bob", proposal.get_absolute_url())
    assert LOST in page
    assert "No longer shared." in page
    assert f"for: {SOURCES}" not in page.split('id="evidence"')[1].split('id="revisions"')[0]
    assert "erased or is no longer shared: suggest anew" in page  # why the button is off
    own = read("alice", proposal.get_absolute_url())
    assert "No longer shared with this persona: it does not count." in own
    item_erase(actor=alice, item_id=item.pk, now=timezone.now())
    assert "Erased. Only the id is left." in read("alice", proposal.get_absolute_url())


def test_it_says_which_evidence_was_written_anew(alice: User, bob: User, persona: Persona) -> None:
    share()
    item = remember(alice, f"for: {SOURCES}")
    remember(bob, f"for: {SOURCES}")
    proposal = suggested(alice, persona)
    changed = "Changed after this was proposed: read it anew."
    assert changed not in read("bob", proposal.get_absolute_url())
    remember(alice, "for: Something else", item_id=item.pk)
    assert read("bob", proposal.get_absolute_url()).count(changed) == 1


def test_it_shows_no_panel_where_nothing_is_cited(alice: User, persona: Persona) -> None:
    assert "Evidence from memory" not in read("bob", propose(persona).get_absolute_url())


def test_it_shows_one_item(alice: User, dana: User) -> None:
    item = remember(alice, "What was said.", tags=["desk"], source="chat", value={"a": 1})
    belief = {"statement": "Cites it.", "citations": [str(item.pk)]}
    persona = make_persona(worldview={"beliefs": [belief]})
    address = opened(item.pk)
    assert "not shared at this moment" in read("bob", address)
    assert "What was said." not in read("bob", address)
    own = read("alice", address)
    assert "What was said." in own
    assert persona.get_absolute_url() in own
    lease = share()
    shared = read("bob", address)
    assert "What was said." in shared
    assert actor_ref(alice.pk) in shared
    assert alice.username not in shared.split("What was said.")[1].split("</section>")[0]
    lease_revoke(actor=dana, lease_id=lease.pk, now=timezone.now())
    assert "What was said." not in read("bob", address)
    item_erase(actor=alice, item_id=item.pk, now=timezone.now())
    assert "Its id stays" in read("bob", address)
    assert client_of("bob").get(opened(uuid.uuid4())).status_code == 404


def test_it_marks_beliefs_on_the_persona_page(alice: User, dana: User) -> None:
    item = remember(alice, "What was said.")
    belief = {"statement": "Rests on it.", "citations": [str(item.pk)]}
    persona = make_persona(worldview={"beliefs": [belief]})
    lease = share()
    page = read("bob", persona.get_absolute_url())
    assert opened(item.pk) in page
    assert "Rests only on memory" not in page
    lease_revoke(actor=dana, lease_id=lease.pk, now=timezone.now())
    assert "Rests only on memory" in read("bob", persona.get_absolute_url())


def test_it_suggests_from_the_persona_page(alice: User, persona: Persona) -> None:
    share()
    client, address = client_of("alice"), reverse("admin:memory_suggest", args=[persona.pk])
    assert "Suggest from memory" in client.get(persona.get_absolute_url()).content.decode()
    nothing = client.post(address, {"of": "worldview"}, follow=True)
    assert "There is nothing to suggest" in nothing.content.decode()
    remember(alice, f"for: {SOURCES}")
    page = client.post(address, {"of": "worldview"}, follow=True)
    (proposal,) = Proposal.objects.all()
    assert page.redirect_chain == [(proposal.get_absolute_url(), 302)]
    assert "This is what memory suggests." in page.content.decode()


def test_it_says_why_it_suggests_nothing(
    alice: User, manage_lease: object, persona: Persona
) -> None:
    share()
    remember(alice, f"for: {SOURCES}")
    before = state_of(persona)
    client, address = client_of("alice"), reverse("admin:memory_suggest", args=[persona.pk])
    here = persona.get_absolute_url()
    led = client.get(address)
    assert (led.status_code, led["Location"]) == (302, here)
    vibe = client.post(address, {"of": "vibe"})
    assert vibe.status_code == 400
    assert "telemetry opt-in is disabled" in vibe.content.decode()
    assert f'hx-get="{here}"' in vibe.content.decode()
    manage_lease.delete()  # type: ignore[attr-defined]
    refused = client.post(address)
    assert refused.status_code == 403
    assert "A lease for persona:manage is required." in refused.content.decode()
    assert state_of(persona)["proposals"] == before["proposals"] == []
    assert client_of("charlie").post(address).status_code == 403
    missing = reverse("admin:memory_suggest", args=["none"])
    assert client.post(missing).status_code == 404
