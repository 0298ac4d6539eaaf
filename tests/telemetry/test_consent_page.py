"""The consent switches as pages."""

import pytest
from django.test import Client
from django.urls import reverse

from leases.models import Lease
from personas.models import Persona
from telemetry.models import ConsentReceipt
from telemetry.notices import current_notice
from tests.people import someone, state_of

SWITCHES = "admin:telemetry_consent"


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def grant_page(persona: Persona) -> str:
    return reverse("admin:telemetry_consent_grant", args=[persona.id])


def agreed(persona: Persona, scope: str = "workspace", **more: str) -> dict[str, str]:
    """The form as the page is sent whose notice was read."""
    shown = {"notice": current_notice().sha256, "shown_scope": persona.consent.scope}
    return {**shown, "scope": scope, "agreed": "yes", **more}


def test_it_shows_the_whole_notice_before_a_grant(persona: Persona, manage_lease: Lease) -> None:
    page = client_of("dana").get(grant_page(persona))
    notice = current_notice()
    assert page.context["notice"] == notice
    assert notice.title in page.content.decode()
    assert f'name="notice" value="{notice.sha256}"' in page.content.decode()


def test_it_needs_a_deliberate_yes(persona: Persona, manage_lease: Lease) -> None:
    before = state_of(persona)
    page = client_of("dana").post(grant_page(persona), {"scope": "workspace"})
    assert page.status_code == 400
    assert state_of(persona) == before
    assert ConsentReceipt.objects.count() == 0


def test_it_turns_on_after_a_yes_and_off_by_one_click(
    persona: Persona, manage_lease: Lease
) -> None:
    client = client_of("dana")
    client.post(grant_page(persona), agreed(persona))
    assert Persona.objects.get().consent.enabled
    client.post(reverse(SWITCHES), {"persona": persona.id})
    assert not Persona.objects.get().consent.enabled
    moves = list(ConsentReceipt.objects.order_by("pk").values_list("move", flat=True))
    assert moves == ["grant", "withdrawal"]


def test_it_keeps_a_scope_that_is_wrong(persona: Persona, manage_lease: Lease) -> None:
    before = state_of(persona)
    page = client_of("dana").post(grant_page(persona), agreed(persona, "a\x01b"))
    assert page.status_code == 400
    assert page.context["form"].scope_error
    assert page.context["form"].scope == "a\x01b"
    assert state_of(persona) == before


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_it_refuses_who_may_not_change_consent(
    persona: Persona, manage_lease: Lease, name: str
) -> None:
    before = state_of(persona)
    client = client_of(name)
    page = client.post(grant_page(persona), agreed(persona))
    assert page.status_code == 403
    client.post(reverse(SWITCHES), {"persona": persona.id})
    assert state_of(persona) == before


def test_it_leads_to_the_lease_that_is_missing(persona: Persona, manage_lease: Lease) -> None:
    client = client_of("dana")
    client.post(grant_page(persona), agreed(persona))
    manage_lease.delete()
    before = state_of(persona)
    page = client.post(reverse(SWITCHES), {"persona": persona.id})
    assert page.status_code == 403
    said = page.content.decode().partition("A lease for persona:manage is required.")[2]
    link = said.partition("</a>")[0]
    assert reverse("admin:leases_lease_grant") in link
    assert link.endswith("Grant persona:manage")
    assert "Persona:manage" not in page.content.decode()
    assert state_of(persona) == before


def test_it_asks_for_the_attestation_where_the_server_does(
    persona: Persona, manage_lease: Lease, settings
) -> None:
    settings.ARW_PERSONA_ACCESSIBILITY = "attest"
    client = client_of("dana")
    sent = agreed(persona)
    assert client.post(grant_page(persona), sent).status_code == 400
    assert not Persona.objects.get().consent.enabled
    assert client.post(grant_page(persona), {**sent, "attested": "yes"}).status_code == 302
    assert Persona.objects.get().consent.enabled


@pytest.mark.parametrize("notice", ["", "0" * 64])
def test_it_asks_anew_where_another_notice_was_shown(
    persona: Persona, manage_lease: Lease, notice: str
) -> None:
    before = state_of(persona)
    sent = agreed(persona, "team", notice=notice)
    page = client_of("dana").post(grant_page(persona), sent)
    assert page.status_code == 409
    assert "The notice is another one than the one that was shown." in page.content.decode()
    assert (page.context["form"].agreed, page.context["form"].scope) == (False, "team")
    assert f'name="notice" value="{current_notice().sha256}"' in page.content.decode()
    assert state_of(persona) == before
    assert ConsentReceipt.objects.count() == 0


@pytest.mark.parametrize(("typed", "kept"), [("workspace", "team"), ("zine", "zine")])
def test_it_asks_anew_where_another_scope_was_shown(
    persona: Persona, manage_lease: Lease, typed: str, kept: str
) -> None:
    client = client_of("dana")
    sent = agreed(persona, typed, shown_scope="workspace")
    client.post(grant_page(persona), agreed(persona, "team"))
    client.post(reverse(SWITCHES), {"persona": persona.id})
    before = state_of(persona)
    page = client.post(grant_page(persona), sent)
    assert page.status_code == 409
    text = "The scope of the record is team by now; workspace was shown."
    assert text in page.content.decode()
    assert 'name="shown_scope" value="team"' in page.content.decode()
    assert page.context["form"].scope == kept
    assert state_of(persona) == before
