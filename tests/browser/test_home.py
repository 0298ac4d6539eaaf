"""Home: what waits, what expires soon, the pulse; up to date while it is open."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.services.server import RunningServer

LEND = (
    "from django.utils import timezone; from leases.models import User;"
    "from leases.services.granting import lease_grant;"
    "lease_grant(actor=User.objects.get(username='dana'), capability='telemetry:persona:agent',"
    "now=timezone.now())"
)
ABOUT_TO_EXPIRE = (
    "from datetime import timedelta; from django.utils import timezone;"
    "from personas.models import Proposal;"
    "Proposal.objects.filter(persona_id='persona.draft', decided_at=None)"
    ".update(expires_at=timezone.now() + timedelta(hours=2))"
)


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def give_feedback(desk: Desk) -> None:
    answer = httpx.post(
        f"{desk.server.base}/persona/persona.tomas/feedback",
        json=[{"signal": "warmer", "strength": 0.5}, {"signal": "warmer", "strength": 0.7}],
        headers={"Authorization": f"Bearer {desk.server.tokens['alice']}"},
        timeout=60,
    )
    assert answer.is_success, answer.text


def pulse(page: Page) -> str:
    return page.locator("#home-pulse").inner_text()


def test_it_beats_with_the_feedback_that_the_viewer_may_read(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto("/admin/")
    assert "No feedback that you may read" in pulse(page)
    desk.server.manage("shell", "--no-imports", "-v", "0", "-c", LEND)
    with page.expect_response(lambda answer: "/events?" in answer.url):
        page.reload()
    give_feedback(desk)
    expect(page.locator("#home-pulse strong")).to_have_text("2")
    expect(page.locator("#home-pulse rect")).to_have_count(1)
    assert "2 in the last 30 minutes" in pulse(page)


def test_it_names_what_expires_soon_beside_the_oldest(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Expires soon")).to_have_count(0)
    desk.server.manage("shell", "--no-imports", "-v", "0", "-c", ABOUT_TO_EXPIRE)
    page.reload()
    soon = page.get_by_role("region", name="Expires soon")
    expect(soon.get_by_role("link")).to_have_count(2)  # the third is among the oldest
    expect(soon).to_contain_text("in 2 hours")
    expect(page.locator("#home-count")).to_contain_text("3 expire within a day.")


def test_it_marks_what_another_approver_has_decided(desk: Desk) -> None:
    page = desk.page_as("erin")
    with page.expect_response(lambda answer: "/events?" in answer.url):
        page.goto("/admin/")
    card = page.locator(f"[id='proposal-{desk.proposals['small']}']")
    httpx.post(
        f"{desk.server.base}/admin/persona/proposals/{desk.proposals['small']}/approve",
        json={},
        headers={"Authorization": f"Bearer {desk.server.tokens['bob']}"},
        timeout=60,
    )
    expect(card).to_contain_text("approved just now")
    expect(page.locator("#home-lately li").first).to_contain_text("Mara Lindqvist")
    expect(page.locator("#home-count")).to_contain_text("7 proposals wait")
