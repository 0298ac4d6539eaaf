"""Receipts of sharing memory with personas: each grant and each revocation writes one (§10)."""

import json
from typing import Any

import pytest
from django.db import transaction
from django.db.models.signals import post_save
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease, User
from leases.policy.rules import document_of
from leases.services.kill_switch import kill_switch_set
from leases.services.policy_loading import policy_activate
from leases.services.renewing import lease_renew
from leases.services.requests import lease_request, lease_request_deny, lease_request_grant
from leases.services.revoking import lease_revoke, leases_revoke_prefix
from telemetry.errors import ReceiptIsAppendOnly
from telemetry.memory.sharing import sharing_principals
from telemetry.memory.sharing_notice import current_sharing_notice
from telemetry.models import SharingReceipt
from tests.people import NOW, SECOND, Api, grant, make_persona
from tests.telemetry.memory.memories import share

pytestmark = pytest.mark.django_db


class Undo(Exception):
    """Takes a transaction back."""


def moves() -> list[tuple[str, str]]:
    found = SharingReceipt.objects.order_by("pk").values_list("move", "lease_id")
    return [(move, str(lease_id)) for move, lease_id in found]


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="leases.authentication.PeopleBackend")
    return client


def test_it_tells_who_shared_what_after_which_notice(alice: User, dana: User) -> None:
    lease = share(subject="alice", scope="persona:persona.alpha", now=NOW)
    receipt = SharingReceipt.objects.get()
    notice = current_sharing_notice()
    assert receipt.lease_id == lease.pk
    assert (receipt.subject, receipt.scope) == (str(alice.pk), "persona:persona.alpha")
    assert (receipt.move, receipt.principal, receipt.recorded_at) == ("grant", dana, NOW)
    assert (receipt.notice_version, receipt.notice_sha256) == (notice.version, notice.sha256)


def test_it_tells_of_a_revocation_once(dana: User) -> None:
    lease = share()
    for _ in range(2):
        lease_revoke(actor=dana, lease_id=lease.pk, now=timezone.now())
    assert moves() == [("grant", str(lease.pk)), ("withdrawal", str(lease.pk))]


def test_it_tells_of_each_that_a_prefix_takes(dana: User) -> None:
    shared = [share(), share(scope="workspace")]
    grant("share:other")
    leases_revoke_prefix(actor=dana, prefix="share:", now=timezone.now())
    taken = {lease_id for move, lease_id in moves() if move == "withdrawal"}
    assert taken == {str(lease.pk) for lease in shared}


def test_it_tells_of_a_request_that_was_granted(alice: User, dana: User) -> None:
    terms: dict[str, Any] = {"actor": alice, "capability": "share:persona", "reason": "notes"}
    asked = lease_request(now=timezone.now(), **terms)
    denied = lease_request(now=timezone.now(), **terms)
    assert moves() == []
    lease_request_deny(actor=dana, request_id=denied.pk, reason="no", now=timezone.now())
    lease = lease_request_grant(actor=dana, request_id=asked.pk, now=timezone.now())
    assert moves() == [("grant", str(lease.pk))]
    assert SharingReceipt.objects.get().subject == str(alice.pk)


def test_it_writes_none_for_other_capabilities_or_a_renewal(dana: User) -> None:
    grant("persona:manage")
    lease_revoke(actor=dana, lease_id=grant("share:personas").pk, now=timezone.now())
    lease = share(ttl_secs=60)
    lease_renew(actor=dana, lease_id=lease.pk, now=timezone.now())
    assert moves() == [("grant", str(lease.pk))]


def test_it_follows_a_lease_rule_also_through_the_kill_switch(dana: User) -> None:
    rule = {"kind_prefix": "memory.", "capability": "telemetry:share"}
    policy_activate(document=document_of({"lease_rules": [rule]}), actor=None, now=NOW)
    lease = grant("telemetry:share", now=NOW)
    kill_switch_set(actor=dana, engaged=True, reason="incident", now=NOW + SECOND)
    kill_switch_set(actor=dana, engaged=False, restore_leases=True, now=NOW + 2 * SECOND)
    key = str(lease.pk)
    assert moves() == [("grant", key), ("withdrawal", key), ("grant", key)]


def test_it_writes_none_for_what_was_lent_before_the_rule(dana: User, alice: User) -> None:
    before = grant("telemetry:share", now=NOW)
    rule = {"kind_prefix": "memory.", "capability": "telemetry:share"}
    policy_activate(document=document_of({"lease_rules": [rule]}), actor=None, now=NOW)
    kill_switch_set(actor=dana, engaged=True, reason="incident", now=NOW + SECOND)
    kill_switch_set(actor=dana, engaged=False, restore_leases=True, now=NOW + 2 * SECOND)
    persona = make_persona(now=NOW + 2 * SECOND)
    assert before.pk in set(Lease.objects.active_at(NOW + 3 * SECOND).values_list("pk", flat=True))
    assert sharing_principals(persona, [alice.pk], NOW + 3 * SECOND) == set()
    lease_revoke(actor=dana, lease_id=before.pk, now=NOW + 3 * SECOND)
    assert moves() == []


