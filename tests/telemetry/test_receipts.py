"""A receipt for every move of consent, whatever moved it (contract §7)."""

from typing import Any

import pytest
from django.utils import timezone

from leases.models import Lease, User
from personas.models import HistoryEntry, Persona
from personas.services.decisions import proposal_approve
from personas.services.proposals import proposal_submit
from personas.services.records import persona_create
from personas.signals import consent_moving
from telemetry.errors import AccessibilityCheckRequired, ReceiptIsAppendOnly
from telemetry.models import ConsentReceipt
from telemetry.notices import current_notice
from telemetry.services.consent import consent_set
from tests.fixtures import ApiFor
from tests.people import make_persona, problem, propose, state_of
from tests.telemetry.samples import RECEIPTS, TOGGLE

ON = {"preferences": {"telemetry": {"vibe": {"enabled": True}}}}


def receipts() -> list[tuple[str, str, str]]:
    rows = ConsentReceipt.objects.order_by("pk")
    return list(rows.values_list("move", "scope", "method"))


def test_it_writes_one_for_the_switch_with_the_notice_in_force(
    dana: User, persona: Persona, manage_lease: Lease
) -> None:
    consent_set(actor=dana, persona_id=persona.id, enabled=True, now=timezone.now())
    consent_set(actor=dana, persona_id=persona.id, enabled=False, now=timezone.now())
    assert receipts() == [
        ("grant", "workspace", "switch"),
        ("withdrawal", "workspace", "switch"),
    ]
    receipt = ConsentReceipt.objects.order_by("pk")[0]
    notice = current_notice()
    assert (receipt.notice_version, receipt.notice_sha256) == (notice.version, notice.sha256)
    assert receipt.principal == dana
    assert receipt.purpose == "vibe_feedback"
    assert receipt.history == HistoryEntry.objects.get(version=2)
    withdrawal = ConsentReceipt.objects.order_by("pk")[1]
    assert str(receipt) == f"Consent given for {persona}, scope workspace"
    assert str(withdrawal) == f"Consent withdrawn for {persona}, scope workspace"


def test_it_writes_two_when_the_scope_moves(
    dana: User, consented: Persona, manage_lease: Lease
) -> None:
    consent_set(actor=dana, persona_id=consented.id, enabled=True, scope="team", now=timezone.now())
    assert receipts() == [
        ("grant", "workspace", "create"),
        ("withdrawal", "workspace", "switch"),
        ("grant", "team", "switch"),
    ]


def test_it_writes_one_for_a_persona_born_with_consent(dana: User, consented: Persona) -> None:
    assert receipts() == [("grant", "workspace", "create")]
    assert ConsentReceipt.objects.get().principal == dana


def test_it_writes_one_for_an_approved_proposal(
    alice: User, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona, ON)
    assert receipts() == []
    proposal_approve(actor=bob, proposal_id=proposal.proposal_id, now=timezone.now())
    assert receipts() == [("grant", "workspace", "proposal")]
    assert ConsentReceipt.objects.get().principal == bob
    gone = propose(persona, {"preferences": {"telemetry": None}})
    proposal_approve(actor=bob, proposal_id=gone.proposal_id, now=timezone.now())
    assert receipts()[1:] == [("withdrawal", "workspace", "proposal")]


def test_it_writes_one_for_what_a_proposal_asks_to_opt_into(
    bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona, telemetry_scope={"vibe": {"enabled": True, "scope": "team"}})
    proposal_approve(actor=bob, proposal_id=proposal.proposal_id, now=timezone.now())
    assert receipts() == [("grant", "team", "proposal")]


def test_it_writes_none_while_consent_is_off(dana: User, manage_lease: Lease) -> None:
    make_persona(preferences={"telemetry": {"vibe": {"enabled": False, "scope": "a"}}})
    consent_set(
        actor=dana, persona_id="persona.alpha", enabled=False, scope="b", now=timezone.now()
    )
    assert receipts() == []


