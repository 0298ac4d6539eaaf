"""The admin's own tables and forms, as the desk draws them."""

from __future__ import annotations

import re
import secrets

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.safestring import mark_safe

from arw_site.templatetags.desk import labelled_cells
from leases.models import Lease, User
from personas.models import ApproverRule, Persona
from tests.people import someone

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
