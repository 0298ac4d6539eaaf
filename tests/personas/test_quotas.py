"""How much a persona takes in a day: proposals and memory items, and the refusal beyond."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from leases.models import Lease, User
from personas.errors import InvalidDiff, QuotaExceeded
from personas.models import DailyUse, Persona, Proposal
from personas.services.proposals import proposal_restore, proposal_revise, proposal_submit
from personas.services.quotas import (
    quota_take,
    quota_take_of_owner,
    quotas_near,
    quotas_prune,
)
from tests.fixtures import ApiFor
from tests.people import WARMER, grant, make_persona, problem, propose, state_of
from tests.personas.workflow import add, approve

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
PROPOSALS, MEMORY = DailyUse.Kind.PROPOSALS, DailyUse.Kind.MEMORY


def used(persona: Persona, kind: DailyUse.Kind = PROPOSALS) -> int:
    return sum(DailyUse.objects.filter(persona=persona, kind=kind).values_list("used", flat=True))


def test_it_counts_and_reads_nothing_without_a_limit(persona: Persona, alice: User) -> None:
    grant()
    with CaptureQueriesContext(connection) as queries:
        propose(persona)
    assert not any("personas_daily_use" in one["sql"] for one in queries.captured_queries)
    assert not DailyUse.objects.exists()
    assert quotas_near(persona_id=persona.id, now=NOON) == []


def test_it_refuses_proposals_beyond_the_limit(
    api: ApiFor, alice: User, persona: Persona, settings: Settings
) -> None:
    settings.ARW_PERSONA_PROPOSALS_PER_DAY = 2
    other = make_persona("persona.beta")
    lease = grant(budget=9)
    client, door = api(alice), f"/admin/persona/{persona.id}/proposals"
    for _ in range(2):
        assert client.post(door, {"diff": WARMER}).status_code == 200
    before = state_of(persona)
    # The limit is told before the body is looked at, and after the lease.
    for body in ({"diff": WARMER}, {"diff": 5}, b"{"):
        answer = client.post(door, body)
        refused = problem(answer, 429, "Rate Limited")
        assert refused["code"] == "quota_exceeded"
        assert (refused["quota"], refused["limit"]) == ("proposals", 2)
        assert refused["setting"] == "ARW_PERSONA_PROPOSALS_PER_DAY"
        assert "2 proposals a day" in refused["detail"]
        assert 1 <= int(answer["Retry-After"]) <= 86_400
    restore = f"/admin/persona/{persona.id}/restore"
    problem(client.post(restore, {"version": 1}), 429, "Rate Limited")
    assert state_of(persona) == before
    assert (used(persona), Lease.objects.get(pk=lease.pk).used) == (2, 2)
    assert client.post("/admin/persona/persona.beta/proposals", {"diff": WARMER}).status_code == 200
    assert used(other) == 1
    lease.delete()
    problem(client.post(door, {"diff": WARMER}), 403, "Persona Manage Forbidden")


def test_it_counts_what_is_submitted_alone(
    alice: User, bob: User, persona: Persona, settings: Settings
) -> None:
    settings.ARW_PERSONA_PROPOSALS_PER_DAY = 3
    proposal = propose(persona)
    grant()
    now = proposal.created_at
    diff = {"traits": {"tone": "mild"}}
    proposal_revise(actor=alice, proposal_id=proposal.pk, diff=diff, now=now)
    approve(bob, proposal)
    assert used(persona) == 1
    with pytest.raises(InvalidDiff):
        proposal_submit(actor=alice, persona_id=persona.id, diff=diff, now=now)
    assert used(persona) == 1
    proposal_restore(actor=alice, persona_id=persona.id, version=1, now=now)
    assert used(persona) == 2


def test_it_begins_anew_with_the_day_of_utc(
    alice: User, persona: Persona, settings: Settings
) -> None:
    settings.ARW_PERSONA_PROPOSALS_PER_DAY = 1
    last = NOON.replace(hour=23, minute=59, second=59)
    propose(persona, now=last)
    with pytest.raises(QuotaExceeded) as refused:
        propose(persona, add("/traits/x"), now=last)
    assert refused.value.wait == 1
    propose(persona, add("/traits/x"), now=last + timedelta(seconds=1))
    assert Proposal.objects.count() == 2
    days = DailyUse.objects.order_by("day").values_list("day", "used")
    assert [(str(day), n) for day, n in days] == [("2026-01-31", 1), ("2026-02-01", 1)]


def test_it_takes_nothing_where_the_whole_does_not_fit(
    persona: Persona, settings: Settings
) -> None:
    settings.ARW_PERSONA_MEMORY_PER_DAY = 10
    for amount, takes in ((8, True), (3, False), (11, False), (2, True), (1, False), (0, True)):
        if takes:
            quota_take(persona_id=persona.id, kind=MEMORY, amount=amount, now=NOON)
        else:
            with pytest.raises(QuotaExceeded):
                quota_take(persona_id=persona.id, kind=MEMORY, amount=amount, now=NOON)
    assert used(persona, MEMORY) == 10
    assert used(persona) == 0


def test_it_takes_from_every_persona_of_an_owner(persona: Persona, settings: Settings) -> None:
    settings.ARW_PERSONA_MEMORY_PER_DAY = 1
    second = make_persona("persona.beta")
    other = make_persona("persona.gamma", owner_ref="elsewhere")

    def take() -> None:
        quota_take_of_owner(
            owner_kind="workspace", owner_ref="local", kind=MEMORY, amount=1, now=NOON
        )

    take()
    with pytest.raises(QuotaExceeded):
        take()
    assert [used(one, MEMORY) for one in (persona, second, other)] == [1, 1, 0]


def test_it_refuses_memory_items_beyond_the_limit(
    api: ApiFor, alice: User, persona: Persona, settings: Settings
) -> None:
    settings.ARW_PERSONA_MEMORY_PER_DAY = 1
    item = {"lane": "semantic", "text": "x", "owner_kind": "workspace", "owner_ref": "local"}
    body = {"kind": "memory.upsert", "input": item}
    client = api(alice)
    assert client.post("/actions", body).status_code == 202
    refused = problem(client.post("/actions", body), 429, "Rate Limited")
    assert (refused["quota"], refused["limit"]) == ("memory", 1)
    assert alice.memory_items.count() == 1
    assert alice.actions.count() == 1
    elsewhere = {**item, "owner_ref": "elsewhere"}
    assert client.post("/actions", {**body, "input": elsewhere}).status_code == 202


def test_it_tells_on_the_page_what_is_nearly_used_up(
    persona: Persona, dana: User, settings: Settings
) -> None:
    settings.ARW_PERSONA_PROPOSALS_PER_DAY = 5
    settings.ARW_PERSONA_MEMORY_PER_DAY = 5
    client = Client()
    client.force_login(dana, backend="leases.authentication.PeopleBackend")

    def page() -> str:
        return client.get(persona.get_absolute_url()).content.decode()

    for number in range(4):
        propose(persona, add(f"/traits/t{number}"))
    assert "Nearly used up" not in page()
    propose(persona, add("/traits/t4"))
    shown = page()
    assert "Nearly used up" in shown
    assert "5 of 5" in shown
    assert "memory items" not in shown.split('id="persona-quotas"')[1].split("</section>")[0]


def test_it_forgets_counts_of_days_long_past(persona: Persona, settings: Settings) -> None:
    settings.ARW_PERSONA_MEMORY_PER_DAY = 5
    quota_take(persona_id=persona.id, kind=MEMORY, amount=1, now=NOON)
    assert quotas_prune(now=NOON + timedelta(days=90)) == 0
    assert quotas_prune(now=NOON + timedelta(days=91)) == 1
    assert not DailyUse.objects.exists()


def test_it_refuses_on_the_desk_with_the_same_status(alice: User, settings: Settings) -> None:
    settings.ARW_PERSONA_PROPOSALS_PER_DAY = settings.ARW_PERSONA_SAMPLES_PER_DAY = 1
    vibe = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
    persona = make_persona(preferences=vibe)
    grant()
    grant("telemetry:persona:workspace")
    client = Client()
    client.force_login(alice, backend="leases.authentication.PeopleBackend")
    propose_page = reverse("admin:personas_persona_propose", args=[persona.id])
    form = {"step": "submit", "diff": json.dumps(WARMER), "rationale": "Warmer."}
    assert client.post(propose_page, form).status_code == 302
    refused = client.post(propose_page, form)
    assert refused.status_code == 429
    assert "at most 1 proposals a day" in refused.content.decode()
    assert Proposal.objects.count() == 1
    feedback = {"warmth": "warmer", "pace": "", "formality": "", "strength": "0.8"}
    give_page = reverse("admin:telemetry_feedback_give", args=[persona.id])
    assert client.post(give_page, feedback).status_code == 302
    refused = client.post(give_page, feedback)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    assert "at most 1 feedback samples a day" in refused.content.decode()
    assert persona.vibe_samples.count() == 1
