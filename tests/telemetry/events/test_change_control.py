"""Events of revisions, withdrawals, expiry, and approvals that are not enough (contract §8)."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from pytest_django import Settings

from leases.models import User
from leases.pseudonyms import SYSTEM_ACTOR, actor_ref
from personas.models import Persona, Proposal
from personas.services.decisions import proposal_approve, proposal_request_changes
from personas.services.discussion import proposal_comment
from personas.services.expiry import proposals_expire
from personas.services.proposals import proposal_revise, proposal_withdraw
from tests.people import propose
from tests.telemetry.conftest import Committing
from tests.telemetry.events.test_catalog import Heard

QUIET = "hunter"


def ids(proposal: Proposal) -> dict[str, Any]:
    return {
        "proposal_id": str(proposal.proposal_id),
        "persona_id": "persona.alpha",
        "base_version": 1,
        "digest": proposal.digest,
    }


def test_it_tells_of_a_revision_with_the_new_digest(
    bob: User, persona: Persona, manage_lease: object, committing: Committing
) -> None:
    first = propose(persona)
    heard = Heard()
    with committing():
        revised = proposal_revise(
            actor=bob,
            proposal_id=first.proposal_id,
            diff={"traits": {"tone": QUIET}},
            rationale=QUIET,
            now=timezone.now(),
        )
    assert revised.digest != first.digest
    assert heard.payload("persona.proposal.revised") == {
        **ids(revised),
        "revision": 2,
        "actor": actor_ref(bob.id),
    }
    assert len(heard.envelopes()) == 1
    assert QUIET not in str(heard.envelopes())


def test_it_tells_of_a_withdrawal_without_the_reason(
    alice: User, persona: Persona, committing: Committing
) -> None:
    proposal = propose(persona)
    heard = Heard()
    with committing():
        proposal_withdraw(
            actor=alice, proposal_id=proposal.proposal_id, rationale=QUIET, now=timezone.now()
        )
    payload = heard.payload("persona.proposal.withdrawn")
    assert payload == {**ids(proposal), "actor": actor_ref(alice.id)}
    assert len(heard.envelopes()) == 1
    assert QUIET not in str(heard.envelopes())


def test_it_tells_of_an_expiry_once_and_names_nobody(
    alice: User, persona: Persona, committing: Committing
) -> None:
    proposal = propose(persona)
    later = timezone.now() + timedelta(days=8)
    heard = Heard()
    with committing():
        assert proposals_expire(now=later) == 1
        assert proposals_expire(now=later) == 0
    payload = heard.payload("persona.proposal.expired")
    assert payload == {**ids(proposal), "actor": SYSTEM_ACTOR}
    assert len(heard.envelopes()) == 1
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("expired", None)
    persona.refresh_from_db()
    assert persona.version == 1


def test_it_tells_of_an_approval_that_is_not_enough(
    bob: User,
    dana: User,
    persona: Persona,
    manage_lease: object,
    settings: Settings,
    committing: Committing,
) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED = settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 2
    proposal = propose(persona)
    heard = Heard()
    with committing():
        proposal_approve(
            actor=bob, proposal_id=proposal.proposal_id, rationale=QUIET, now=timezone.now()
        )
    assert heard.payload("persona.proposal.approval_recorded") == {
        **ids(proposal),
        "approvals": 1,
        "required": 2,
        "actor": actor_ref(bob.id),
    }
    assert len(heard.envelopes()) == 1
    assert QUIET not in str(heard.envelopes())
    heard = Heard()
    with committing():
        proposal_approve(actor=dana, proposal_id=proposal.proposal_id, now=timezone.now())
    kinds = {one["kind"] for one in heard.envelopes()}
    assert kinds == {"persona.proposal.approved", "persona.updated"}


def test_it_tells_that_something_was_said_but_not_what(
    alice: User, bob: User, persona: Persona, manage_lease: object, committing: Committing
) -> None:
    proposal = propose(persona)
    heard = Heard()
    now = timezone.now()
    with committing():
        proposal_comment(actor=alice, proposal_id=proposal.proposal_id, text=QUIET, now=now)
        proposal_request_changes(actor=bob, proposal_id=proposal.proposal_id, text=QUIET, now=now)
    first, second = proposal.comments.order_by("pk")
    told = {
        **ids(proposal),
        "comment_id": first.pk,
        "kind": "comment",
        "actor": actor_ref(alice.id),
    }
    asked = {
        **told,
        "comment_id": second.pk,
        "kind": "changes_requested",
        "actor": actor_ref(bob.id),
    }
    assert [one["payload"] for one in heard.envelopes()] == [told, asked]
    assert {one["kind"] for one in heard.envelopes()} == {"persona.proposal.commented"}
    assert QUIET not in str(heard.envelopes())
