"""Quorum: as many distinct approvers as the gravest impact asks for (contract §4)."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from leases.models import Lease, User
from personas.errors import SelfApprovalForbidden
from personas.models import Approval, Persona, Proposal
from personas.services.decisions import proposal_approve
from personas.services.proposals import proposal_revise
from personas.signals import approval_recorded, proposal_approved
from tests.fixtures import ApiFor
from tests.people import grant, problem, propose, state_of
from tests.personas.workflow import add, approve, approver, is_sound, move_on, replace, route, shown

pytestmark = pytest.mark.django_db
TELEMETRY_ON = add("/preferences/telemetry", {"vibe": {"enabled": True}})


@pytest.fixture
def two(settings: Settings) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED = 2
    settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 2


def is_untouched(persona: Persona) -> bool:
    fresh = Persona.objects.get(pk=persona.pk)
    return (fresh.version, fresh.document) == (1, persona.document) and fresh.history.count() == 1


def test_it_applies_with_the_last_of_two(
    api: ApiFor, bob: User, dana: User, persona: Persona, manage_lease: Lease, two: None
) -> None:
    proposal = propose(persona)
    first = api(bob).post(route(proposal, "approve"), {"rationale": "Fine."})
    assert first.status_code == 200
    assert first.json() == {
        "proposal_id": str(proposal.pk),
        "status": "pending",
        "persona_id": persona.id,
        "version": 1,
        "approvals": 1,
        "required": 2,
    }
    assert is_untouched(persona)
    detail = api(bob).get(shown(proposal)).json()
    (given,) = detail["approvals"]
    assert (given["approver"], given["standing"]) == (str(bob.id), True)
    assert (detail["approvals_required"], detail["status"]) == (2, "pending")
    last = api(dana).post(route(proposal, "approve")).json()
    assert (last["status"], last["version"]) == ("approved", 2)
    assert (last["approvals"], last["required"]) == (2, 2)
    assert is_sound(persona.id).traits["tone"] == "warm"
    proposal.refresh_from_db()
    assert proposal.decided_by == dana


def test_it_counts_a_person_once(
    api: ApiFor, bob: User, persona: Persona, manage_lease: Lease, two: None
) -> None:
    proposal = propose(persona)
    for rationale in ("Once.", "Twice."):
        answer = api(bob).post(route(proposal, "approve"), {"rationale": rationale}).json()
        assert (answer["status"], answer["approvals"]) == ("pending", 1)
    assert Approval.objects.get().rationale == "Twice."
    assert is_untouched(persona)


@pytest.mark.parametrize(
    ("diff", "needed"), [(replace("/traits/tone", "warm"), 1), (TELEMETRY_ON, 2)]
)
def test_it_asks_for_more_where_the_severity_is_high(
    bob: User, dana: User, persona: Persona, settings: Settings, diff: Any, needed: int
) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 2
    proposal = propose(persona, diff)
    first = approve(bob, proposal)
    assert (first.required, first.entry is None) == (needed, needed == 2)
    if needed == 2:
        assert is_untouched(persona)
        assert approve(dana, proposal).entry is not None
    assert is_sound(persona.id).version == 2


def test_it_reads_the_severity_off_the_telemetry_scope_too(
    bob: User, persona: Persona, settings: Settings
) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 2
    proposal = propose(persona, telemetry_scope={"vibe": {"enabled": True}})
    assert approve(bob, proposal).required == 2
    assert is_untouched(persona)


def test_it_takes_no_approval_from_author_or_editor(
    api: ApiFor, bob: User, dana: User, persona: Persona, manage_lease: Lease, two: None
) -> None:
    proposal = propose(persona, actor=bob)
    proposal_revise(
        actor=dana,
        proposal_id=proposal.pk,
        diff=replace("/traits/tone", "hot"),
        now=timezone.now(),
    )
    before = state_of(persona)
    for person in (bob, dana):
        problem(api(person).post(route(proposal, "approve")), 403, "Self Approval Forbidden")
    assert state_of(persona) == before
    assert not Approval.objects.exists()
    erin, frank = approver("erin"), approver("frank")
    assert approve(erin, proposal).entry is None
    assert approve(frank, proposal).entry is not None


def test_it_does_not_count_an_editor_of_an_earlier_revision(
    alice: User, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    now = timezone.now()
    for editor, tone in ((bob, "hot"), (alice, "mild")):
        proposal_revise(
            actor=editor, proposal_id=proposal.pk, diff=replace("/traits/tone", tone), now=now
        )
    with pytest.raises(SelfApprovalForbidden):
        proposal_approve(actor=bob, proposal_id=proposal.pk, now=now)
    assert is_untouched(persona)


def test_it_drops_an_approval_of_another_result(
    api: ApiFor, bob: User, dana: User, persona: Persona, settings: Settings
) -> None:
    """Given before the record moved on, it was a yes to another document."""
    proposal = propose(persona)
    settings.ARW_PERSONA_APPROVALS_REQUIRED = settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 2
    assert approve(bob, proposal).approvals == 1
    settings.ARW_PERSONA_APPROVALS_REQUIRED = 1
    move_on(bob, persona, replace("/traits/pace", 9))
    settings.ARW_PERSONA_APPROVALS_REQUIRED = 2
    (given,) = api(dana).get(shown(proposal)).json()["approvals"]
    assert not given["standing"]
    second = approve(dana, proposal)
    assert (second.entry, second.approvals) == (None, 1)
    # Said again of the result as it is now, it counts again.
    assert approve(bob, proposal).entry is not None
    assert is_sound(persona.id).traits == {"tone": "warm", "pace": 9}


def test_it_keeps_an_approval_of_the_same_result(
    bob: User, dana: User, persona: Persona, settings: Settings
) -> None:
    proposal = propose(persona)
    settings.ARW_PERSONA_APPROVALS_REQUIRED = 2
    approve(bob, proposal)
    settings.ARW_PERSONA_APPROVALS_REQUIRED = 1
    for name in ("Other", "Companion"):
        move_on(bob, persona, replace("/name", name))
    settings.ARW_PERSONA_APPROVALS_REQUIRED = 2
    assert approve(dana, proposal).approvals == 2
    assert is_sound(persona.id).version == 4


@pytest.mark.parametrize("left", ["role", "activity"])
def test_it_does_not_count_who_may_decide_no_more(
    bob: User, dana: User, persona: Persona, two: None, left: str
) -> None:
    proposal = propose(persona)
    approve(bob, proposal)
    if left == "role":
        bob.groups.clear()
    else:
        User.objects.filter(pk=bob.pk).update(is_active=False)
    assert approve(dana, proposal).entry is None
    assert is_untouched(persona)
    assert approve(approver("erin"), proposal).entry is not None


def test_it_announces_each_step_once(
    bob: User,
    dana: User,
    persona: Persona,
    two: None,
    django_capture_on_commit_callbacks: Any,
) -> None:
    proposal = propose(persona)
    told: list[tuple[str, Any]] = []

    def recorded(**facts: Any) -> None:
        told.append(("recorded", (facts["approvals"], facts["required"], facts["actor"])))

    def applied(**facts: Any) -> None:
        told.append(("applied", facts["actor"]))

    approval_recorded.connect(recorded)
    proposal_approved.connect(applied)
    try:
        for person in (bob, dana):
            with django_capture_on_commit_callbacks(execute=True):
                approve(person, proposal)
    finally:
        approval_recorded.disconnect(recorded)
        proposal_approved.disconnect(applied)
    assert told == [("recorded", (1, 2, bob)), ("applied", dana)]


def test_it_spends_one_use_of_the_lease_a_yes(
    bob: User, dana: User, persona: Persona, two: None
) -> None:
    proposal, lease = propose(persona), grant(budget=2)
    for used, person in ((1, bob), (2, dana)):
        proposal_approve(actor=person, proposal_id=proposal.pk, now=timezone.now())
        lease.refresh_from_db()
        assert lease.used == used
    assert Proposal.objects.get().status == "approved"
