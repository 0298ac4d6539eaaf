"""The review screen as a page: what it shows, what it refuses, what it keeps."""

import json
import re
import uuid
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease, User
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.records import record_apply
from tests.people import NOW, WARMER, propose, someone, state_of


def page_of(proposal: Proposal) -> str:
    return reverse("admin:personas_proposal_review", args=[proposal.pk])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="leases.authentication.PeopleBackend")
    return client


def form(
    proposal: Proposal, decision: str, rationale: str = "", version: int = 1
) -> dict[str, str]:
    return {
        "decision": decision,
        "rationale": rationale,
        "digest": proposal.digest,
        "version": str(version),
    }


def repaint(persona: Persona, path: str, value: str) -> None:
    """Another change that lands on the record meanwhile."""
    record_apply(
        persona_id=persona.id,
        base_version=Persona.objects.get(pk=persona.id).version,
        ops=[{"op": "add", "path": path, "value": value}],
        kind=HistoryEntry.Kind.CONSENT,
        actor=someone("dana"),
        now=timezone.now(),
    )


def test_it_answers_the_five_questions_in_order(persona: Persona, manage_lease: Lease) -> None:
    page = signed_in(someone("bob")).get(page_of(propose(persona, rationale="Too cool.")))
    text = page.content.decode()
    asked = re.findall(r'<h2 id="q-(\w+)"', text)
    assert asked == ["what", "impact", "true", "why", "decide"]
    assert "1 changed" in text
    assert "Too cool." in text


