"""The command palette and the search page: by mouse, by keyboard alone, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import ILSE, PERSONA, QUEUE, Desk
from tests.services.server import RunningServer

SEARCH = "/admin/search/"


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Command palette")


def chosen(page: Page) -> Locator:
    """What aria-activedescendant names, which must be what is drawn as selected."""
    box = palette(page).get_by_role("combobox")
    name = box.get_attribute("aria-activedescendant")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_attribute("id", name or "")
    return page.locator(f"#{name}")


def test_it_opens_what_is_found_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(QUEUE)
    page.keyboard.press("j")
    before = page.evaluate("document.activeElement.href")
    page.keyboard.press("Control+k")
    box = palette(page).get_by_role("combobox")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(palette(page)).to_have_count(0)
    assert page.evaluate("document.activeElement.href") == before
    page.keyboard.press("Control+k")
    page.keyboard.type("mara")
    options = palette(page).get_by_role("option")
    expect(options).to_have_count(3)
    expect(palette(page).get_by_role("group", name="Personas")).to_contain_text("Mara Lindqvist")
    expect(chosen(page)).to_contain_text("Mara Lindqvist")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_contain_text("pending · Alice")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(chosen(page)).to_contain_text("pending · Alice")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{PERSONA}")


def test_it_opens_what_was_typed_and_not_what_is_still_drawn(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(QUEUE)
    page.keyboard.press("Control+k")
    expect(palette(page).get_by_role("option").first).to_be_visible()
    page.evaluate(
        """() => {
            const box = document.querySelector("[data-palette] [role=combobox]");
            box.value = "mara";
            box.dispatchEvent(new Event("input", {bubbles: true}));
            box.form.requestSubmit();
            box.form.requestSubmit();
        }"""
    )
    page.wait_for_url(f"**{PERSONA}")


def test_it_opens_what_is_found_by_mouse(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(f"{ILSE}/page/")
    page.locator("[data-palette-open]").click()
    palette(page).get_by_role("combobox").fill("tomás alice")
    palette(page).get_by_role("option").filter(has_text="pending").first.click()
    page.wait_for_url(re.compile("/review/$"))
    page.locator("[data-palette-open]").click()
    lately = palette(page).get_by_role("group", name="Opened lately")
    expect(lately.get_by_role("option")).to_have_count(1)
    expect(lately).to_contain_text("Ilse Brandt")
    palette(page).get_by_role("button", name="Close").click()
    expect(palette(page)).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(one => one.includes('recent'))") == []


def test_it_says_that_nothing_was_found(desk: Desk) -> None:
    page = desk.page_as("bob", bypass_csp=True)
    page.goto(QUEUE)
    page.keyboard.press("Control+k")
    expect(palette(page).get_by_role("group", name="Pages")).to_contain_text("Simulator")
    assert axe_findings(page) == []
    page.keyboard.type("zzzz")
    expect(palette(page).locator("[data-palette-none]")).to_have_text("Nothing found")
    expect(palette(page).get_by_role("status")).to_have_text("Nothing found")
    expect(palette(page).get_by_role("combobox")).to_have_attribute("aria-expanded", "false")
    assert axe_findings(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{SEARCH}?q=zzzz")
    expect(page.get_by_text("Every word has to occur.")).to_be_visible()


def test_it_shows_no_page_that_the_role_does_not_open(desk: Desk) -> None:
    for who, shown in (("alice", False), ("dana", True)):
        page = desk.page_as(who)
        page.goto(f"{SEARCH}?q=log")
        found = page.locator(".found")
        expect(found.get_by_role("link", name="Event log")).to_have_count(int(shown))
        expect(found.get_by_role("link", name="Decision log")).to_have_count(int(shown))
        page.keyboard.press("Control+k")
        page.keyboard.type("decision log")
        expect(palette(page).get_by_role("status")).to_have_text(
            "Results: 1" if shown else "Nothing found"
        )


def test_it_searches_without_javascript(desk: Desk) -> None:
    page = desk.page_as("bob", java_script_enabled=False)
    page.goto(QUEUE)
    page.locator("[data-palette-open]").click()
    page.wait_for_url(f"**{SEARCH}")
    page.get_by_label("Search for").fill("ilse warm")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**?q=ilse+warm")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_label("Search for").fill("ilse shy")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("region", name="Proposals").get_by_role("link")).to_have_count(2)


def test_it_leaves_other_dialogs_alone(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(QUEUE)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(1)
    page.keyboard.press("Control+k")
    expect(palette(page)).to_have_count(0)
