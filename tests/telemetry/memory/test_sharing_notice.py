"""The notice before memory is shared: on the desk, and for whoever else grants (contract §10)."""

import hashlib
import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from leases.models import Lease, LeaseRequest, User
from telemetry.memory.sharing_notice import current_sharing_notice
from telemetry.models import SharingReceipt
from tests.fixtures import ApiFor
from tests.people import problem, someone

pytestmark = pytest.mark.django_db
NOTICE = "/state/sharing-notice"
GRANT = {"capability": "share:persona", "subject": "alice", "ttl_minutes": "60"}
ASK = {"capability": "share:persona", "ttl_minutes": "60", "reason": "My notes."}


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def page(name: str, *args: object) -> str:
    return reverse(f"admin:leases_{name}", args=args)


def agreed() -> dict[str, str]:
    return {"agreed": "yes", "notice": current_sharing_notice().sha256}


def shown_on(content: bytes) -> str:
    """The hash of the notice on a page, which has to show its text and ask for a tick."""
    text = content.decode()
    assert current_sharing_notice().title in text
    assert 'name="agreed"' in text
    (sha256,) = re.findall(r'name="notice" value="([0-9a-f]{64})"', text)
    return str(sha256)


def test_it_is_hashed_exactly_as_it_is_shown(api: ApiFor, charlie: User) -> None:
    shown = json.loads(api(charlie).get(NOTICE).content)
    text = "\n\n".join([shown["title"], *shown["paragraphs"]])
    assert hashlib.sha256(text.encode()).hexdigest() == shown["sha256"]
    assert shown["sha256"] == current_sharing_notice().sha256


def test_it_says_what_happens_who_reads_and_how_to_take_it_back() -> None:
    starts = ["What is shared:", "What happens with it:", "Who reads it:", "How to take it back:"]
    for paragraph, start in zip(current_sharing_notice().paragraphs, starts, strict=True):
        assert paragraph.startswith(start)


def test_it_is_for_the_signed_in(api: ApiFor) -> None:
    problem(api(None).get(NOTICE), 401)


def test_it_is_shown_before_a_grant_and_asks_for_a_yes() -> None:
    dana = client_of("dana")
    filled = dana.get(page("lease_grant"), {"capability": "share:persona"})
    assert shown_on(filled.content) == current_sharing_notice().sha256
    unread = dana.post(page("lease_grant"), GRANT)
    assert unread.status_code == 400
    sha256 = shown_on(unread.content)
    assert "Read the notice" in unread.content.decode()
    unticked = dana.post(page("lease_grant"), {**GRANT, "notice": sha256})
    assert unticked.status_code == 400
    assert Lease.objects.count() == 0
    done = dana.post(page("lease_grant"), {**GRANT, "notice": sha256, "agreed": "yes"})
    assert done.status_code == 302
    assert SharingReceipt.objects.get().lease_id == Lease.objects.get().pk


def test_it_is_no_yes_to_another_text() -> None:
    body = {**GRANT, "agreed": "yes", "notice": "0" * 64}
    answer = client_of("dana").post(page("lease_grant"), body)
    assert answer.status_code == 400
    assert 'name="agreed" value="yes" required checked' not in answer.content.decode()
    assert Lease.objects.count() == 0


@pytest.mark.parametrize("capability", ["persona:manage", ""])
def test_it_is_not_shown_for_anything_else(capability: str) -> None:
    dana = client_of("dana")
    shown = dana.get(page("lease_grant"), {"capability": capability}).content.decode()
    assert 'name="agreed"' not in shown
    answer = dana.post(page("lease_grant"), {**GRANT, "capability": "persona:manage"})
    assert answer.status_code == 302
    assert Lease.objects.get().capability == "persona:manage"


def test_it_is_shown_to_whoever_asks() -> None:
    alice = client_of("alice")
    filled = alice.get(page("leaserequest_ask"), {"capability": "share:persona"})
    shown_on(filled.content)
    unread = alice.post(page("leaserequest_ask"), ASK)
    assert unread.status_code == 400
    shown_on(unread.content)
    assert LeaseRequest.objects.count() == 0
    assert alice.post(page("leaserequest_ask"), {**ASK, **agreed()}).status_code == 302
    assert LeaseRequest.objects.get().capability == "share:persona"


def test_it_is_shown_to_whoever_answers() -> None:
    client_of("alice").post(page("leaserequest_ask"), {**ASK, **agreed()})
    asked = LeaseRequest.objects.get()
    address = page("leaserequest_answer", asked.pk)
    dana = client_of("dana")
    shown_on(dana.get(address).content)
    body = {"grant-ttl_minutes": "30"}
    unread = dana.post(address, body)
    assert unread.status_code == 400
    shown_on(unread.content)
    asked.refresh_from_db()
    assert (asked.status, Lease.objects.count()) == ("pending", 0)
    assert dana.post(address, {**body, **agreed()}).status_code == 302
    asked.refresh_from_db()
    assert asked.status == "granted"
    assert SharingReceipt.objects.get().subject == str(someone("alice").pk)


def test_it_hinders_no_denial() -> None:
    client_of("alice").post(page("leaserequest_ask"), {**ASK, **agreed()})
    asked = LeaseRequest.objects.get()
    done = client_of("dana").post(page("leaserequest_deny", asked.pk), {"reason": "No."})
    assert done.status_code == 302
    asked.refresh_from_db()
    assert (asked.status, SharingReceipt.objects.count()) == ("denied", 0)
