"""What feedback amounts to, in Chromium: on the persona's page, and under each switch."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, TOMAS, Desk, overflow
from tests.browser.vibe import disagree, give, lend, revoke
from tests.services.server import RunningServer

ERASE = """
from telemetry.models import VibeSample
VibeSample.objects.all().delete()
"""


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    desk = Desk(server, new_page)
    desk.server.manage("shell", "--no-imports", "-v", "0", "-c", ERASE)
    lend(desk)
    return desk


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name="What it amounts to")


def test_it_shows_the_aggregates_and_who_disagrees(desk: Desk) -> None:
    disagree(desk)
    for javascript in (True, False):
        page = desk.page_as("alice", width=320, java_script_enabled=javascript)
        page.goto(TOMAS)
        shown = panel(page)
        says_what_they_are(shown)
        draws_each_axis(shown)
        for name in ("alice", "bob", "dana"):
            assert name not in shown.inner_text()
        assert overflow(page) <= 0


def says_what_they_are(shown: Locator) -> None:
    expect(shown).to_contain_text("From 8 samples by 3 people.")
    facts = shown.locator(".sums-fact")
    expect(facts.filter(has_text="Response tempo")).to_contain_text("3.3 s per 1,000 tokens")
    # Of alice and dana one yes each, of bob one no.
    expect(facts.filter(has_text="Confirmed")).to_contain_text("67 %")
    expect(facts.filter(has_text="Misalignment")).to_contain_text("cites sources")
    expect(facts.filter(has_text="Misalignment")).to_contain_text("1 person · 1 sample")
    expect(shown.get_by_role("meter", name="Confirmed")).to_have_attribute("value", "0.666667")
    band = re.compile(r"^Sentiment .* of −1 to 1: .*\. Mostly between .* and .*\.$")
    expect(shown.get_by_role("img", name=band)).to_be_visible()


def draws_each_axis(shown: Locator) -> None:
    axes = shown.locator(".axis")
    expect(axes).to_have_count(2)
    warmth = axes.filter(has_text="Warmth")
    said = "Warmth: 1 person for cooler, 2 people for warmer; balance +0.27. People disagree."
    expect(warmth.get_by_role("img", name=said)).to_be_visible()
    expect(warmth.get_by_text("people disagree")).to_be_visible()
    expect(warmth).to_contain_text("+0.27")
    pace = axes.filter(has_text="Pace")
    expect(pace).to_contain_text("0.00")
    expect(pace.get_by_text("people disagree")).to_be_visible()


def test_it_follows_feedback_as_it_comes(desk: Desk) -> None:
    give(desk, {"signal": "warmer", "strength": 1})
    page = desk.page_as("bob")
    with page.expect_response(lambda answer: "/events?" in answer.url):
        page.goto(TOMAS)
    shown = panel(page)
    expect(shown).to_contain_text("From 1 sample by 1 person.")
    expect(shown.get_by_text("people disagree")).to_have_count(0)
    give(desk, {"signal": "cooler", "strength": 1}, who="dana")
    expect(shown).to_contain_text("From 2 samples by 2 people.")
    expect(shown.get_by_text("people disagree")).to_be_visible()
    revoke(desk)
    expect(shown).to_have_count(0)


def test_it_has_a_word_for_what_nobody_said(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(TOMAS)
    expect(page.locator("#persona-vibe")).to_contain_text("No feedback yet")
    expect(panel(page)).to_have_count(0)
    give(desk, {"signal": "brevity"})
    page.reload()
    facts = panel(page).locator(".sums-fact")
    expect(facts.filter(has_text="Sentiment")).to_contain_text("nobody said")
    expect(facts.filter(has_text="Response tempo")).to_contain_text("not measured")
    expect(facts.filter(has_text="Confirmed")).to_contain_text("nobody said")
    expect(facts.filter(has_text="Misalignment")).to_contain_text("Nobody raised a flag.")
    expect(panel(page)).to_contain_text("Nobody has asked for another direction.")
    expect(panel(page)).to_contain_text("brevity · 1 person")
    give(desk, {"signal": "lane-:episodic", "strength": 0.5})
    page.reload()
    said = "Lane episodic: 1 person for less of it, 0 people for more of it; balance −0.50."
    expect(panel(page).get_by_role("img", name=said)).to_be_visible()


def test_it_opens_under_its_switch(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(CONSENT)
    tomas = page.locator(".switchrow").filter(has_text="Tomás")
    expect(tomas).to_contain_text("No feedback is kept yet.")
    disagree(desk)
    page.reload()
    summary = tomas.locator("summary")
    expect(summary).to_contain_text("67 % confirmed · 1 misalignment")
    expect(summary).to_contain_text("people disagree: Warmth, Pace")
    expect(tomas.locator(".axis")).to_have_count(2)
    expect(tomas.locator(".axis").first).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    expect(tomas.locator(".axis").first).to_be_visible()
    expect(
        page.locator(".switchrow").filter(has_text="Mara").locator(".switchrow-sums")
    ).to_have_count(0)
    revoke(desk)
    page.reload()
    expect(tomas).to_be_visible()
    expect(tomas.locator(".switchrow-sums")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_at_every_width(desk: Desk, scheme: str) -> None:
    disagree(desk)
    for width in (320, 1440):
        page = desk.page_as("dana", width=width, color_scheme=scheme, bypass_csp=True)
        for address in (TOMAS, CONSENT):
            page.goto(address)
            for closed in page.locator("details.switchrow-sums > summary").all():
                closed.click()
            assert axe_findings(page) == []
            assert overflow(page) <= 0
        page.close()
