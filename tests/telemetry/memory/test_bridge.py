"""The worldview bridge: from shared memory to a proposal, and to a record (contract §10)."""

import json
from typing import Any

import pytest
from django.utils import timezone

from leases.authentication import PeopleBackend
from leases.models import ApiToken, Lease, User
from leases.services.revoking import lease_revoke
from personas.errors import (
    PersonaManageForbidden,
    PersonaNotFound,
    SelfApprovalForbidden,
    StaleProposal,
)
from personas.models import Persona, Proposal
from personas.selectors import persona_get
from personas.services.decisions import proposal_approve
from personas.services.proposals import proposal_revise, proposal_submit
from telemetry.errors import BeliefRefused, EvidenceWithdrawn
from telemetry.memory.bridge import worldview_suggest
from telemetry.memory.bridge_principal import bridge_principal
from telemetry.memory.items import item_erase
from telemetry.models import MemoryItem
from tests.people import grant, make_persona, state_of
from tests.telemetry.memory.memories import remember, share

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("manage_lease")]
SOURCES = "Sources come first"


def vote(actor: User, statement: str = SOURCES, stance: str = "for", **more: Any) -> MemoryItem:
    return remember(actor, "", value={"belief": statement, "stance": stance}, **more)


def suggest(actor: User, persona: Persona) -> Proposal | None:
    return worldview_suggest(actor=actor, persona_id=persona.pk, now=timezone.now())


def made(actor: User, persona: Persona) -> Proposal:
    proposal = suggest(actor, persona)
    assert proposal is not None
    return proposal


def approve(actor: User, proposal: Proposal) -> None:
    proposal_approve(actor=actor, proposal_id=proposal.pk, now=timezone.now())


def held(persona: Persona) -> list[Any]:
    worldview = persona_get(persona.pk).worldview
    return list(worldview.get("beliefs", []))


def test_it_proposes_what_shared_memory_says(alice: User, bob: User, persona: Persona) -> None:
    share(subject=str(alice.pk))
    shared, hidden = vote(alice, confidence=0.9), vote(bob)
    before = state_of(persona)["record"]
    proposal = made(alice, persona)
    assert state_of(persona)["record"] == before
    assert (proposal.status, proposal.submitted_by) == ("pending", bridge_principal())
    belief = {"id": "sources-come-first", "statement": SOURCES, "confidence": 0.74}
    assert proposal.diff == [
        {
            "op": "add",
            "path": "/worldview/beliefs",
            "value": [{**belief, "citations": [str(shared.pk)]}],
        }
    ]
    assert "1 for, 0 against: (0.50 + 0.90) / (1 + 0.90 + 0.00) = 0.74" in proposal.rationale
    assert str(shared.pk) in proposal.rationale
    assert str(hidden.pk) not in proposal.rationale + json.dumps(proposal.diff)
    approve(bob, proposal)
    assert held(persona) == [{**belief, "citations": [str(shared.pk)]}]
    assert suggest(alice, persona) is None


def test_it_says_nothing_without_a_sharing_lease(
    alice: User, manage_lease: Lease, persona: Persona
) -> None:
    vote(alice)
    before = state_of(persona)
    assert suggest(alice, persona) is None
    assert state_of(persona) == before


def test_it_needs_the_role_and_the_lease(
    alice: User, charlie: User, manage_lease: Lease, persona: Persona
) -> None:
    share()
    vote(alice)
    before = state_of(persona)
    with pytest.raises(PersonaManageForbidden):
        suggest(charlie, persona)
    with pytest.raises(PersonaNotFound):
        worldview_suggest(actor=alice, persona_id="none", now=timezone.now())
    manage_lease.delete()
    with pytest.raises(PersonaManageForbidden):
        suggest(alice, persona)
    assert state_of(persona)["proposals"] == before["proposals"] == []


def test_it_spends_the_lease_of_who_asks(
    alice: User, manage_lease: Lease, persona: Persona
) -> None:
    manage_lease.delete()
    own = grant(subject=str(alice.pk), budget=1)
    share()
    vote(alice)
    assert made(alice, persona).revisions.get().author == alice
    own.refresh_from_db()
    assert own.used == 1


def test_it_cannot_be_approved_by_who_asked(alice: User, bob: User, persona: Persona) -> None:
    share()
    vote(alice)
    proposal = made(bob, persona)
    with pytest.raises(SelfApprovalForbidden):
        approve(bob, proposal)
    assert held(persona) == []


def test_it_leaves_a_pending_one_that_says_the_same(
    alice: User, bob: User, persona: Persona
) -> None:
    share()
    vote(alice, confidence=0.9)
    first = made(alice, persona)
    again = made(bob, persona)
    assert (again.pk, again.revision) == (first.pk, 1)
    vote(bob, confidence=0.8)
    revised = made(bob, persona)
    assert (revised.pk, revised.revision) == (first.pk, 2)
    assert revised.diff[0]["value"][0]["confidence"] == 0.81
    assert Proposal.objects.count() == 1


