"""The journal in Chromium: by mouse, by keyboard, without scripts, in two tabs, out of a session."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import COOKIE, ILSE, JOURNAL, PERSONA, TOMAS, Desk, overflow
from tests.browser.typist import Typist
from tests.browser.vibe import lend, revoke
from tests.services.server import RunningServer

SHARE = "share:persona"
ILSE_PAGE = f"{ILSE}/page/"
ANSWER = "She asked before she advised."


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def prompt(page: Page, name: str) -> Locator:
    return page.locator(".prompt").filter(has_text=name)


def answers(page: Page) -> Locator:
    return page.locator("#journal-answers .reflection")


def badge(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Desk").get_by_role("link", name="Journal")


def keep(page: Page, name: str, text: str = ANSWER) -> None:
    asked = prompt(page, name)
    asked.get_by_role("textbox").fill(text)
    asked.get_by_role("button", name=re.compile("^Keep it")).click()


def said(page: Page) -> Locator:
    return page.locator(".notices")


def test_it_answers_a_prompt_and_says_where_it_went(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto("/admin/")
    expect(badge(page)).to_contain_text("2 due")
    badge(page).click()
    expect(page.locator(".prompt")).to_have_count(2)
    page.wait_for_load_state()
    before = answers(page).count()
    keep(page, "Mara Lindqvist")
    expect(said(page)).to_contain_text("Kept, for you alone.")
    expect(badge(page)).to_contain_text("1 due")
    expect(prompt(page, "Mara Lindqvist")).to_have_count(0)
    expect(answers(page)).to_have_count(before + 1)
    newest = answers(page).first
    expect(newest).to_contain_text(ANSWER)
    expect(newest.locator(".badge")).to_contain_text("private")


def test_it_shows_others_only_what_is_shared(desk: Desk) -> None:
    alice, bob = desk.page_as("alice"), desk.page_as("bob")
    alice.goto(JOURNAL)
    keep(alice, "Mara Lindqvist")
    expect(said(alice)).to_be_visible()
    for page in (alice, bob):
        page.goto(PERSONA)
    own = alice.locator("#persona-card .reflection").filter(has_text=ANSWER)
    others = bob.locator("#persona-card .reflection").filter(has_text=ANSWER)
    expect(own.locator(".badge")).to_contain_text("private")
    expect(others).to_have_count(0)
    lend(desk, SHARE)
    expect(own.locator(".badge")).to_contain_text("shared")
    expect(others).to_contain_text("Alice")
    journal = alice.get_by_role("region", name="Your journal")
    expect(journal).to_contain_text("A lease lets it draw on what you keep.")
    revoke(desk, SHARE)
    expect(others).to_have_count(0)
    expect(own.locator(".badge")).to_contain_text("private")


def test_it_erases_a_reflection_everywhere(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(JOURNAL)
    before, gone = answers(page).count(), answers(page).filter(has_text="finished the sentence")
    gone.get_by_role("link", name=re.compile("^Erase…")).click()
    expect(page.get_by_role("heading", name="Erase this reflection?")).to_be_visible()
    page.get_by_role("button", name="Erase it").click()
    expect(said(page)).to_contain_text("The reflection is erased")
    expect(answers(page)).to_have_count(before - 1)
    expect(gone).to_have_count(0)
    page.goto(TOMAS)
    expect(page.get_by_text("finished the sentence")).to_have_count(0)


def test_it_goes_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page_as("bob", expect=("status of 400",))
    keys = Typist(page, "/admin/")
    keys.open("Journal")
    expect(page.get_by_text("Nobody asks you yet")).to_be_visible()
    keys.push("Ask me")
    error = page.locator("#rhythm-error")
    expect(error).to_have_text("Choose a persona.")
    keys = Typist(page, JOURNAL)
    keys.choose("Persona", "persona.mara")
    keys.to(page.get_by_role("radio", name="weekly", exact=True))
    keys.press("ArrowUp")
    keys.push("Ask me")
    expect(said(page)).to_contain_text("You are asked about Mara Lindqvist each day.")
    text = prompt(page, "Mara Lindqvist").get_by_role("textbox")
    keys.push("Keep it for Mara Lindqvist")
    expect(page.locator(".prompt .field-error")).to_contain_text("a sentence is enough")
    expect(text).to_have_attribute("aria-invalid", "true")
    keys.to(text)
    page.keyboard.type(ANSWER)
    keys.push("Keep it for Mara Lindqvist")
    expect(answers(page)).to_have_count(1)
    keys.to(page.get_by_role("radio", name="daily", exact=True).first)
    keys.press("ArrowUp")
    keys.push("Keep the rhythm for Mara Lindqvist")
    expect(said(page)).to_contain_text("You are no longer asked about Mara Lindqvist.")
    keys.to(answers(page).get_by_role("link", name=re.compile("^Erase…")))
    keys.press("Enter")
    keys.push("Erase it")
    expect(answers(page)).to_have_count(0)


def test_it_tells_the_second_tab_and_loses_no_text(desk: Desk) -> None:
    first = desk.page_as("alice", expect=("status of 409",))
    first.goto(JOURNAL)
    second = first.context.new_page()
    second.goto(JOURNAL)
    before = answers(first).count()
    keep(first, "Ilse Brandt", "From the first tab.")
    expect(answers(first)).to_have_count(before + 1)
    keep(second, "Ilse Brandt", "From the second tab.")
    expect(second.get_by_role("heading", name="This was answered already")).to_be_visible()
    expect(second.get_by_label("What you had typed")).to_have_value("From the second tab.")
    expect(answers(second)).to_have_count(before + 1)
    expect(answers(second).first).to_contain_text("From the first tab.")


def test_it_keeps_what_was_typed_through_a_lost_session(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(JOURNAL)
    before = answers(page).count()
    page.context.clear_cookies(name=COOKIE)
    keep(page, "Ilse Brandt", "Two paragraphs.\n\nThe second one.")
    page.wait_for_url(re.compile("/login/"))
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(desk.server.passwords["alice"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/journal/$"))
    text = prompt(page, "Ilse Brandt").get_by_role("textbox")
    expect(text).to_have_value("Two paragraphs.\n\nThe second one.")
    expect(answers(page)).to_have_count(before)
    prompt(page, "Ilse Brandt").get_by_role("button", name=re.compile("^Keep it")).click()
    expect(answers(page).first).to_contain_text("The second one.")


def test_it_works_without_scripts_on_a_narrow_screen(desk: Desk) -> None:
    expected = ("status of 400", "status of 403")
    page = desk.page_as("alice", width=320, java_script_enabled=False, expect=expected)
    page.goto(JOURNAL)
    assert overflow(page) <= 0
    keep(page, "Ilse Brandt", "ä" * 4097)
    expect(page.locator(".field-error")).to_contain_text("8192 bytes")
    expect(prompt(page, "Ilse Brandt").get_by_role("textbox")).to_have_value("ä" * 4097)
    keep(page, "Ilse Brandt")
    expect(answers(page).first).to_contain_text(ANSWER)
    page.context.clear_cookies(name=COOKIE)
    keep(page, "Mara Lindqvist", "Not sent.")
    expect(page.get_by_label("Your reflection")).to_have_value("Not sent.")


def test_it_sets_the_rhythm_on_the_page_of_the_persona(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(ILSE_PAGE)
    journal = page.get_by_role("region", name="Your journal")
    expect(journal).to_contain_text("you are not asked")
    journal.get_by_text("weekly").click()
    journal.get_by_role("button", name=re.compile("^Keep")).click()
    expect(said(page)).to_contain_text("You are asked about Ilse Brandt each week.")
    expect(page).to_have_url(re.compile(f"{ILSE_PAGE}$"))
    journal.get_by_role("link", name="A prompt waits").click()
    expect(prompt(page, "Ilse Brandt")).to_be_visible()
    page.goto("/admin/")
    expect(badge(page)).to_contain_text("1 due")
