"""The demo: there once, back when asked, never over anybody's own data."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from arw_site.demo.loading import demo_load
from arw_site.demo.people import ALICE, BOB, CHARLIE, DANA, principal
from leases.models import Lease, User
from leases.services.granting import lease_grant
from personas.demo import OWNER_KINDS, demo_proposals, demo_records
from personas.documents.consent import consent_of
from personas.documents.limits import Limits
from personas.documents.schema import document_faults
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.decisions import proposal_approve, proposal_reject
from personas.services.records import persona_create
from telemetry.models import ConsentReceipt

pytestmark = pytest.mark.django_db


def state() -> dict[str, Any]:
    """Everything that the demo could touch."""
    return {
        model.__name__: sorted(map(str, model.objects.values_list()))
        for model in (User, Lease, Persona, Proposal, HistoryEntry, ConsentReceipt)
    } | {"groups": sorted(User.objects.values_list("username", "groups__name"))}


@pytest.mark.parametrize("record", demo_records(), ids=lambda record: record["id"])
def test_it_holds_sound_records(record: dict[str, Any]) -> None:
    assert document_faults(record, Limits()) == []
    assert not consent_of(record)
    assert record["preferences"]["context"]["lane_weights"]
    for belief in record["worldview"]["beliefs"]:
        assert belief["statement"]
        assert 0 <= belief["confidence"] <= 1
        assert belief["sources"]
    assert 0 <= record["calibration"]["confidence"] <= 1


def test_it_has_one_persona_for_each_kind_of_owner() -> None:
    assert tuple(record["owner_kind"] for record in demo_records()) == OWNER_KINDS


def test_it_fills_an_empty_server() -> None:
    call_command("demo", verbosity=0)

    roles = {
        user.username: [group.name for group in user.groups.all()]
        for user in User.objects.filter(interactive=True)
    }
    assert roles == {"alice": ["members"], "bob": ["approvers"], "dana": ["admins"], "charlie": []}
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert {p.id: p.version for p in Persona.objects.all()} == {
        "persona.ines": 2,
        "persona.tomas": 1,
        "persona.juniper": 1,
    }
    assert [p.id for p in Persona.objects.all() if p.consent] == ["persona.ines"]
    [receipt] = ConsentReceipt.objects.all()
    assert (receipt.move, receipt.scope, receipt.principal) == (
        "grant",
        "workspace",
        principal(DANA),
    )
    proposals = Proposal.objects.oldest_first()
    assert [p.rationale for p in proposals] == [p["rationale"] for p in demo_proposals()]
    assert {(p.submitted_by, p.status) for p in proposals} == {(principal(ALICE), "pending")}
    leases = Lease.objects.active_at(timezone.now())
    assert {lease.capability for lease in leases} == {
        "persona:manage",
        "telemetry:persona:workspace",
    }
    assert all(lease.reason and lease.granted_by == principal(DANA) for lease in leases)


def test_it_changes_nothing_the_second_time(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo", verbosity=0)
    before = state()

    call_command("demo")

    assert state() == before
    assert capsys.readouterr().out == "the demo is in place already; nothing was changed\n"


def test_it_leaves_what_was_decided_and_grants_leases_anew() -> None:
    call_command("demo", verbosity=0)
    decide_something()
    before = state()

    loaded = demo_load(now=timezone.now() + timedelta(days=2))

    assert loaded.leases == ["persona:manage", "telemetry:persona:workspace"]
    assert (loaded.people, loaded.personas, loaded.proposals) == ([], [], 0)
    after = state()
    assert {name: rows for name, rows in after.items() if name != "Lease"} == {
        name: rows for name, rows in before.items() if name != "Lease"
    }


def test_it_can_be_walked_through() -> None:
    call_command("demo", verbosity=0)

    for proposal in Proposal.objects.oldest_first():
        proposal_approve(actor=principal(BOB), proposal_id=proposal.proposal_id, now=timezone.now())

    assert {p.id: p.version for p in Persona.objects.all()} == {
        "persona.ines": 4,
        "persona.tomas": 3,
        "persona.juniper": 2,
    }


def test_it_puts_back_what_the_tour_changed() -> None:
    call_command("demo", verbosity=0)
    alice = principal(ALICE)
    alice.set_password("kept by alice " + "x" * 8)
    alice.save()
    fresh = documents()
    decide_something()
    alice.groups.clear()
    principal(CHARLIE).groups.set(principal(BOB).groups.all())

    call_command("demo", reset=True, verbosity=0)

    assert documents() == fresh
    assert set(Proposal.objects.values_list("status", flat=True)) == {"pending"}
    assert HistoryEntry.objects.count() == 4
    assert [group.name for group in principal(ALICE).groups.all()] == ["members"]
    assert not principal(CHARLIE).groups.exists()
    assert principal(ALICE).password == alice.password
    assert Lease.objects.count() == 2


def test_it_asks_before_it_goes_beside_other_personas() -> None:
    call_command("demo", verbosity=0)
    own = persona_create(
        actor=principal(DANA),
        fields={"id": "own", "owner_kind": "agent", "owner_ref": "a"},
        now=timezone.now(),
    )
    kept = lease_grant(actor=principal(DANA), capability="own:lease", now=timezone.now())
    decide_something()
    before = state()

    with pytest.raises(CommandError, match="1 persona that is not the demo's is here"):
        call_command("demo", reset=True, verbosity=0)
    assert state() == before
    call_command("demo", verbosity=0)
    assert state() == before

    call_command("demo", reset=True, yes=True, verbosity=0)
    assert Persona.objects.get(pk="own").version == own.version
    assert own.history.count() == 1
    assert Lease.objects.filter(pk=kept.pk).exists()
    assert Persona.objects.get(pk="persona.ines").version == 2


def test_it_asks_before_it_enters_a_server_in_use() -> None:
    admin = User.objects.service_principal()
    lease_grant(actor=admin, capability="persona:manage", now=timezone.now())
    fields = {"id": "own", "owner_kind": "agent", "owner_ref": "a"}
    persona_create(actor=admin, fields=fields, now=timezone.now())
    before = state()

    with pytest.raises(CommandError, match="--yes"):
        call_command("demo", verbosity=0)

    assert state() == before


def documents() -> dict[str, Any]:
    return {persona.id: (persona.version, persona.document) for persona in Persona.objects.all()}


def decide_something() -> None:
    first, second, *_ = Proposal.objects.oldest_first()
    now = timezone.now()
    proposal_approve(actor=principal(BOB), proposal_id=first.proposal_id, now=now)
    proposal_reject(actor=principal(BOB), proposal_id=second.proposal_id, rationale="no", now=now)