def test_it_renews_a_pending_one_that_can_no_longer_be_applied(alice: User, bob: User) -> None:
    share()
    cited = [str(vote(alice, confidence=0.9).pk)]
    belief = {"id": "s", "statement": SOURCES, "confidence": 0.5, "citations": cited}
    persona = make_persona(worldview={"beliefs": [belief]})
    pending = made(alice, persona)
    place = "/worldview/beliefs/0/confidence"
    assert pending.diff == [{"op": "replace", "path": place, "value": 0.74}]
    other = proposal_submit(
        actor=alice,
        persona_id=persona.pk,
        diff=[{"op": "replace", "path": place, "value": 0.4}],
        now=timezone.now(),
    )
    approve(bob, other)
    with pytest.raises(StaleProposal):
        approve(bob, pending)
    renewed = made(alice, persona)
    assert (renewed.pk, renewed.revision, renewed.base_version) == (pending.pk, 2, 2)
    assert renewed.diff == pending.diff
    assert held(persona) == [{**belief, "confidence": 0.4}]
    approve(bob, renewed)
    assert held(persona) == [{**belief, "confidence": 0.74}]


def test_it_leaves_what_somebody_else_revised(alice: User, bob: User, persona: Persona) -> None:
    share()
    item = vote(alice)
    proposal = made(alice, persona)
    diff = proposal.diff
    diff[0]["value"][0]["statement"] = "Sources come first, always"
    proposal_revise(actor=bob, proposal_id=proposal.pk, diff=diff, now=timezone.now())
    vote(alice, "Another one")
    kept = made(alice, persona)
    assert (kept.pk, kept.revision) == (proposal.pk, 2)
    assert kept.diff[0]["value"][0]["citations"] == [str(item.pk)]


def test_it_withdraws_what_nothing_speaks_for_any_more(
    alice: User, dana: User, persona: Persona
) -> None:
    lease = share()
    vote(alice)
    proposal = made(alice, persona)
    lease_revoke(actor=dana, lease_id=lease.pk, now=timezone.now())
    assert suggest(alice, persona) is None
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("withdrawn", bridge_principal())


@pytest.mark.parametrize("how", ["revoked", "erased"])
def test_it_is_not_applied_once_its_evidence_is_gone(
    how: str, alice: User, bob: User, dana: User, persona: Persona
) -> None:
    lease = share()
    item = vote(alice)
    proposal = made(alice, persona)
    if how == "revoked":
        lease_revoke(actor=dana, lease_id=lease.pk, now=timezone.now())
    else:
        item_erase(actor=alice, item_id=item.pk, now=timezone.now())
    before = state_of(persona)
    with pytest.raises(EvidenceWithdrawn) as refused:
        approve(bob, proposal)
    assert refused.value.facts == {"items": [str(item.pk)]}
    after = state_of(persona)
    assert (after["record"], after["history"]) == (before["record"], before["history"])
    assert not proposal.approvals.exists()
    proposal.refresh_from_db()
    assert proposal.status == "pending"


@pytest.mark.parametrize("how", ["revoked", "erased"])
def test_it_takes_back_what_rested_on_revoked_memory_alone(
    how: str, alice: User, bob: User, dana: User, persona: Persona
) -> None:
    own = share(subject=str(alice.pk))
    share(subject=str(bob.pk))
    alone, first = vote(alice, "Alone"), vote(alice)
    second = vote(bob)
    approve(bob, made(alice, persona))
    assert {one["statement"] for one in held(persona)} == {"Alone", SOURCES}
    if how == "revoked":
        lease_revoke(actor=dana, lease_id=own.pk, now=timezone.now())
    else:
        for item in (alone, first):
            item_erase(actor=alice, item_id=item.pk, now=timezone.now())
    proposal = made(alice, persona)
    assert "1 to weaken, 1 to retire" in proposal.rationale
    assert str(alone.pk) not in proposal.rationale
    approve(bob, proposal)
    (left,) = held(persona)
    assert (left["statement"], left["citations"]) == (SOURCES, [str(second.pk)])
    assert left["confidence"] == 0.69


def test_it_refuses_a_revision_without_citations(
    alice: User, bob: User, dana: User, persona: Persona
) -> None:
    share()
    vote(alice)
    proposal = made(alice, persona)
    diff = proposal.diff
    del diff[0]["value"][0]["citations"]
    proposal_revise(actor=bob, proposal_id=proposal.pk, diff=diff, now=timezone.now())
    with pytest.raises(BeliefRefused):
        approve(dana, proposal)
    assert held(persona) == []


def test_it_refuses_a_worldview_without_room(alice: User) -> None:
    share()
    vote(alice)
    persona = make_persona("persona.odd", worldview={"beliefs": {"a": 1}})
    with pytest.raises(BeliefRefused):
        suggest(alice, persona)
    assert not Proposal.objects.exists()


def test_it_acts_as_a_member_who_can_never_sign_in() -> None:
    bridge = bridge_principal()
    assert bridge_principal() == bridge
    assert [group.name for group in bridge.groups.all()] == ["members"]
    assert (bridge.interactive, bridge.has_usable_password()) == (False, False)
    assert not ApiToken.objects.filter(user=bridge).exists()
    assert not PeopleBackend().user_can_authenticate(bridge)


def test_it_takes_another_name_where_somebody_is_called_that() -> None:
    person = User.objects.create_user("memory-bridge")
    bridge = bridge_principal()
    assert bridge.pk != person.pk
    assert bridge.username != person.username
    person.refresh_from_db()
    assert person.interactive
