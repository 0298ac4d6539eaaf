"""The desk around the pages: home, sign-in, strangers, tables that nobody may write."""

import secrets
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import ApiToken, Lease, User
from leases.models.principal import SERVICE_PRINCIPAL
from personas.models import ApproverRule, HistoryEntry, Persona, Proposal
from telemetry.memory.bridge_principal import bridge_principal
from telemetry.models import ConsentReceipt, SharingReceipt, VibeSample
from telemetry.services.consent import consent_set
from tests.people import grant, make_persona, propose, someone

READ_ONLY = (Persona, Proposal, HistoryEntry, Lease, ConsentReceipt, SharingReceipt, ApiToken)


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def test_it_shows_what_waits(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    for name in ("alice", "bob"):
        assert proposal.get_absolute_url() in client_of(name).get("/admin/").content.decode()
    assert "Tables" not in client_of("bob").get("/admin/").content.decode()
    assert "Tables" in client_of("dana").get("/admin/").content.decode()


def test_it_calls_a_proposal_by_what_it_does_on_the_page_of_its_persona(
    persona: Persona, manage_lease: Lease
) -> None:
    address = propose(persona).get_absolute_url()
    client = client_of("bob")
    home = client.get("/admin/").content.decode()
    own = client.get(persona.get_absolute_url()).content.decode()
    said = home.partition('class="ticket-summary">')[2].partition("<")[0]
    assert f'<a href="{address}">{persona}</a>' in home
    assert said == "1 changed"
    assert f'<a href="{address}">{said}</a>' in own
    assert f'<a href="{address}">{persona}</a>' not in own


def test_it_says_how_many_more_consents_are_in_force(db: None) -> None:
    on = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
    for number in range(12):
        make_persona(f"persona.p{number}", preferences=on)
    assert "and 1 more" not in client_of("bob").get("/admin/").content.decode()
    make_persona("persona.last", name="Zoe", preferences=on)
    consents = client_of("bob").get("/admin/").content.decode().partition('id="home-consents"')[2]
    consents = consents.partition("</section>")[0]
    assert "and 1 more</a>" in consents
    assert consents.count("/page/") == 12
    assert "Zoe" not in consents


def test_it_says_what_to_do_when_nothing_is_there(db: None) -> None:
    page = client_of("dana").get("/admin/").content.decode()
    assert "No personas yet" in page
    assert "arw-cli admin persona seed" in page


def test_it_signs_people_in_who_are_no_staff(db: None) -> None:
    secret = secrets.token_urlsafe(12)
    bob = someone("bob")
    bob.set_password(secret)
    bob.save()
    assert not bob.is_staff
    answer = Client().post("/admin/login/?next=/admin/", {"username": "bob", "password": secret})
    assert answer.status_code == 302


def test_it_turns_a_stranger_away_and_lets_them_leave(db: None) -> None:
    client = client_of("charlie")
    page = client.get("/admin/")
    assert page.status_code == 403
    assert "You have no role here yet" in page.content.decode()
    led = client.get("/admin/logout/")
    assert (led.status_code, led["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 403, "still signed in"
    assert client.post("/admin/logout/").status_code == 200
    assert client.get("/admin/").status_code == 302


@pytest.fixture
def one_of_each(persona: Persona, manage_lease: Lease) -> None:
    """A row in every table that the desk lists."""
    propose(persona)
    ApiToken.objects.create(user=someone("alice"), name="nightly")
    consent_set(actor=someone("dana"), persona_id=persona.id, enabled=True, now=timezone.now())
    grant("share:persona")


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_it_writes_no_record_past_the_services(one_of_each: None, model: type[Model]) -> None:
    client = client_of("dana")
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row = model.objects.first()
    before = model.objects.filter(pk=row.pk).values().get()
    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    assert client.get(reverse(f"{name}_add")).status_code == 403
    assert client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
    assert client.post(reverse(f"{name}_delete", args=[row.pk])).status_code == 403
    assert model.objects.filter(pk=row.pk).values().get() == before


def test_it_tells_a_program_that_an_address_is_unknown(db: None) -> None:
    """A person is asked to sign in first; nobody is redirected to an object's own page."""
    for address in ("/admin/nothing/", "/admin/persona/x/nothing", "/admin/r/1/1/"):
        answer = Client().get(address, headers={"Accept": "application/json"})
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert Client().get(address, headers={"Accept": "text/html"}).status_code == 302


def test_it_keeps_groups_off_the_desk() -> None:
    listed = set(admin.site._registry)
    assert listed == {*READ_ONLY, VibeSample, User, ApproverRule}
    assert apps.get_model("auth", "Group") not in listed


def test_it_shows_no_token(db: None) -> None:
    _, secret = ApiToken.objects.create(user=someone("alice"), name="nightly")
    token = ApiToken.objects.get()
    text = client_of("dana").get(reverse("admin:leases_apitoken_changelist")).content.decode()
    assert "nightly" in text
    assert not [part for part in (secret, token.digest, token.token_key) if part in text]
    change = reverse("admin:leases_apitoken_change", args=[token.pk])
    assert client_of("bob").get(change).status_code == 403


@pytest.mark.parametrize(
    "name",
    ["index", "desk_live", "personas_proposal_queue", "telemetry_consent"],
)
def test_it_says_that_the_feature_is_off(db: None, settings: Any, name: str) -> None:
    settings.ARW_PERSONA_ENABLE = False
    client = client_of("dana")
    page = client.get(reverse(f"admin:{name}"), headers={"Accept": "text/html"})
    assert page.status_code == 501
    assert "Persona Disabled" in page.content.decode()
    assert client.get(reverse("admin:leases_user_changelist")).status_code == 200


@pytest.mark.parametrize("name", ["personas_proposal_queue", "personas_historyentry_changelist"])
def test_it_refuses_null_characters(persona: Persona, manage_lease: Lease, name: str) -> None:
    client = client_of("dana")
    asked = {"persona": "a\x00", "persona__id__exact": "a\x00", "q": "a\x00"}
    assert client.get(reverse(f"admin:{name}"), asked).status_code == 400
    proposal = propose(persona)
    sent = {"decision": "reject", "rationale": "a\x00"}
    assert client.post(proposal.get_absolute_url(), sent).status_code == 400
    assert Proposal.objects.get().status == "pending"


def test_it_lists_the_history_of_one_persona(persona: Persona) -> None:
    address = reverse("admin:personas_historyentry_changelist")
    page = client_of("bob").get(address, {"persona__id__exact": persona.id})
    assert page.status_code == 200
    assert page.context["cl"].result_count == 1


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_it_lets_only_admins_manage_people(db: None, name: str) -> None:
    target = someone("charlie")
    client = client_of(name)
    assert client.get(reverse("admin:leases_user_changelist")).status_code == 403
    change = reverse("admin:leases_user_change", args=[target.pk])
    assert client.post(change, {"username": "mallory"}).status_code == 403
    target.refresh_from_db()
    assert target.username == "charlie"


def test_it_lets_no_admin_touch_superusers_or_the_servers_own(db: None) -> None:
    root = User.objects.create_superuser("root")
    service = User.objects.get(username=SERVICE_PRINCIPAL)
    client = client_of("dana")
    for person in (root, service, bridge_principal()):
        for view in ("admin:leases_user_change", "admin:auth_user_password_change"):
            address = reverse(view, args=[person.pk])
            assert client.post(address, {"username": "mallory"}).status_code == 403
    assert not User.objects.filter(username="mallory").exists()


def test_it_offers_no_way_to_become_a_superuser(db: None) -> None:
    target = someone("alice")
    page = client_of("dana").get(reverse("admin:leases_user_change", args=[target.pk]))
    assert page.status_code == 200
    text = page.content.decode()
    assert 'name="is_superuser"' not in text
    assert 'name="user_permissions"' not in text
