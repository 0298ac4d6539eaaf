"""The page of a persona in Chromium: its card, folded parts, any two versions, news as it comes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import PERSONA, TOMAS, Desk, overflow
from tests.browser.vibe import fill, give, revoke
from tests.services.server import RunningServer

SOURCED = """
from django.utils import timezone
from leases.models import User
from personas.services.records import persona_create
source = {"title": "Two figures could not be traced", "ref": "memory:desk-0312"}
belief = {"statement": "A claim without a source is a question.", "sources": [source]}
fields = {"id": "persona.ada", "owner_kind": "project", "owner_ref": "desk", "name": "Ada"}
fields |= {"traits": {"tone": {"warmth": 0.55, "formality": 0.6}}}
fields |= {"worldview": {"summary": "Good answers can be checked.", "beliefs": [belief]}}
fields |= {"calibration": {"confidence": 0.71, "drift": {"score": 0.08, "since": "2026-09-30"}}}
dana = User.objects.get(username="dana")
persona_create(actor=dana, fields=fields, now=timezone.now())
"""


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def test_it_shows_the_card_and_folds_the_rest(desk: Desk) -> None:
    desk.server.manage("shell", "--no-imports", "-v", "0", "-c", SOURCED)
    for javascript in (True, False):
        page = desk.page_as("alice", width=320, java_script_enabled=javascript)
        page.goto("/admin/personas/persona/persona.ada/page/")
        card = page.locator("#persona-card")
        warmth = card.get_by_role("listitem").filter(has_text="Warmth")
        expect(warmth.get_by_role("meter", name="Warmth, from cool to warm")).to_be_visible()
        expect(warmth).to_contain_text("0.55")
        expect(card).to_contain_text("Good answers can be checked.")
        expect(card.get_by_role("meter", name="Confidence, from low to high")).to_be_visible()
        expect(card).to_contain_text("since 2026-09-30")
        source = card.get_by_text("Two figures could not be traced")
        expect(source).to_be_hidden()
        card.get_by_text(re.compile("^1 source")).focus()
        page.keyboard.press("Enter")
        expect(source).to_be_visible()
        record = page.locator("#persona-record")
        expect(record.get_by_text("Good answers can be checked.")).to_be_hidden()
        record.locator("summary").filter(has_text="Worldview").click()
        expect(record.get_by_text("Good answers can be checked.")).to_be_visible()
        assert overflow(page) <= 0


def test_it_goes_on_to_propose_and_to_compare_any_two_versions(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(PERSONA)
    traits = page.get_by_role("list", name="Top traits")
    expect(traits.get_by_role("listitem").first).to_have_text("incident reviews")
    expect(page.get_by_role("link", name="Propose a change")).to_be_visible()
    page.goto("/admin/personas/persona/persona.ilse/page/")
    compare = page.get_by_role("form", name="Compare any two versions")
    compare.get_by_label("From").select_option("1")
    compare.get_by_label("To").select_option("3")
    compare.get_by_role("button", name="Compare these two").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/?from=1&to=3")
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    page.goto("/admin/personas/persona/persona.ilse/page/")
    page.get_by_role("link", name="View version 1").click()
    page.wait_for_url("**/at/1/")


def test_it_draws_feedback_as_it_comes(desk: Desk) -> None:
    fill(desk)
    page = desk.page_as("bob")
    page.goto(TOMAS)
    band = page.locator("#chart-band")
    band.get_by_role("slider").focus()
    page.keyboard.press("t")
    expect(band.get_by_role("table")).to_be_visible()
    page.locator("#feedback-note").fill("Half a sentence")
    kept = samples_kept(page)
    give(desk, {"kind": "vibe", "signal": "unheard_of", "strength": 1, "note": "At last."})
    expect(page.locator("#persona-vibe .samples li").first).to_contain_text("unheard of")
    assert samples_kept(page) == kept + 1
    expect(band.get_by_role("table")).to_be_visible()
    expect(page.locator("#chart-strength .uplot canvas")).to_be_visible()
    expect(page.locator("#feedback-note")).to_have_value("Half a sentence")


def test_it_hides_feedback_when_the_lease_is_revoked(desk: Desk) -> None:
    fill(desk)
    page = desk.page_as("bob")
    with page.expect_response(lambda answer: "/events?" in answer.url):
        page.goto(TOMAS)
    vibe = page.locator("#persona-vibe")
    expect(vibe.locator(".samples")).to_be_visible()
    revoke(desk)
    expect(vibe).to_contain_text("Feedback is shown only under a lease")
    expect(vibe.locator(".samples, .charts")).to_have_count(0)


def samples_kept(page: Page) -> int:
    shown = page.locator(".vibefacts > div").filter(has_text="Samples kept").locator("dd")
    return int(shown.inner_text().split()[0])
