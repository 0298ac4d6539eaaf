"""The summary of feedback as a proposal of the bridge: only with consent and lease."""

import pytest
from django.utils import timezone

from leases.models import Lease, User
from personas.errors import PersonaManageForbidden, ProposalNotPending
from personas.models import Persona, Proposal
from personas.selectors import persona_get, proposal_get
from personas.services.decisions import proposal_approve
from personas.services.proposals import proposal_revise, proposal_submit
from telemetry.errors import BeliefRefused, PersonaTelemetryForbidden, TelemetryDisabled
from telemetry.memory.bridge_principal import bridge_principal
from telemetry.memory.review_parts import evidence_condition
from telemetry.memory.suggestion import worded
from telemetry.memory.vibe_summary import summary_operations, vibe_summary_suggest
from telemetry.services.consent import consent_set
from telemetry.services.erasure import samples_erase
from telemetry.services.feedback import feedback_record
from tests.people import state_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("manage_lease")]


def suggest(actor: User, persona: Persona) -> Proposal | None:
    return vibe_summary_suggest(actor=actor, persona_id=persona.pk, now=timezone.now())


def give(actor: User, persona: Persona, signal: str = "warmer", strength: float = 0.8) -> None:
    body = {"signal": signal, "strength": strength}
    feedback_record(actor=actor, persona_id=persona.pk, body=body, now=timezone.now())


def test_it_proposes_a_summary(
    alice: User, bob: User, consented: Persona, telemetry_lease: Lease
) -> None:
    assert suggest(alice, consented) is None
    give(alice, consented)
    before = state_of(consented)["record"]
    proposal = suggest(alice, consented)
    assert proposal is not None
    assert proposal.submitted_by == bridge_principal()
    assert state_of(consented)["record"] == before
    (op,) = proposal.diff
    assert (op["op"], op["path"]) == ("add", "/vibe_profile/summary")
    assert (op["value"]["people"], op["value"]["samples"]) == (1, 1)
    assert op["value"]["axes"]["warmth"] == {"balance": 0.8, "disagreement": 0.0}
    assert worded(proposal.rationale, proposal.diff)[0] == (
        "Summary of the feedback that is kept: 1 sample of 1 person. "
        "Mean sentiment 0.40 on a scale from −1 to 1."
    )
    again = suggest(bob, consented)
    assert again is not None
    assert (again.pk, again.revision) == (proposal.pk, 1)
    proposal_approve(actor=bob, proposal_id=proposal.pk, now=timezone.now())
    assert persona_get(consented.pk).vibe_profile == {"summary": op["value"]}
    assert suggest(alice, consented) is None


def test_it_needs_consent_and_both_leases(
    alice: User, manage_lease: Lease, consented: Persona, telemetry_lease: Lease
) -> None:
    give(alice, consented)
    before = state_of(consented)["proposals"]
    telemetry_lease.delete()
    with pytest.raises(PersonaTelemetryForbidden):
        suggest(alice, consented)
    manage_lease.delete()
    with pytest.raises(PersonaManageForbidden):
        suggest(alice, consented)
    assert state_of(consented)["proposals"] == before == []


def test_it_is_neither_made_nor_applied_without_consent(
    alice: User, bob: User, dana: User, consented: Persona, telemetry_lease: Lease
) -> None:
    give(alice, consented)
    proposal = suggest(alice, consented)
    assert proposal is not None
    consent_set(actor=dana, persona_id=consented.pk, enabled=False, now=timezone.now())
    with pytest.raises(TelemetryDisabled):
        suggest(alice, consented)
    with pytest.raises(TelemetryDisabled):
        proposal_approve(actor=bob, proposal_id=proposal.pk, now=timezone.now())
    assert persona_get(consented.pk).vibe_profile == {}


def test_it_goes_by_the_consent_of_the_moment(
    alice: User, dana: User, consented: Persona, telemetry_lease: Lease
) -> None:
    give(alice, consented)
    made = suggest(alice, consented)
    assert made is not None
    read_before = proposal_get(made.pk)
    assert read_before.persona.consent.enabled
    consent_set(actor=dana, persona_id=consented.pk, enabled=False, now=timezone.now())
    record = persona_get(consented.pk)
    after = {**record.document, "vibe_profile": {"summary": {}}}
    unmet = evidence_condition(read_before, record.document, after, timezone.now())
    assert isinstance(unmet, TelemetryDisabled)
    with pytest.raises(TelemetryDisabled):
        summary_operations(record, now=timezone.now())
    assert Proposal.objects.get().status == "pending"


def test_it_lets_no_uncited_belief_in_beside_a_summary(
    alice: User, bob: User, dana: User, consented: Persona, telemetry_lease: Lease
) -> None:
    give(alice, consented)
    proposal = suggest(alice, consented)
    assert proposal is not None
    belief = {"id": "b", "statement": "Sources come first", "confidence": 0.9}
    diff = [*proposal.diff, {"op": "add", "path": "/worldview/beliefs", "value": [belief]}]
    proposal_revise(actor=bob, proposal_id=proposal.pk, diff=diff, now=timezone.now())
    before = state_of(consented)["record"]
    with pytest.raises(BeliefRefused):
        proposal_approve(actor=dana, proposal_id=proposal.pk, now=timezone.now())
    assert state_of(consented)["record"] == before


def test_it_is_withdrawn_when_feedback_is_erased(
    alice: User, bob: User, dana: User, consented: Persona, telemetry_lease: Lease
) -> None:
    give(alice, consented)
    give(bob, consented, "cooler", 0.2)
    mine = proposal_submit(
        actor=alice,
        persona_id=consented.pk,
        diff=[{"op": "add", "path": "/vibe_profile/note", "value": "Kept."}],
        now=timezone.now(),
    )
    proposal = suggest(alice, consented)
    assert proposal is not None
    now = timezone.now()
    assert samples_erase(actor=dana, persona_id=consented.pk, principal="alice", now=now) == 1
    proposal.refresh_from_db()
    mine.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("withdrawn", bridge_principal())
    assert mine.status == "pending"
    with pytest.raises(ProposalNotPending):
        proposal_approve(actor=bob, proposal_id=proposal.pk, now=timezone.now())
    assert persona_get(consented.pk).vibe_profile == {}
    anew = suggest(alice, consented)
    assert anew is not None
    assert (anew.diff[0]["value"]["people"], anew.pk == proposal.pk) == (1, False)
