"""The tables of people and of their tokens: filters and states in the words of the desk."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import ApiToken, User
from leases.tokens import token_create
from telemetry.memory.bridge_principal import bridge_principal
from tests.people import someone

pytestmark = pytest.mark.django_db
PEOPLE = reverse("admin:leases_user_changelist")
TOKENS = reverse("admin:leases_apitoken_changelist")


@pytest.fixture
def dana(db: None) -> Client:
    client = Client()
    client.force_login(someone("dana"), backend="leases.authentication.PeopleBackend")
    return client


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"role": "approvers"}, {"bob"}),
        ({"role": "none"}, {"charlie"}),
        ({"kind": "automation"}, {"memory-bridge", "service-admin"}),
        ({"kind": "person", "role": "members"}, {"alice"}),
        ({"access": "inactive"}, {"alice"}),
        ({"access": "active", "kind": "person"}, {"bob", "charlie", "dana"}),
    ],
)
def test_it_filters_people_by_what_the_columns_say(
    dana: Client, query: dict[str, str], names: set[str]
) -> None:
    bridge_principal()
    User.objects.filter(username="alice").update(is_active=False)
    page = dana.get(PEOPLE, query)
    assert {person.username for person in page.context["cl"].result_list} == names


def test_it_filters_nothing_by_what_no_filter_offers(dana: Client) -> None:
    page = dana.get(PEOPLE, {"role": "kings", "kind": "cat", "access": "maybe"})
    assert page.status_code == 200
    assert page.context["cl"].result_count == User.objects.count()


def test_it_says_of_a_record_what_it_is(dana: Client) -> None:
    for person, kind in (
        (someone("alice"), "Person"),
        (bridge_principal(), "Person or automation"),
    ):
        page = dana.get(reverse("admin:leases_user_change", args=[person.pk])).content.decode()
        assert f'<p class="quiet">{kind}' in page


def test_it_has_one_word_for_a_tokens_state(dana: Client) -> None:
    now = timezone.now()
    for who, name in (("alice", "theirs"), ("dana", "own")):
        token_create(user=someone(who), name=name, now=now)
        token_create(user=someone(who), name=f"{name}, over", now=now - timedelta(days=31))
    page = dana.get(reverse("admin:desk_tokens")).content.decode()
    assert page.count("in force</span>") == page.count("ran out</span>") == 2
    table = dana.get(TOKENS)
    assert table.content.decode().count("in force</span>") == 2
    assert table.content.decode().count("ran out</span>") == 2
    for shown in (page, table.content.decode()):
        assert "works</span>" not in shown
        assert "expired</span>" not in shown
        assert "no use noted" in shown


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "live"}, {"fresh", "robot"}),
        ({"state": "expired"}, {"old"}),
        ({"kind": "automation"}, {"robot"}),
        ({"kind": "person", "state": "live"}, {"fresh"}),
        ({"state": "nonsense"}, {"fresh", "robot", "old"}),
    ],
)
def test_it_filters_tokens(dana: Client, query: dict[str, str], names: set[str]) -> None:
    now = timezone.now()
    robot = User.objects.create(username="robot", interactive=False)
    token_create(user=robot, name="robot", now=now)
    token_create(user=someone("alice"), name="fresh", now=now)
    token_create(user=someone("alice"), name="old", now=now - timedelta(days=31))
    page = dana.get(TOKENS, query)
    assert {token.name for token in page.context["cl"].result_list} == names
    assert ApiToken.objects.count() == 3
