"""Changes in Chromium: lists, folds, walking, addresses of single paths, and five hundred rows."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import ILSE, Desk, overflow
from tests.services.server import RunningServer

SEED = "from tests.browser.review_data import main; main()"
CLIPBOARD = ["clipboard-read", "clipboard-write"]
CONFIDENCE = "/worldview/beliefs/1/confidence"
DRAWN = """[...document.querySelectorAll(".change")].filter(
    (row) => row.firstElementChild.checkVisibility({ contentVisibilityAuto: true })).length"""


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    """A desk with `beliefs` and `large` among its proposals."""
    desk = Desk(server, new_page)
    printed = server.manage("shell", "--no-imports", "-v", "0", "-c", SEED)
    desk.proposals |= json.loads(printed.strip().splitlines()[-1])
    return desk


def test_it_shows_an_edited_belief_of_a_reordered_list(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.review("beliefs"))
    expect(page.locator(".lede")).to_have_text("2 changed, 1 moved")
    moved, changed = page.locator("#change-2"), page.locator("#change-3")
    expect(moved).to_contain_text("From place 3 to place 1")
    expect(changed.locator("h3")).to_contain_text("in “Most outages are organisational")
    expect(changed.locator(".side-before")).to_contain_text("0.6")
    expect(changed.locator(".side-after")).to_contain_text("0.8")
    unfold(page)
    copy_link(page)


def unfold(page: Page) -> None:
    """The same words open on both sides, by the keyboard too."""
    before, after = page.locator("#change-1 .side-before"), page.locator("#change-1 .side-after")
    expect(before.locator("del")).to_have_text("learned")
    expect(after.locator("ins")).to_have_text("was told")
    expect(before.locator(".fold-text").first).to_be_hidden()
    before.locator(".fold summary").first.click()
    expect(after.locator(".fold").first).to_have_attribute("open", "")
    expect(after.locator(".fold-text").first).to_be_visible()
    after.locator(".fold summary").first.press("Enter")
    expect(before.locator(".fold-text").first).to_be_hidden()


def copy_link(page: Page) -> None:
    """The address of one change is copied, and leads there in another window."""
    page.locator("#change-3 .change-link").click()
    expect(page.locator("#toasts")).to_contain_text("Link copied")
    address = page.evaluate("document.querySelector('#change-3 .change-link').href")
    page.goto(address)
    expect(page.locator(".change.is-linked")).to_have_id("change-3")
    expect(page.locator("#change-3")).to_be_in_viewport()
    expect(page.locator("[data-position]")).to_have_text("Change 3 of 3")
    page.keyboard.press("p")
    expect(page.locator("#change-2")).to_be_focused()


def test_it_walks_by_the_bar_and_covers_nothing(desk: Desk) -> None:
    page = desk.page_as("bob", width=320, height=640)
    page.goto(desk.review("beliefs"))
    onward = page.get_by_role("button", name="Next change")
    for number in (1, 2, 3, 3):
        onward.click()
        change = page.locator(f"#change-{number}")
        expect(change).to_be_focused()
        expect(page.locator("[data-position]")).to_have_text(f"Change {number} of 3")
        assert page.evaluate(UNCOVERED, f"#change-{number} .change-head")
    page.locator(".reviewbar-decide").click()
    expect(page.locator("#decide")).to_be_focused()
    assert page.evaluate(UNCOVERED, "#q-decide")
    assert overflow(page) <= 0


UNCOVERED = """(place) => {
    const bar = document.querySelector(".reviewbar").getBoundingClientRect();
    const top = document.querySelector(place).getBoundingClientRect().top;
    return top >= bar.bottom - 1 && top < innerHeight;
}"""


def test_it_leads_to_a_path_without_javascript(desk: Desk) -> None:
    page = desk.page_as("bob", java_script_enabled=False, height=500)
    page.goto(f"{desk.review('beliefs')}?path={CONFIDENCE}#at")
    expect(page.locator(".change.is-linked")).to_have_id("change-3")
    expect(page.locator("#change-3 .change-head")).to_be_in_viewport()
    page.locator("#change-1 .side-before .fold summary").first.click()
    expect(page.locator("#change-1 .side-before .fold-text").first).to_be_visible()
    page.goto(f"{desk.review('beliefs')}?path=/traits/nothing#at")
    expect(page.locator("#at")).to_contain_text("Nothing changes here any more")
    expect(page.locator("#at")).to_be_in_viewport()


def test_it_draws_of_five_hundred_changes_what_is_near(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.review("large"))
    expect(page.locator(".change")).to_have_count(500)
    assert page.evaluate(DRAWN) < 60
    page.keyboard.press("p")
    expect(page.locator("#change-500")).to_be_focused()
    expect(page.locator("#change-500")).to_be_in_viewport()
    expect(page.locator("[data-position]")).to_have_text("Change 500 of 500")
    assert page.evaluate(DRAWN) < 120


def test_it_compares_any_two_versions_by_keyboard(desk: Desk) -> None:
    page = desk.page_as("bob", permissions=CLIPBOARD)
    page.goto(f"{ILSE}/compare/?from=1&to=3")
    page.keyboard.press("n")
    expect(page.locator("#change-1")).to_be_focused()
    expect(page.locator("#change-1 .side-before")).to_contain_text("slow")
    page.keyboard.press("s")
    page.wait_for_url(re.compile("from=3&to=1$"))
    expect(page.locator("#change-1 .side-after")).to_contain_text("slow")
    page.locator("#change-1 .change-link").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Link copied")
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.endswith("/compare/?from=3&to=1&path=%2Ftraits%2Fpace#at")
    page.goto(address)
    expect(page.locator(".change.is-linked")).to_have_id("change-1")


def test_it_finds_nothing_on_rows_of_all_kinds(desk: Desk) -> None:
    for width in (320, 1440):
        for scheme in ("light", "dark"):
            page = desk.page_as("bob", width=width, color_scheme=scheme, bypass_csp=True)
            page.goto(f"{desk.review('beliefs')}?path={CONFIDENCE}#at")
            page.locator(".fold summary").first.click()
            page.keyboard.press("n")
            # At the top: what the window's edge cuts in two would count as a small target.
            page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
            assert axe_findings(page) == []
            assert overflow(page) <= 0
            page.close()
