"""What the right of a role lets through leaves one row, too; what changes nothing leaves none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from leases.errors import LeaseNotLive, LeaseRequestForbidden
from leases.models import DecisionEntry, Lease, User
from leases.services.granting import lease_grant
from leases.services.kill_switch import kill_switch_set
from leases.services.policy_loading import policy_load_own, policy_reload
from leases.services.renewing import lease_renew
from leases.services.requests import (
    lease_request,
    lease_request_cancel,
    lease_request_deny,
    lease_request_grant,
)
from leases.services.revoking import lease_revoke, leases_revoke_prefix
from leases.verdict_words import REASONS, reason_label, verdict_text
from personas.models import Persona
from personas.services.discussion import proposal_comment
from personas.services.proposals import proposal_withdraw
from telemetry.services.consent import consent_set
from telemetry.services.erasure import samples_erase
from telemetry.services.feedback import feedback_record
from tests.fixtures import ApiFor
from tests.people import NOW, SECOND, grant, problem, propose, someone

pytestmark = pytest.mark.django_db
Row = tuple[str, str, bool, str, str]


def rows_of(change: Callable[[], Any]) -> list[Row]:
    """What ``change`` leaves in the log."""
    DecisionEntry.objects.all().delete()
    change()
    return [
        (row.actor.username if row.actor else "", row.action, row.allowed, row.reason, row.lease_id)
        for row in DecisionEntry.objects.order_by("id")
    ]


def by(name: str, action: str = "leases.manage") -> list[Row]:
    return [(name, action, True, "role_right", "")]


def test_it_writes_one_row_for_a_grant(dana: User) -> None:
    assert rows_of(lambda: grant(now=NOW)) == by("dana")
    row = DecisionEntry.objects.get()
    assert (row.at, row.inputs, row.persona_id, row.policy_revision) == (NOW, {}, "", "")


def test_it_forgets_a_grant_that_was_taken_back(dana: User) -> None:
    def undone() -> None:
        with transaction.atomic():
            lease_grant(actor=dana, capability="a", now=NOW)
            transaction.set_rollback(True)

    assert rows_of(undone) == []
    assert not Lease.objects.exists()


def test_it_writes_a_renewal_that_renews(dana: User) -> None:
    lease = grant(now=NOW)

    def renew(**terms: Any) -> None:
        lease_renew(actor=dana, lease_id=lease.id, **terms)

    assert rows_of(lambda: renew(now=NOW, ttl_secs=60)) == []
    assert rows_of(lambda: renew(now=NOW + SECOND)) == by("dana")
    lease_revoke(actor=dana, lease_id=lease.id, now=NOW + SECOND)

    def refused() -> None:
        with pytest.raises(LeaseNotLive):
            renew(now=NOW + SECOND)

    assert rows_of(refused) == []


def test_it_writes_a_revocation_once(dana: User) -> None:
    lease = grant(now=NOW)
    for expected in (by("dana"), []):
        found = rows_of(lambda: lease_revoke(actor=dana, lease_id=lease.id, now=NOW))
        assert found == expected


def test_it_writes_one_row_for_a_prefix(dana: User) -> None:
    for capability in ("a:one", "a:two", "b:one"):
        grant(capability, now=NOW)
    for expected in (by("dana"), []):
        found = rows_of(lambda: leases_revoke_prefix(actor=dana, prefix="a:", now=NOW))
        assert found == expected
    assert Lease.objects.active_at(NOW).count() == 1


def test_it_writes_requests_and_answers(alice: User, dana: User) -> None:
    def ask() -> Any:
        return lease_request(actor=alice, capability="a", reason="why", now=NOW)

    assert rows_of(ask) == by("alice", "leases.request")
    granted, denied, cancelled = ask(), ask(), ask()
    answered = {"actor": dana, "now": NOW}
    for change, expected in (
        (lambda: lease_request_grant(request_id=granted.id, **answered), by("dana")),
        (lambda: lease_request_deny(request_id=denied.id, reason="no", **answered), by("dana")),
        (
            lambda: lease_request_cancel(actor=alice, request_id=cancelled.id, now=NOW),
            by("alice", "leases.request"),
        ),
    ):
        assert rows_of(change) == expected


def test_it_writes_a_request_that_the_role_refuses(charlie: User, api: ApiFor) -> None:
    def service() -> None:
        with pytest.raises(LeaseRequestForbidden):
            lease_request(actor=charlie, capability="a", reason="why", now=NOW)

    def door() -> None:
        body = {"capability": "a", "reason": "why"}
        problem(api(charlie).post("/leases/requests", body), 403, "Lease Read Forbidden")

    for way in (service, door):
        assert rows_of(way) == [("charlie", "leases.request", False, "role_required", "")]


def test_it_writes_each_move_of_the_kill_switch(dana: User) -> None:
    grant("telemetry:persona:workspace", now=NOW)
    grant("telemetry:persona:project", now=NOW)

    def move(*, engaged: bool) -> None:
        kill_switch_set(actor=dana, engaged=engaged, reason="drill", now=NOW, restore_leases=True)

    for engaged in (True, False):
        assert rows_of(lambda: move(engaged=engaged)) == by("dana")  # noqa: B023  called at once
        assert rows_of(lambda: move(engaged=engaged)) == []  # noqa: B023  called at once


def test_it_writes_a_reload_that_changes_the_policy(
    dana: User, tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "policy.json"
    settings.ARW_POLICY_FILE = str(path)
    path.write_text(json.dumps({"allow_all": True}))
    for expected in (by("dana"), []):
        assert rows_of(lambda: policy_reload(actor=dana, now=NOW)) == expected
    path.write_text("{}")
    assert rows_of(lambda: policy_load_own(now=NOW)) == [], "nobody's role let that through"


def test_it_writes_what_needs_no_lease(alice: User, persona: Persona) -> None:
    proposal = propose(persona)
    about = {"actor": alice, "proposal_id": proposal.pk, "now": timezone.now()}
    for change in (
        lambda: proposal_comment(text="hello", **about),
        lambda: proposal_withdraw(**about),
    ):
        assert rows_of(change) == by("alice", "persona.manage")
        assert DecisionEntry.objects.get().persona_id == persona.id


def test_it_writes_an_erasure_that_erases(alice: User, dana: User, persona: Persona) -> None:
    now = timezone.now()
    grant(now=now)
    grant("telemetry:persona:workspace", now=now)
    consent_set(actor=dana, persona_id=persona.id, enabled=True, now=now)
    feedback_record(actor=alice, persona_id=persona.id, body={"signal": "x"}, now=now)
    for expected in (by("dana", "persona.manage"), []):
        found = rows_of(lambda: samples_erase(actor=dana, persona_id=persona.id, now=now))
        assert found == expected


def test_it_is_shown_in_words_and_found_by_its_reason(client: Client, dana: User) -> None:
    grant(now=NOW)
    assert "role_right" in REASONS
    assert reason_label("role_right") == "a right of the role"
    assert verdict_text("role_right") == "It is a right of the role, and needs no lease."
    client.force_login(someone("dana"))
    page = client.get(reverse("admin:leases_decision_log"), {"reason": "role_right"})
    assert "a right of the role" in page.content.decode()
    assert [one.entry.reason for one in page.context["rows"]] == ["role_right"]
    entry = DecisionEntry.objects.get()
    detail = client.get(reverse("admin:leases_decision_detail", args=[entry.id]))
    assert "a right of the role" in detail.content.decode()
