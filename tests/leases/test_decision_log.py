"""The decision log's write side: what is refused leaves one row, what is let through another."""

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.authorization import judged, judged_spend
from leases.capabilities import PERSONA_MANAGE, telemetry_action
from leases.decision_selectors import decision_json
from leases.errors import LeaseManageForbidden
from leases.models import DecisionEntry, Lease, User
from leases.policy.compiled import EMPTY_POLICY, policy_compile
from leases.policy.replay import logged_decision, replay
from leases.policy.rules import PolicyDocument
from leases.services.decision_log import RETENTION, decision_record, decisions_prune, refusals_kept
from leases.services.granting import lease_grant
from personas.errors import PersonaManageForbidden
from personas.models import Persona
from personas.services.proposals import proposal_submit
from telemetry.errors import PersonaTelemetryForbidden
from telemetry.services.consent import consent_set
from telemetry.services.feedback import feedback_record
from tests.fixtures import ApiFor
from tests.people import NOW, SECOND, WARMER, grant, problem, someone, state_of


def only_row() -> DecisionEntry:
    [row] = DecisionEntry.objects.filter(allowed=False)
    return row


def consented(persona: Persona) -> None:
    lease = grant()
    consent_set(actor=someone("dana"), persona_id=persona.id, enabled=True, now=timezone.now())
    lease.delete()


@pytest.mark.django_db
def test_it_keeps_a_refusal_of_the_service(alice: User, persona: Persona) -> None:
    before = state_of(persona)
    with pytest.raises(PersonaManageForbidden):
        proposal_submit(actor=alice, persona_id=persona.id, diff=WARMER, now=NOW)

    row = only_row()
    assert (row.actor, row.action, row.persona_id) == (alice, "persona.manage", persona.id)
    assert (row.reason, row.required_capability) == ("lease_required", "persona:manage")
    assert (row.at, row.hour, row.count, row.lease_id) == (NOW, None, 1, "")
    assert row.inputs["groups"] == ["members"]
    assert (row.inputs["needed"], row.inputs["halted"]) == ("persona:manage", False)
    assert state_of(persona) == before


@pytest.mark.django_db
def test_it_keeps_one_row_for_a_refusal_at_the_api(
    alice: User, persona: Persona, api: ApiFor
) -> None:
    before = state_of(persona)
    answer = api(alice).post(f"/admin/persona/{persona.id}/proposals", {"diff": WARMER})

    problem(answer, 403, "Persona Manage Forbidden")
    row = only_row()
    assert (row.actor, row.persona_id, row.reason) == (alice, persona.id, "lease_required")
    assert state_of(persona) == before


@pytest.mark.django_db
def test_it_keeps_one_row_for_a_refusal_of_the_role(
    alice: User, persona: Persona, api: ApiFor
) -> None:
    answer = api(alice).post("/leases", {"capability": "persona:manage"})

    problem(answer, 403, "Lease Manage Forbidden")
    row = only_row()
    assert (row.actor, row.action, row.reason) == (alice, "leases.manage", "role_required")
    assert row.inputs == {}
    assert not Lease.objects.exists()


@pytest.mark.django_db
def test_it_keeps_a_self_grant_that_the_service_refuses(alice: User) -> None:
    with pytest.raises(LeaseManageForbidden):
        lease_grant(actor=alice, capability="persona:manage", subject="alice", now=NOW)

    assert (only_row().actor, only_row().action) == (alice, "leases.manage")
    assert not Lease.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_keeps_a_refusal_whose_transaction_was_taken_back() -> None:
    alice = someone("alice")
    resource = Persona(id="persona.x", owner_kind="agent", owner_ref="a").resource

    @refusals_kept
    def inner(*, actor: User, now: datetime) -> None:
        found = judged(actor=actor, action=PERSONA_MANAGE, resource=resource, now=now)
        raise PersonaManageForbidden(code=found.decision.reason).because(found)

    @refusals_kept
    def outer(*, actor: User, now: datetime) -> None:
        with transaction.atomic():
            Lease.objects.all().delete()
            inner(actor=actor, now=now)

    grant("other:thing", now=NOW)
    with pytest.raises(PersonaManageForbidden):
        outer(actor=alice, now=NOW)

    assert (only_row().persona_id, only_row().owner_kind) == ("persona.x", "agent")
    assert Lease.objects.count() == 1


@pytest.mark.django_db
def test_it_writes_what_let_a_change_through(alice: User, persona: Persona) -> None:
    lease = grant(now=NOW, budget=2)
    DecisionEntry.objects.all().delete()
    proposal_submit(actor=alice, persona_id=persona.id, diff=WARMER, now=NOW)

    [row] = DecisionEntry.objects.all()
    assert (row.allowed, row.reason, row.lease_id) == (True, "lease_satisfied", str(lease.id))
    [kept] = row.inputs["leases"]
    assert (kept["id"], kept["remaining"]) == (str(lease.id), 2)


@pytest.mark.django_db
def test_it_forgets_the_allow_of_a_change_that_was_taken_back(
    alice: User, persona: Persona
) -> None:
    grant(now=NOW)
    DecisionEntry.objects.all().delete()

    def fail() -> None:
        with transaction.atomic():
            judged_spend(actor=alice, action=PERSONA_MANAGE, resource=persona.resource, now=NOW)
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert not DecisionEntry.objects.exists()


