"""Many switches at once: each persona decided for itself, and told what became of it (§7)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from leases.models import DecisionEntry, Lease, User
from personas.errors import PersonaManageForbidden, PersonaNotFound
from personas.models import HistoryEntry, Persona
from telemetry.errors import InvalidConsent
from telemetry.models import ConsentReceipt
from telemetry.services.bulk_consent import BulkOutcome, consent_set_many
from tests.people import grant, make_persona, someone, state_of
from tests.telemetry.threads import at_once

IDS = ["persona.a", "persona.b", "persona.c"]
ON = {"telemetry": {"vibe": {"enabled": True, "scope": "team"}}}


@pytest.fixture
def three(db: None) -> list[Persona]:
    return [make_persona(one) for one in IDS]


def turn(enabled: bool, ids: list[str] | None = None, *, by: str = "dana", **more: str) -> BulkOutcome:  # fmt: skip
    actor, now = someone(by), timezone.now()
    return consent_set_many(
        actor=actor, persona_ids=IDS if ids is None else ids, enabled=enabled, now=now, **more
    )


def named(personas: list[Persona]) -> list[str]:
    return [one.id for one in personas]


def test_it_turns_each_on_with_a_receipt_of_its_own(
    three: list[Persona], manage_lease: Lease
) -> None:
    outcome = turn(True, [*IDS, "persona.a"])
    assert (named(outcome.changed), outcome.already, outcome.refused) == (IDS, [], [])
    assert all(one.consent.enabled and one.version == 2 for one in Persona.objects.all())
    assert sorted(ConsentReceipt.objects.values_list("persona", "move")) == [
        (one, "grant") for one in IDS
    ]


def test_it_leaves_alone_what_is_so_already(three: list[Persona], manage_lease: Lease) -> None:
    make_persona("persona.d", preferences=ON)
    before = state_of("persona.d")["record"], ConsentReceipt.objects.count()
    outcome = turn(True, ["persona.d"])
    assert (named(outcome.already), outcome.changed) == (["persona.d"], [])
    assert (state_of("persona.d")["record"], ConsentReceipt.objects.count()) == before


def test_it_keeps_each_scope_unless_one_is_given(three: list[Persona], manage_lease: Lease) -> None:
    make_persona("persona.d", owner_kind="project")
    turn(True, ["persona.a", "persona.d"])
    scopes = {one.id: one.consent.scope for one in Persona.objects.all()}
    assert (scopes["persona.a"], scopes["persona.d"]) == ("workspace", "project")
    assert turn(True, ["persona.a"], scope="team").changed[0].consent.scope == "team"


def test_it_changes_the_others_where_a_lease_is_missing(three: list[Persona]) -> None:
    for one in ("persona.a", "persona.c"):
        grant(scope=f"persona:{one}")
    before = state_of("persona.b")
    outcome = turn(True)
    assert named(outcome.changed) == ["persona.a", "persona.c"]
    (refused,) = outcome.refused
    assert (refused.persona_id, refused.error.instance_code) == (
        "persona.b",
        "lease_out_of_scope",
    )
    after = state_of("persona.b")
    assert {**after, "used": {}} == {**before, "used": {}}
    kept = DecisionEntry.objects.filter(allowed=False).values_list("persona_id", "action")
    assert list(kept) == [("persona.b", "persona.manage")]


def test_it_goes_as_far_as_the_budget_reaches(three: list[Persona]) -> None:
    lease = grant(budget=2)
    outcome = turn(True)
    assert named(outcome.changed) == ["persona.a", "persona.b"]
    assert [one.error.instance_code for one in outcome.refused] == ["lease_exhausted"]
    assert not Persona.objects.get(pk="persona.c").consent.enabled
    lease.refresh_from_db()
    assert lease.used == 2


def test_it_names_whom_nobody_knows(three: list[Persona], manage_lease: Lease) -> None:
    outcome = turn(True, ["persona.nobody", "persona.a"])
    assert named(outcome.changed) == ["persona.a"]
    assert isinstance(outcome.refused[0].error, PersonaNotFound)


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_it_refuses_the_role_once_and_for_all(
    three: list[Persona], manage_lease: Lease, name: str
) -> None:
    before = [state_of(one) for one in IDS]
    DecisionEntry.objects.all().delete()
    with pytest.raises(PersonaManageForbidden) as refused:
        turn(True, by=name)
    assert refused.value.instance_code == "role_required"
    assert [state_of(one) for one in IDS] == before
    assert DecisionEntry.objects.filter(allowed=False).count() == 1


def test_it_refuses_a_scope_that_is_none_before_anything(
    three: list[Persona], manage_lease: Lease
) -> None:
    before = [state_of(one) for one in IDS]
    with pytest.raises(InvalidConsent):
        turn(True, scope="a\x01b")
    assert [state_of(one) for one in IDS] == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", [True, False], ids=["the same", "the opposite"])
def test_it_comes_out_right_beside_another_bulk(transactional_db: None, second: bool) -> None:
    """Two admins at once: every change is one version and one receipt, and nothing is lost."""
    for one in IDS:
        make_persona(one)
    grant()
    dana: User = someone("dana")

    def go(enabled: bool) -> BulkOutcome:
        try:
            return consent_set_many(
                actor=dana, persona_ids=IDS, enabled=enabled, now=timezone.now()
            )
        finally:
            connection.close()

    outcomes = at_once([lambda: go(True), lambda: go(second)])
    changed = [one.id for outcome in outcomes for one in outcome.changed]
    assert [one for outcome in outcomes for one in outcome.refused] == []
    assert sum(len(one.changed) + len(one.already) for one in outcomes) == 2 * len(IDS)
    if second:
        assert sorted(changed) == IDS
    for persona in Persona.objects.all():
        moves = list(
            ConsentReceipt.objects.filter(persona=persona).order_by("pk").values_list("move")
        )
        expected = [("grant",), ("withdrawal",)][: len(moves)]
        assert moves == expected
        assert persona.version == 1 + len(moves) == HistoryEntry.objects.filter(persona=persona).count()  # fmt: skip
        assert persona.consent.enabled is (len(moves) == 1)
        assert changed.count(persona.id) == len(moves)
