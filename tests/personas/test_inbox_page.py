"""The inbox as a page: one's own news, read and unread."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from personas.models import Notification, Persona, Proposal
from tests.people import propose, someone


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def address() -> str:
    return reverse("admin:desk_inbox")


def news_of(name: str) -> list[Notification]:
    return list(Notification.objects.of(someone(name)).newest_first())


@pytest.fixture
def proposals(
    persona: Persona, django_capture_on_commit_callbacks: Callable[..., Any]
) -> list[Proposal]:
    """Two proposals by alice, of which bob and dana are told."""
    for name in ("alice", "bob", "dana"):
        someone(name)
    with django_capture_on_commit_callbacks(execute=True):
        return [propose(persona), propose(persona, {"name": "Other"})]


def test_it_lists_what_concerns_the_viewer(proposals: list[Proposal]) -> None:
    text = client_of("bob").get(address()).content.decode()
    assert "2 pieces of news are unread." in text
    assert all(one.get_absolute_url() in text for one in proposals)
    assert "waits for your decision" in text


def test_it_is_empty_for_whom_nothing_concerns(proposals: list[Proposal]) -> None:
    text = client_of("alice").get(address()).content.decode()
    assert "No news yet" in text
    assert 'class="unread"' not in text


def test_it_counts_the_unread_on_every_page(proposals: list[Proposal]) -> None:
    text = client_of("bob").get(reverse("admin:index")).content.decode()
    assert '<span class="unread">2' in text


def test_it_marks_one_as_read(proposals: list[Proposal]) -> None:
    first, second = news_of("bob")
    answer = client_of("bob").post(address(), {"news": str(first.pk), "show": "unread"})
    assert answer["Location"] == f"{address()}?show=unread"
    assert [one.read_at is None for one in news_of("bob")] == [False, True]
    page = client_of("bob").get(address(), {"show": "unread"})
    assert list(page.context["page"]) == [second]


def test_it_marks_all_as_read(proposals: list[Proposal]) -> None:
    assert client_of("bob").post(address()).status_code == 302
    assert Notification.objects.of(someone("bob")).unread().count() == 0
    assert Notification.objects.of(someone("dana")).unread().count() == 2
    text = client_of("bob").get(address(), {"show": "unread"}).content.decode()
    assert "Nothing is unread" in text


@pytest.mark.parametrize("asked", ["x", "-1", "9" * 40, "0", ""])
def test_it_marks_nothing_for_what_is_no_news(proposals: list[Proposal], asked: str) -> None:
    assert client_of("bob").post(address(), {"news": asked}).status_code == 302
    assert Notification.objects.of(someone("bob")).unread().count() == 2


def test_it_leaves_the_news_of_others_alone(proposals: list[Proposal]) -> None:
    foreign = news_of("dana")[0]
    client_of("bob").post(address(), {"news": str(foreign.pk)})
    foreign.refresh_from_db()
    assert foreign.read_at is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_refuses_strangers(proposals: list[Proposal], method: str) -> None:
    answer = getattr(client_of("charlie"), method)(address())
    assert answer.status_code == 403
    assert Notification.objects.unread().count() == 4


def test_it_asks_nobody_to_sign_in(db: None) -> None:
    assert Client().get(address())["Location"].startswith(reverse("admin:login"))


def test_it_is_off_with_the_feature(db: None, settings: Any) -> None:
    settings.ARW_PERSONA_ENABLE = False
    page = client_of("bob").get(address(), headers={"Accept": "text/html"})
    assert page.status_code == 501


def test_it_pages_through_long_inboxes(proposals: list[Proposal]) -> None:
    bob = someone("bob")
    now = timezone.now()
    for number in range(40):
        Notification.objects.create(
            recipient=bob,
            kind=Notification.Kind.COMMENTED,
            proposal=proposals[0],
            key=f"made {number}",
            created_at=now,
        )
    page = client_of("bob").get(address(), {"page": "2"})
    assert len(page.context["page"].object_list) == 12