@pytest.mark.django_db
def test_it_counts_telemetry_by_the_hour(alice: User, persona: Persona) -> None:
    consented(persona)
    lease = grant("telemetry:persona:workspace", now=NOW, ttl_secs=86_400)
    DecisionEntry.objects.all().delete()
    later = NOW + timedelta(hours=1)
    for moment in (NOW, NOW + 2 * SECOND, NOW + SECOND, later):
        feedback_record(actor=alice, persona_id=persona.id, body={"signal": "x"}, now=moment)

    first, second = DecisionEntry.objects.order_by("hour")
    assert (first.hour, first.count, first.at) == (NOW, 3, NOW + 2 * SECOND)
    assert (second.hour, second.count, second.at) == (later, 1, later)
    assert {first.lease_id, second.lease_id} == {str(lease.id)}


@pytest.mark.django_db
def test_it_counts_refusals_of_telemetry_at_each_door(
    alice: User, persona: Persona, api: ApiFor
) -> None:
    consented(persona)
    door = f"/persona/{persona.id}/feedback"
    for _ in range(2):
        problem(api(alice).post(door, {"signal": "x"}), 403, "Persona Telemetry Forbidden")
    with pytest.raises(PersonaTelemetryForbidden):
        feedback_record(actor=alice, persona_id=persona.id, body={}, now=timezone.now())

    rows = DecisionEntry.objects.filter(allowed=False)
    assert sum(row.count for row in rows) == 3
    assert {row.action for row in rows} == {"telemetry.persona.workspace"}


@pytest.mark.django_db(transaction=True)
def test_it_counts_each_of_many_at_once() -> None:
    alice, count, rounds = someone("alice"), 8, 5
    resource = Persona(id="persona.x", owner_kind="workspace", owner_ref="a").resource
    question = telemetry_action("workspace")
    found = judged(actor=alice, action=question, resource=resource, now=NOW)
    together, failures = Barrier(count), []

    def run(number: int) -> None:
        try:
            together.wait(60)
            for turn in range(rounds):
                moment = NOW + (number * rounds + turn) * SECOND
                with transaction.atomic():
                    decision_record(found, now=moment)
        except Exception as error:  # noqa: BLE001  told by the assertion below
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    [row] = DecisionEntry.objects.all()
    assert row.count == count * rounds
    assert row.at == NOW + (count * rounds - 1) * SECOND


@pytest.mark.django_db
def test_it_keeps_ninety_days(alice: User, persona: Persona) -> None:
    judgement = judged(actor=alice, action=PERSONA_MANAGE, resource=persona.resource, now=NOW)
    DecisionEntry.objects.all().delete()
    for age in (RETENTION, RETENTION + SECOND):
        decision_record(judgement, now=NOW - age)

    assert timedelta(days=90) == RETENTION
    assert decisions_prune(now=NOW) == 1
    assert DecisionEntry.objects.get().at == NOW - RETENTION


@pytest.mark.django_db
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_it_replays_what_is_logged_to_the_same_answer(
    alice: User, persona: Persona, offset: int
) -> None:
    """At the very microsecond of an expiry, too."""
    lease = grant(now=NOW - timedelta(hours=1), reason="until noon")
    assert lease.ttl_until == NOW
    DecisionEntry.objects.all().delete()
    moment = NOW + timedelta(microseconds=offset)
    judgement = judged(actor=alice, action=PERSONA_MANAGE, resource=persona.resource, now=moment)
    decision_record(judgement, now=moment)

    logged = logged_decision(decision_json(DecisionEntry.objects.get()))
    assert logged is not None
    assert logged.allowed is (offset < 0)
    assert replay(logged, EMPTY_POLICY) == judgement.decision
    assert replay(logged, policy_compile(PolicyDocument(allow_all=True)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "form", "action"),
    [
        ("telemetry_consent", {"persona": "persona.alpha"}, "persona.manage"),
        (
            "leases_lease_grant",
            {"capability": "persona:manage", "subject": "alice", "ttl_secs": "60"},
            "leases.manage",
        ),
    ],
)
def test_it_keeps_one_row_for_a_refusal_at_a_page(
    client: Client, alice: User, persona: Persona, page: str, form: dict[str, str], action: str
) -> None:
    before = state_of(persona)
    client.force_login(alice)
    answer = client.post(reverse(f"admin:{page}"), form)

    assert answer.status_code == 403
    row = only_row()
    assert (row.actor, row.action, row.reason) == (alice, action, "role_required")
    assert state_of(persona) == before


@pytest.mark.django_db
def test_it_keeps_of_equal_leases_the_one_that_decides(alice: User, persona: Persona) -> None:
    for minutes in range(1, 31):
        grant(ttl_secs=60 * minutes)
        grant(ttl_secs=60 * minutes, budget=minutes)
    judgement = judged(actor=alice, action=PERSONA_MANAGE, resource=persona.resource, now=NOW)
    decision_record(judgement, now=NOW)

    row = DecisionEntry.objects.get(action="persona.manage", actor=alice)
    assert [one["id"] for one in row.inputs["leases"] if one["remaining"] is None] == [row.lease_id]
    assert len(row.inputs["leases"]) == 2
    logged = logged_decision(decision_json(row))
    assert logged is not None
    assert replay(logged, EMPTY_POLICY) == judgement.decision