def test_it_takes_the_change_back_when_the_receipt_cannot_be_written(
    api: ApiFor, dana: User, persona: Persona, manage_lease: Lease
) -> None:
    def fail(**_: Any) -> None:
        raise ReceiptIsAppendOnly("the archive is full")

    before = state_of(persona)
    consent_moving.connect(fail)
    try:
        problem(api(dana).post(TOGGLE, {"enabled": True}), 405)
    finally:
        consent_moving.disconnect(fail)
    assert state_of(persona) == before
    assert receipts() == []


def test_it_never_changes_a_receipt(consented: Persona) -> None:
    receipt = ConsentReceipt.objects.get()
    receipt.scope = "other"
    with pytest.raises(ReceiptIsAppendOnly):
        receipt.save()
    with pytest.raises(ReceiptIsAppendOnly):
        receipt.delete()
    with pytest.raises(ReceiptIsAppendOnly):
        ConsentReceipt.objects.update(scope="other")
    with pytest.raises(ReceiptIsAppendOnly):
        ConsentReceipt.objects.all().delete()
    assert ConsentReceipt.objects.get().scope == "workspace"


def test_it_shows_them_to_members_page_by_page(
    api: ApiFor, alice: User, charlie: User, dana: User, persona: Persona, manage_lease: Lease
) -> None:
    for enabled in (True, False, True):
        consent_set(actor=dana, persona_id=persona.id, enabled=enabled, now=timezone.now())
    first = api(alice).get(f"{RECEIPTS}?limit=2").json()
    assert [one["move"] for one in first["items"]] == ["grant", "withdrawal"]
    rest = api(alice).get(f"{RECEIPTS}?limit=2&cursor={first['next']}").json()
    assert [one["version"] for one in rest["items"]] == [2]
    assert rest["next"] is None
    one = rest["items"][0]
    assert one["principal"] == str(dana.id)
    assert one.keys() >= {"persona_id", "scope", "purpose", "method", "recorded_at"}
    assert (one["notice_version"], len(one["notice_sha256"])) == ("1", 64)
    problem(api(alice).get(f"{RECEIPTS}?limit=0"), 400)
    problem(api(alice).get(f"{RECEIPTS}?cursor=zz"), 400)
    problem(api(alice).get("/state/persona/nobody/receipts"), 404, "Persona Not Found")
    problem(api(charlie).get(RECEIPTS), 403)
    problem(api(None).get(RECEIPTS), 401)


def test_it_grants_nothing_unattested_by_proposal_or_creation_where_attesting_is_asked_for(
    settings: Any, alice: User, bob: User, dana: User, persona: Persona, manage_lease: Lease
) -> None:
    settings.ARW_PERSONA_ACCESSIBILITY = "attest"
    on = {"preferences": {"telemetry": {"vibe": {"enabled": True}}}}
    proposal = proposal_submit(actor=alice, persona_id=persona.id, diff=on, now=timezone.now())
    approve = {"actor": bob, "proposal_id": proposal.pk, "now": timezone.now()}
    with pytest.raises(AccessibilityCheckRequired):
        proposal_approve(**approve)
    proposal.refresh_from_db()
    persona.refresh_from_db()
    assert (proposal.status, persona.version, persona.consent.enabled) == ("pending", 1, False)
    born = {"owner_kind": "workspace", "owner_ref": "local", **on}
    with pytest.raises(AccessibilityCheckRequired):
        persona_create(actor=dana, fields=born, now=timezone.now())
    assert Persona.objects.count() == 1
    assert not ConsentReceipt.objects.exists()

    proposal_approve(**approve, accessibility_attested=True)
    made = persona_create(actor=dana, fields=born, now=timezone.now(), accessibility_attested=True)
    assert [receipt.move for receipt in persona.receipts.all()] == ["grant"]
    assert [receipt.move for receipt in made.receipts.all()] == ["grant"]