def test_it_tells_of_a_revocation_after_the_rule_went(dana: User) -> None:
    rule = {"kind_prefix": "memory.", "capability": "notes:read"}
    policy_activate(document=document_of({"lease_rules": [rule]}), actor=None, now=NOW)
    lease = grant("notes:read", now=NOW)
    policy_activate(document=None, actor=None, now=NOW + SECOND)
    lease_revoke(actor=dana, lease_id=lease.pk, now=NOW + 2 * SECOND)
    assert moves() == [("grant", str(lease.pk)), ("withdrawal", str(lease.pk))]


def test_it_goes_with_the_transaction() -> None:
    def undone() -> None:
        with transaction.atomic():
            share()
            assert moves()
            raise Undo

    with pytest.raises(Undo):
        undone()
    assert moves() == []
    assert not Lease.objects.exists()


def test_it_takes_the_grant_back_when_it_cannot_be_written(dana: User) -> None:
    def full(**_: Any) -> None:
        raise OSError("no space left")

    post_save.connect(full, sender=SharingReceipt)
    try:
        with pytest.raises(OSError, match="no space left"):
            share()
    finally:
        post_save.disconnect(full, sender=SharingReceipt)
    assert not Lease.objects.exists()
    assert moves() == []


def test_it_is_never_changed_or_deleted() -> None:
    share()
    receipt = SharingReceipt.objects.get()
    before = SharingReceipt.objects.values().get()
    changes = [
        receipt.save,
        receipt.delete,
        SharingReceipt.objects.all().delete,
        lambda: SharingReceipt.objects.update(scope="x"),
        lambda: SharingReceipt.objects.bulk_update([receipt], ["scope"]),
        lambda: SharingReceipt.objects.bulk_create([receipt]),
    ]
    for change in changes:
        with pytest.raises(ReceiptIsAppendOnly):
            change()
    assert SharingReceipt.objects.values().get() == before


def test_it_stands_on_the_page_of_receipts_and_in_the_table(alice: User, dana: User) -> None:
    share(subject="alice", scope="persona:persona.alpha")
    share()
    page = client_of(alice).get(reverse("admin:telemetry_receipts"))
    rows = page.context["sharing"]
    assert [(row.receipt.move, row.whose) for row in rows] == [("grant", ""), ("grant", "Alice")]
    text = page.content.decode()
    assert "anyone signed in" in text
    assert "persona:persona.alpha" in text
    table = client_of(dana).get(reverse("admin:telemetry_sharingreceipt_changelist"))
    assert table.status_code == 200
    assert "Alice" in table.content.decode()
    assert client_of(dana).post(reverse("admin:telemetry_sharingreceipt_add")).status_code == 403
    assert len(moves()) == 2


def test_its_record_says_in_words_what_was_shared_whose_and_by_whom(
    alice: User, dana: User
) -> None:
    lease = share(subject="alice", scope="persona:persona.alpha")
    everywhere = share()
    lease_revoke(actor=dana, lease_id=lease.pk, now=timezone.now())
    lease_revoke(actor=dana, lease_id=everywhere.pk, now=timezone.now())
    receipts = list(SharingReceipt.objects.order_by("pk"))
    assert [str(one) for one in receipts] == [
        "Memory shared by Dana with persona:persona.alpha",
        "Memory shared by Dana with every persona",
        "Sharing of memory with persona:persona.alpha withdrawn by Dana",
        "Sharing of memory with every persona withdrawn by Dana",
    ]
    record = reverse("admin:telemetry_sharingreceipt_change", args=[receipts[0].pk])
    text = client_of(dana).get(record).content.decode()
    heading = text.partition("<h1>")[2].partition("</h1>")[0]
    assert heading == "Memory shared by Dana with persona:persona.alpha"
    fields = text.partition("</h1>")[2]
    assert fields.index("Alice") < fields.index(str(lease.pk)) < fields.index(str(alice.pk))
    record = reverse("admin:telemetry_sharingreceipt_change", args=[receipts[1].pk])
    assert "anyone signed in" in client_of(dana).get(record).content.decode()


def test_it_says_so_where_nothing_was_shared_yet(alice: User) -> None:
    page = client_of(alice).get(reverse("admin:telemetry_receipts"))
    assert "Each time a lease shares memory" in page.content.decode()


def test_it_is_written_for_the_api_too(dana: User) -> None:
    body = {"capability": "share:persona", "scope": "agent:a"}
    answer = Api(dana).post("/leases", body)
    assert answer.status_code == 201
    lease_id = json.loads(answer.content)["id"]
    Api(dana).delete(f"/leases/{lease_id}")
    assert moves() == [("grant", lease_id), ("withdrawal", lease_id)]
