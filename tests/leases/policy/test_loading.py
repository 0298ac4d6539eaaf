"""Which policy is in force: loaded whole or not at all, and read with every decision."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from leases.authorization import action_decision, action_possible, action_spend, judged
from leases.capabilities import PERSONA_MANAGE, Resource, telemetry_action
from leases.decisions import Allow, Deny
from leases.errors import LeaseManageForbidden
from leases.models import Control, Lease, PolicyRevision, User
from leases.policy.faults import InvalidPolicy
from leases.services.policy_loading import (
    control_now,
    policy_in_force,
    policy_load_own,
    policy_reload,
)
from leases.signals import policy_loaded
from tests.people import NOW, SECOND, grant

pytestmark = pytest.mark.django_db

ALPHA = Resource("persona.alpha", "workspace", "local")


@pytest.fixture
def policy_file(tmp_path: Path, settings: Settings) -> Path:
    path = tmp_path / "policy.json"
    path.write_text("{}")
    settings.ARW_POLICY_FILE = str(path)
    return path


@pytest.fixture
def told() -> Any:
    heard: list[dict[str, Any]] = []

    def hear(**arguments: Any) -> None:
        heard.append(arguments)

    policy_loaded.connect(hear)
    yield heard
    policy_loaded.disconnect(hear)


def load(path: Path, **members: Any) -> None:
    path.write_text(json.dumps(members))
    policy_load_own(now=NOW)


def decision_of(actor: User) -> Any:
    return action_decision(actor=actor, action=PERSONA_MANAGE, resource=ALPHA, now=NOW)


def test_it_denies_while_no_policy_was_ever_loaded(alice: User) -> None:
    assert not Control.objects.filter(policy__isnull=False).exists()
    assert control_now()[1] is False
    assert policy_in_force().revision == ""
    assert decision_of(alice) == Deny("lease_required", "persona:manage")
    grant(now=NOW)
    assert isinstance(decision_of(alice), Allow)


def test_it_decides_by_a_reload_at_once(
    policy_file: Path, alice: User, dana: User, django_capture_on_commit_callbacks: Any, told: Any
) -> None:
    load(policy_file)
    first = policy_in_force().revision
    assert not decision_of(alice)
    policy_file.write_text('{"allow_all": true}')
    assert not decision_of(alice)
    with django_capture_on_commit_callbacks(execute=True):
        policy = policy_reload(actor=dana, now=NOW + SECOND)
    assert decision_of(alice) == Allow("allow_all")
    stored = PolicyRevision.objects.get(pk=policy.revision)
    assert (stored.loaded_at, stored.loaded_by) == (NOW + SECOND, dana)
    assert stored.document["allow_all"] is True
    (news,) = told
    assert (news["policy_revision"], news["previous"].pk) == (stored, first)
    assert (news["actor"], news["now"]) == (dana, NOW + SECOND)


def test_it_tells_nothing_when_nothing_changed(
    policy_file: Path, dana: User, django_capture_on_commit_callbacks: Any, told: Any
) -> None:
    load(policy_file, allow_all=True)
    before = PolicyRevision.objects.get()
    policy_file.write_text('{ "lease_rules": [], "allow_all": true }')
    with django_capture_on_commit_callbacks(execute=True):
        assert policy_reload(actor=dana, now=NOW + SECOND).revision == before.pk
    assert told == []
    after = PolicyRevision.objects.get()
    assert (after.loaded_at, after.loaded_by) == (before.loaded_at, before.loaded_by)


@pytest.mark.parametrize(
    "text",
    ["{", '{"allow_all": true, "cedar": {"policy": ""}}', '{"cedar": {"policy_path": "gone"}}'],
)
def test_it_keeps_the_old_policy_when_the_new_one_is_bad(
    policy_file: Path, alice: User, dana: User, text: str
) -> None:
    load(policy_file, allow_all=True)
    revision = policy_in_force().revision
    policy_file.write_text(text)
    with pytest.raises(InvalidPolicy) as refused:
        policy_reload(actor=dana, now=NOW)
    assert str(policy_file) in refused.value.detail
    assert policy_in_force().revision == revision
    assert PolicyRevision.objects.count() == 1
    assert decision_of(alice) == Allow("allow_all")


def test_it_keeps_the_old_policy_when_the_file_is_gone_or_too_large(
    policy_file: Path, dana: User
) -> None:
    load(policy_file, allow_all=True)
    revision = policy_in_force().revision
    policy_file.write_bytes(b" " * 1_048_577)
    with pytest.raises(InvalidPolicy, match="larger"):
        policy_reload(actor=dana, now=NOW)
    policy_file.write_bytes(b"\xff")
    with pytest.raises(InvalidPolicy, match="UTF-8"):
        policy_reload(actor=dana, now=NOW)
    policy_file.unlink()
    with pytest.raises(InvalidPolicy, match="cannot be read"):
        policy_reload(actor=dana, now=NOW)
    assert policy_in_force().revision == revision


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_it_lets_only_admins_reload(
    policy_file: Path, name: str, request: pytest.FixtureRequest
) -> None:
    load(policy_file, allow_all=True)
    revision = policy_in_force().revision
    policy_file.write_text("{}")
    with pytest.raises(LeaseManageForbidden):
        policy_reload(actor=request.getfixturevalue(name), now=NOW)
    assert policy_in_force().revision == revision


def test_it_goes_back_to_no_policy_when_none_is_configured(
    policy_file: Path, settings: Settings, alice: User
) -> None:
    load(policy_file, allow_all=True)
    settings.ARW_POLICY_FILE = ""
    policy_load_own(now=NOW)
    assert policy_in_force().revision == ""
    assert not decision_of(alice)
    assert PolicyRevision.objects.count() == 1


def test_it_reads_what_lies_beside_the_file(policy_file: Path, alice: User, bob: User) -> None:
    policy_file.with_name("who.cedar").write_text(
        f'permit(principal == Principal::"{alice.id}", action, resource);'
    )
    load(policy_file, cedar={"policy_path": "who.cedar"})
    assert decision_of(alice) == Allow("policy_permit")
    assert not decision_of(bob)
    # The text is stored with the revision: the file may go.
    policy_file.with_name("who.cedar").unlink()
    assert decision_of(alice)


def test_it_denies_by_a_stored_policy_that_cannot_be_used(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    grant(now=NOW)
    document = {"allow_all": False, "lease_rules": [], "cedar": {"policy": "nonsense"}}
    revision = PolicyRevision.objects.create(
        revision="f" * 64, document=document, loaded_at=NOW, loaded_by=None
    )
    Control.objects.update_or_create(pk=1, defaults={"policy": revision})
    with caplog.at_level(logging.ERROR):
        assert decision_of(alice) == Deny("policy_error", "persona:manage")
    assert "policy_unusable" in caplog.text
    assert not action_possible(actor=alice, action=PERSONA_MANAGE, now=NOW)


def test_it_spends_nothing_where_the_policy_allows(policy_file: Path, alice: User) -> None:
    lease = grant(now=NOW, budget=1)
    load(policy_file, allow_all=True)
    for _ in range(3):
        with transaction.atomic():
            assert action_spend(actor=alice, action=PERSONA_MANAGE, resource=ALPHA, now=NOW)
    assert Lease.objects.get(pk=lease.pk).used == 0


def test_it_spends_the_lease_that_a_rule_asks_for(policy_file: Path, alice: User) -> None:
    named, fixed = grant("records", now=NOW, budget=5), grant(now=NOW, budget=5)
    load(policy_file, lease_rules=[{"kind_prefix": "persona.", "capability": "records"}])
    with transaction.atomic():
        decision = action_spend(actor=alice, action=PERSONA_MANAGE, resource=ALPHA, now=NOW)
    assert decision == Allow("lease_satisfied", str(named.pk))
    assert (Lease.objects.get(pk=named.pk).used, Lease.objects.get(pk=fixed.pk).used) == (1, 0)


def test_it_judges_by_the_groups_of_the_database(policy_file: Path, alice: User, bob: User) -> None:
    policy = 'permit(principal in Group::"approvers", action, resource);'
    load(policy_file, cedar={"policy": policy})
    assert not decision_of(alice)
    assert decision_of(bob)
    bob.groups.clear()
    assert not decision_of(User.objects.get(pk=bob.pk))


def test_it_hands_over_all_that_it_judged_from(policy_file: Path, alice: User) -> None:
    held = grant("share:persona", now=NOW)
    past = grant(now=NOW - SECOND, ttl_secs=1)
    load(policy_file, cedar={"policy": "permit(principal, action, resource) when { false };"})
    Control.objects.update(halted_at=NOW)
    judgement = judged(actor=alice, action=PERSONA_MANAGE, resource=ALPHA, now=NOW)
    assert judgement.decision == Deny("lease_expired", "persona:manage")
    assert judgement.question.groups == ("members",)
    assert judgement.policy_revision == policy_in_force().revision
    assert {lease.id for lease in judgement.leases} == {str(held.pk), str(past.pk)}
    assert judgement.halted
    stopped = judged(actor=alice, action=telemetry_action("agent"), resource=ALPHA, now=NOW)
    assert stopped.decision == Deny("kill_switch", "telemetry:persona:agent")


@pytest.mark.parametrize(
    ("members", "possible"),
    [
        ({}, False),
        ({"allow_all": True}, True),
        ({"cedar": {"policy": 'permit(principal, action, resource == Persona::"x");'}}, True),
        ({"cedar": {"policy": 'permit(principal in Group::"admins", action, resource);'}}, False),
    ],
)
def test_it_knows_whether_anything_could_be_allowed(
    policy_file: Path, alice: User, members: dict[str, Any], possible: bool
) -> None:
    load(policy_file, **members)
    assert action_possible(actor=alice, action=PERSONA_MANAGE, now=NOW) is possible
    grant(now=NOW, scope="persona:other")
    assert action_possible(actor=alice, action=PERSONA_MANAGE, now=NOW)
    assert not action_possible(actor=alice, action=telemetry_action("a"), now=NOW) or possible
    Control.objects.update(halted_at=NOW)
    assert not action_possible(actor=alice, action=telemetry_action("a"), now=NOW)


def test_it_decides_with_few_queries(
    policy_file: Path, alice: User, django_assert_num_queries: Any
) -> None:
    grant(now=NOW)
    load(policy_file, lease_rules=[])
    decision_of(alice)
    # Control, and the leases; the groups were read with the first decision on this principal.
    with django_assert_num_queries(2):
        assert decision_of(alice)
