"""Which memory may influence a persona: only what a live lease shares (contract §10)."""

from typing import Any

import pytest
from django.utils import timezone

from leases.models import Lease, User
from leases.policy.rules import document_of
from leases.services.kill_switch import kill_switch_set
from leases.services.policy_loading import policy_activate
from leases.services.renewing import lease_renew
from leases.services.revoking import lease_revoke
from personas.models import Persona
from telemetry.memory.sharing import shared_items, sharing_principals
from tests.people import NOW, SECOND, grant, make_persona
from tests.telemetry.memory.memories import remember, share

pytestmark = pytest.mark.django_db

FORBIDS_ALICE = """
permit (principal, action, resource);
forbid (principal == Principal::"{id}", action == Action::"memory.share.persona", resource);
"""


def policy(content: dict[str, Any]) -> None:
    policy_activate(document=document_of(content), actor=None, now=timezone.now())


def test_it_shares_nothing_by_itself(alice: User, persona: Persona) -> None:
    remember(alice)
    assert not shared_items(persona, timezone.now()).exists()


@pytest.mark.parametrize("scope", [None, "persona:persona.alpha", "workspace:local", "workspace"])
@pytest.mark.parametrize("subject", ["alice", "local"])
def test_it_shares_what_a_lease_covers(
    alice: User, persona: Persona, scope: str | None, subject: str
) -> None:
    item = remember(alice)
    share(scope=scope, subject=subject)
    assert list(shared_items(persona, timezone.now())) == [item]


@pytest.mark.parametrize(
    "terms",
    [
        {"subject": "bob"},
        {"scope": "persona:persona.beta"},
        {"scope": "workspace:other"},
        {"scope": "project"},
    ],
)
def test_it_shares_nothing_that_a_lease_does_not_cover(
    alice: User, bob: User, persona: Persona, terms: dict[str, Any]
) -> None:
    remember(alice)
    share(**terms)
    assert not shared_items(persona, timezone.now()).exists()


def test_it_shares_only_what_belongs_to_the_personas_owner(alice: User, persona: Persona) -> None:
    beta = make_persona("persona.beta", owner_ref="other")
    own, other = remember(alice), remember(alice, owner_ref="other")
    remember(alice, owner_kind="project")
    share()
    now = timezone.now()
    assert list(shared_items(persona, now)) == [own]
    assert list(shared_items(beta, now)) == [other]


def test_it_is_not_enough_to_lend_something_else(alice: User, persona: Persona) -> None:
    remember(alice)
    for capability in ("share:personas", "persona:manage", "share"):
        grant(capability)
    assert not shared_items(persona, timezone.now()).exists()


def test_it_ends_with_the_lease(alice: User, persona: Persona) -> None:
    remember(alice)
    share(now=NOW, ttl_secs=10)
    assert shared_items(persona, NOW + 9 * SECOND).exists()
    assert not shared_items(persona, NOW + 10 * SECOND).exists()


def test_it_ends_when_the_lease_is_revoked(alice: User, dana: User, persona: Persona) -> None:
    remember(alice)
    lease = share()
    now = timezone.now()
    assert shared_items(persona, now).exists()
    lease_revoke(actor=dana, lease_id=lease.pk, now=now)
    assert not shared_items(persona, now).exists()


def test_it_is_not_enough_that_the_policy_allows(alice: User, persona: Persona) -> None:
    remember(alice)
    policy({"allow_all": True})
    assert not shared_items(persona, timezone.now()).exists()
    share()
    assert shared_items(persona, timezone.now()).exists()


def test_it_obeys_a_forbid_of_the_policy(alice: User, bob: User, persona: Persona) -> None:
    remember(alice)
    theirs = remember(bob)
    share()
    policy({"cedar": {"policy": FORBIDS_ALICE.format(id=alice.pk)}})
    now = timezone.now()
    assert list(shared_items(persona, now)) == [theirs]
    assert sharing_principals(persona, [alice.pk, bob.pk], now) == {bob.pk}


def test_it_stops_with_the_kill_switch(alice: User, dana: User, persona: Persona) -> None:
    item = remember(alice)
    lease = share()
    now = timezone.now()
    kill_switch_set(actor=dana, engaged=True, reason="incident", now=now)
    assert not shared_items(persona, now).exists()
    lease.refresh_from_db()
    assert lease.state_at(now) == "live"
    kill_switch_set(actor=dana, engaged=False, now=now)
    assert list(shared_items(persona, now)) == [item]


def test_it_follows_a_lease_rule(alice: User, persona: Persona) -> None:
    item = remember(alice)
    share()
    rule = {"kind_prefix": "memory.share", "capability": "memory:lend"}
    policy({"lease_rules": [rule]})
    assert not shared_items(persona, timezone.now()).exists()
    grant("memory:lend")
    assert list(shared_items(persona, timezone.now())) == [item]


def test_it_shares_nothing_through_what_was_lent_before_the_rule(
    alice: User, dana: User, persona: Persona
) -> None:
    item = remember(alice)
    before = grant("notes:read")
    rule = {"kind_prefix": "memory.", "capability": "notes:read"}
    policy({"lease_rules": [rule]})
    assert not shared_items(persona, timezone.now()).exists()
    lease_renew(actor=dana, lease_id=before.pk, now=timezone.now())
    assert not shared_items(persona, timezone.now()).exists()
    anew = grant("notes:read")
    assert list(shared_items(persona, timezone.now())) == [item]
    lease_revoke(actor=dana, lease_id=anew.pk, now=timezone.now())
    before.refresh_from_db()
    assert before.state_at(timezone.now()) == "live"
    assert not shared_items(persona, timezone.now()).exists()


def test_it_shares_by_its_own_name_again_once_the_rule_goes(alice: User, persona: Persona) -> None:
    item = remember(alice)
    share()
    policy({"lease_rules": [{"kind_prefix": "memory.", "capability": "notes:read"}]})
    grant("notes:read", scope="project")
    assert not shared_items(persona, timezone.now()).exists()
    policy({"lease_rules": []})
    assert list(shared_items(persona, timezone.now())) == [item]


def test_it_shares_nothing_of_who_cannot_sign_in(alice: User, persona: Persona) -> None:
    remember(alice)
    share()
    share(subject="alice")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert not shared_items(persona, timezone.now()).exists()


def test_it_leaves_a_used_up_lease_out(alice: User, persona: Persona) -> None:
    remember(alice)
    lease = share(budget=1)
    Lease.objects.filter(pk=lease.pk).update(used=1)
    assert not shared_items(persona, timezone.now()).exists()


def test_it_asks_the_database_a_fixed_number_of_times(
    alice: User, bob: User, dana: User, persona: Persona, django_assert_max_num_queries: Any
) -> None:
    for person in (alice, bob, dana):
        for _ in range(5):
            remember(person)
        share(subject=person.username)
    with django_assert_max_num_queries(6):
        assert len(shared_items(persona, timezone.now())) == 15
