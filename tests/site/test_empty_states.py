"""What stands where a list would says what to do next, and leads there."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from personas.models import Persona
from telemetry.models import ConsentReceipt
from tests.people import make_persona, someone


def text_of(name: str, address: str) -> str:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode().partition('id="content')[2]


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["personas_proposal", "personas_historyentry", "leases_lease"])
def test_it_leads_home_from_a_table_that_nobody_fills_by_hand(table: str) -> None:
    text = text_of("dana", reverse(f"admin:{table}_changelist"))
    assert "Nothing here yet" in text
    assert "Home says what can be done next." in text
    assert f'<a class="button" href="{reverse("admin:index")}">Home</a>' in text
    assert "as soon as there are any" not in text


@pytest.mark.django_db
def test_it_offers_the_first_row_to_who_may_add_it() -> None:
    table = reverse("admin:personas_approverrule_changelist")
    add = reverse("admin:personas_approverrule_add")
    assert f'<a class="button" href="{add}">Add</a>' in text_of("dana", table)
    assert "Home says" not in text_of("dana", table)


@pytest.mark.django_db
def test_it_says_how_the_first_persona_is_made() -> None:
    text = text_of("dana", reverse("admin:telemetry_consent"))
    assert "No personas yet" in text
    assert "arw-cli admin persona seed" in text
    make_persona("persona.first")
    assert "arw-cli" not in text_of("dana", reverse("admin:telemetry_consent"))
    assert Persona.objects.count() == 1


@pytest.mark.django_db
def test_it_tells_no_receipts_from_none_that_fit() -> None:
    receipts, switches = reverse("admin:telemetry_receipts"), reverse("admin:telemetry_consent")
    none = text_of("dana", receipts)
    assert "No receipts yet" in none
    assert f'<a class="button" href="{switches}">See the switches</a>' in none
    assert "No receipt fits" not in none
    unfit = text_of("dana", f"{receipts}?move=grant")
    assert "No receipt fits" in unfit
    assert f'<a class="button" href="{receipts}">Show all</a>' in unfit
    assert "No receipts yet" not in unfit
    assert not ConsentReceipt.objects.filter(recorded_at__lte=timezone.now()).exists()


@pytest.mark.django_db
def test_it_sends_nobody_to_choose_a_persona_that_is_not_there() -> None:
    queue = reverse("admin:personas_proposal_queue")
    text = text_of("bob", queue)
    assert "No personas yet" in text
    assert "Choose a persona" not in text
    make_persona()
    text = text_of("bob", queue)
    assert "The queue is empty" in text
    assert "Choose a persona" in text
