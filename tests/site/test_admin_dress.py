"""The admin's own tables and forms, as the desk draws them."""

from __future__ import annotations

import json
import re
import secrets
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe

from arw_site.templatetags.desk import labelled_cells
from leases.models import Lease, User
from personas.models import ApproverRule, Persona
from telemetry.models import ConsentReceipt
from telemetry.services.consent import consent_set
from tests.people import propose, someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana() -> Client:
    client = Client()
    client.force_login(someone("dana"), backend="leases.authentication.PeopleBackend")
    return client


def columns_and_labels(page: str) -> tuple[list[str], list[str]]:
    head = page.split("<thead>")[1].split("</thead>", maxsplit=1)[0]
    first_row = page.split("<tbody>")[1].split("</tr>", maxsplit=1)[0]
    titles = [re.sub(r"<[^>]+>|[↑↓]", "", cell).strip() for cell in head.split("</th>")[:-1]]
    return titles, re.findall(r'<t[dh] data-label="([^"]*)"', first_row)


def test_it_names_the_column_in_every_cell(dana: Client, persona: Persona) -> None:
    page = dana.get(reverse("admin:personas_persona_changelist")).content.decode()
    titles, labels = columns_and_labels(page)
    assert titles[0] == "Persona"
    assert labels == titles


def test_it_needs_no_label_for_what_names_the_row(dana: Client, manage_lease: Lease) -> None:
    page = dana.get(reverse("admin:leases_lease_changelist")).content.decode()
    titles, labels = columns_and_labels(page)
    assert titles[0] == "Capability"
    assert labels == titles[1:]
    assert manage_lease.capability in page


def test_it_escapes_a_label_and_leaves_the_cell_as_it_was() -> None:
    cell = mark_safe('<td class="field-x">1 &lt; 2</td>')
    drawn = labelled_cells([cell], [{"text": 'a "b" <c>', "class_attrib": ""}])
    assert drawn == '<td data-label="A &quot;b&quot; &lt;c&gt;" class="field-x">1 &lt; 2</td>'
    box = {"text": "<input>", "class_attrib": ' class="action-checkbox-column"'}
    assert labelled_cells([cell], [box]) == cell


def test_it_shows_nothing_of_a_password_and_takes_none_here(dana: Client) -> None:
    alice = someone("alice")
    alice.set_password(secrets.token_urlsafe(12))
    alice.save()
    address = reverse("admin:leases_user_change", args=[alice.pk])
    page = dana.get(address).content.decode()
    assert "is set" in page
    assert 'href="../password/"' in page
    assert "pbkdf2" not in page
    assert alice.password.split("$")[2] not in page
    kept = alice.password
    groups = [str(group.pk) for group in alice.groups.all()]
    sent = {"username": "alice", "first_name": "Al", "interactive": "on", "is_active": "on"}
    answer = dana.post(address, {**sent, "groups": groups, "password": "another"})
    assert answer.status_code == 302
    alice.refresh_from_db()
    assert (alice.first_name, alice.password) == ("Al", kept)
    assert [str(group.pk) for group in alice.groups.all()] == groups


def test_it_says_in_its_own_words_who_signs_in(dana: Client) -> None:
    alice = someone("alice")
    alice.set_password(secrets.token_urlsafe(12))
    alice.save()
    for address in (
        reverse("admin:leases_user_add"),
        reverse("admin:auth_user_password_change", args=[alice.pk]),
    ):
        page = dana.get(address).content.decode()
        assert "with a password" in page
        assert "LDAP" not in page
    sent = {"username": "porter", "usable_password": "false"}
    assert dana.post(reverse("admin:leases_user_add"), sent).status_code == 302
    assert not User.objects.get(username="porter").has_usable_password()


def test_it_asks_for_a_rule_without_dashes(dana: Client) -> None:
    address = reverse("admin:personas_approverrule_add")
    page = dana.get(address).content.decode()
    assert "Choose…" in page
    assert "No group" in page
    assert "---------" not in page
    assert "Owner kind:" not in page
    refused = dana.post(address, {"owner_kind": "", "owner_ref": "museum"})
    assert refused.status_code == 200
    assert not ApproverRule.objects.exists()


def test_it_draws_a_record_s_instant_as_one(dana: Client, persona: Persona) -> None:
    page = dana.get(reverse("admin:personas_persona_change", args=[persona.pk])).content.decode()
    row = page.split("field-updated_at")[1].split("form-row")[0]
    assert "<time" in row
    assert "UTC" in row
    assert str(persona.updated_at) not in row


def test_it_speaks_of_people_and_automations(
    dana: Client, persona: Persona, manage_lease: Lease
) -> None:
    consent_set(actor=someone("dana"), persona_id=persona.pk, enabled=True, now=timezone.now())
    receipt = ConsentReceipt.objects.get()
    receipts = reverse("admin:telemetry_consentreceipt_changelist")
    for address in (receipts, f"{receipts}{receipt.pk}/change/"):
        page = dana.get(address).content.decode()
        assert "Person or automation" in page
        assert "Principal" not in page
    people = reverse("admin:leases_user_changelist")
    for address in (people, f"{people}add/", reverse("admin:index")):
        assert "rincipal" not in dana.get(address).content.decode()
    tables = reverse("admin:app_list", args=["leases"])
    assert "People and automations" in dana.get(tables).content.decode()


def test_it_hides_nothing_in_the_json_of_a_record(dana: Client, persona: Persona) -> None:
    diff = [{"op": "add", "path": "/traits/tone", "value": "\u202ewarm\u200b"}]
    proposal = propose(persona, diff, rationale="\u05db\u05df")
    address = reverse("admin:personas_proposal_change", args=[proposal.pk])
    page = unescape(dana.get(address).content.decode())
    printed = re.findall(r'<pre class="json" tabindex="0">(.*?)</pre>', page, re.DOTALL)
    assert diff in [json.loads(one) for one in printed]
    assert "\\u202ewarm\\u200b" in page
    assert "\u202e" not in page
    assert '<div class="readonly" dir="auto">\u05db\u05df' in page