def test_it_approves_what_was_shown(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    answer = signed_in(someone("bob")).post(page_of(proposal), form(proposal, "approve"))
    assert answer.status_code == 302
    persona.refresh_from_db()
    assert (persona.version, persona.traits["tone"]) == (2, "warm")


def test_it_keeps_the_record_when_it_rejects(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    client = signed_in(someone("bob"))
    answer = client.post(page_of(proposal), form(proposal, "reject", "Leave him."))
    assert answer.status_code == 302
    after = state_of(persona)
    assert (after["record"], after["history"]) == (before["record"], before["history"])
    assert Proposal.objects.get().decision_rationale == "Leave him."


def test_it_refuses_a_rejection_without_reason(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    page = signed_in(someone("bob")).post(page_of(proposal), form(proposal, "reject", "  "))
    assert page.status_code == 400
    assert "Say why" in page.content.decode()
    assert state_of(persona) == before


def test_it_refuses_what_was_not_shown(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    sent = form(proposal, "approve", "Looked fine.") | {"digest": "0" * 64}
    page = signed_in(someone("bob")).post(page_of(proposal), sent)
    assert page.status_code == 409
    assert "changed while you were looking" in page.content.decode()
    assert "Looked fine." in page.content.decode()
    assert f'name="digest" value="{proposal.digest}"' in page.content.decode()
    assert state_of(persona) == before


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "7"])
def test_it_refuses_a_form_without_a_true_version(
    persona: Persona, manage_lease: Lease, version: str
) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    sent = form(proposal, "approve") | {"version": version}
    assert signed_in(someone("bob")).post(page_of(proposal), sent).status_code == 409
    assert state_of(persona) == before


def test_it_tells_who_decided_first(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    signed_in(someone("bob")).post(page_of(proposal), form(proposal, "approve"))
    before = state_of(persona)
    late = signed_in(someone("dana")).post(page_of(proposal), form(proposal, "reject", "Mine."))
    text = late.content.decode()
    assert late.status_code == 409
    assert "Somebody else decided first" in text
    assert "Approved by Bob" in text
    assert "Mine." in text
    assert state_of(persona) == before


def test_it_shows_conflicts_path_by_path(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    repaint(persona, "/traits/tone", "stern")
    before = state_of(persona)
    client = signed_in(someone("bob"))
    text = client.get(page_of(proposal)).content.decode()
    assert all(word in text for word in ("cool", "warm", "stern", "Base, version 1"))
    page = client.post(page_of(proposal), form(proposal, "approve"))
    assert page.status_code == 409
    assert state_of(persona) == before


def test_it_closes_a_confirmation_that_is_older_than_the_page(
    persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    repaint(persona, "/traits/pace", "slow")
    asked = {"confirm": "approve", "digest": proposal.digest, "version": "1"}
    text = signed_in(someone("bob")).get(page_of(proposal), asked).content.decode()
    assert "changed while you were looking" in text
    assert "data-confirm-open" not in text


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_it_opens_a_confirmation_that_is_asked_for_by_name_alone(
    persona: Persona, manage_lease: Lease, decision: str
) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    client = signed_in(someone("bob"))
    text = client.get(page_of(proposal), {"confirm": decision}).content.decode()
    opened = text.partition("data-confirm-open")[2].partition("</form>")[0]
    assert f'name="digest" value="{proposal.digest}"' in opened
    assert f'name="version" value="{persona.version}"' in opened
    assert "changed while you were looking" not in text
    half = {"confirm": decision, "digest": proposal.digest}
    assert "data-confirm-open" not in client.get(page_of(proposal), half).content.decode()
    late = client.post(page_of(proposal), {"decision": decision, "rationale": "No."})
    assert late.status_code == 409
    assert state_of(persona) == before


def test_it_isolates_what_people_wrote_and_signed_numbers(
    persona: Persona, manage_lease: Lease
) -> None:
    lane = {"lane_weights": {"semantic": -0.2}}
    diff = [{"op": "add", "path": "/preferences/context", "value": lane}]
    proposal = propose(persona, diff, rationale="She is one.")
    text = signed_in(someone("bob")).get(page_of(proposal)).content.decode()
    assert '<bdi dir="ltr">−0.20</bdi>' in text
    assert '<blockquote class="rationale" dir="auto">' in text


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_it_refuses_members(persona: Persona, manage_lease: Lease, decision: str) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    page = signed_in(someone("alice")).post(page_of(proposal), form(proposal, decision, "Me."))
    assert page.status_code == 403
    assert state_of(persona) == before


def test_it_refuses_without_a_lease_and_offers_the_grant(persona: Persona) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    client = signed_in(someone("dana"))
    text = client.get(page_of(proposal)).content.decode()
    assert f"{reverse('admin:leases_lease_grant')}?capability=persona%3Amanage" in text
    page = client.post(page_of(proposal), form(proposal, "approve"))
    assert page.status_code == 403
    assert state_of(persona) == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_refuses_strangers(persona: Persona, manage_lease: Lease, method: str) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    client = signed_in(someone("charlie"))
    page = getattr(client, method)(page_of(proposal), form(proposal, "approve"))
    assert page.status_code == 403
    assert "Companion" not in page.content.decode()
    assert state_of(persona) == before


def test_it_asks_nobody_to_sign_in(persona: Persona) -> None:
    answer = Client().get(page_of(propose(persona)))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def test_it_has_no_page_for_what_is_not_there(db: None) -> None:
    address = reverse("admin:personas_proposal_review", args=[uuid.uuid4()])
    assert signed_in(someone("bob")).get(address).status_code == 404


def test_it_escapes_what_people_write(persona: Persona, manage_lease: Lease) -> None:
    evil = "<script>alert(1)</script>"
    diff = [
        {"op": "add", "path": f"/traits/{evil.replace('/', '~1')}", "value": [evil, {evil: evil}]}
    ]
    proposal = propose(persona, diff, rationale=evil)
    client = signed_in(someone("bob"))
    for view in ("changes", "side", "patch"):
        text = client.get(page_of(proposal), {"view": view}).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_it_hides_nothing_in_the_raw_patch(persona: Persona, manage_lease: Lease) -> None:
    diff = [{"op": "add", "path": "/traits/a\u200bb", "value": "\u202elive\u202c"}]
    scope = {"vibe": {"scope": "on\u2060"}}
    proposal = propose(persona, diff, telemetry_scope=scope)
    page = signed_in(someone("bob")).get(page_of(proposal), {"view": "patch"})
    printed = re.findall(r'<pre class="json"[^>]*>(.*?)</pre>', page.content.decode(), re.DOTALL)
    shown = "".join(printed)
    assert not {"\u200b", "\u202e", "\u202c", "\u2060"} & set(shown)
    for escape in ("a\\u200bb", "\\u202elive\\u202c", "on\\u2060"):
        assert escape in shown
    assert [json.loads(unescape(one)) for one in printed[1:]] == [diff, scope]


def test_it_shows_an_expired_proposal_as_expired(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona, WARMER, now=NOW)
    text = signed_in(someone("bob")).get(page_of(proposal)).content.decode()
    assert "Expired undecided" in text
    assert 'name="decision"' not in text


def test_it_folds_the_paths_beyond_the_first_five(persona: Persona, manage_lease: Lease) -> None:
    many = [{"op": "add", "path": f"/worldview/n{at}", "value": at} for at in range(7)]
    proposal, other = propose(persona, many), propose(persona, many)
    text = signed_in(someone("bob")).get(page_of(proposal)).content.decode()
    listed = text.partition('class="overlap-paths"')[2].partition("</details>")[0]
    shown, _fold, folded = listed.partition(f'<details id="overlap-{other.pk}">')
    assert "and 2 more paths" in folded
    assert [f"n{at}<" in shown for at in range(7)] == [True] * 5 + [False] * 2
    assert [f"n{at}<" in folded for at in range(7)] == [False] * 5 + [True] * 2
    few = propose(persona, many[:1])
    text = signed_in(someone("bob")).get(page_of(few)).content.decode()
    assert "overlap-paths" in text
    assert '<details id="overlap-' not in text
