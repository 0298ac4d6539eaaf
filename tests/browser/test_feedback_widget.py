"""The feedback widget in Chromium: by mouse, by keyboard alone, without a script, and refused."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, COOKIE, TOMAS, Desk
from tests.browser.vibe import give, lend, switch
from tests.conftest import StartServer
from tests.services.server import RunningServer


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    desk = Desk(server, new_page)
    lend(desk)
    return desk


def widget(page: Page) -> Locator:
    return page.locator("#feedback")


def said(page: Page) -> Locator:
    return widget(page).locator("[aria-live=polite]")


def send(page: Page) -> Locator:
    return widget(page).get_by_role("button", name="Send feedback")


def test_it_gives_feedback_by_mouse_and_by_keyboard(desk: Desk) -> None:
    page = desk.page_as("alice", expect=("status of 400",))
    page.goto(TOMAS)
    preview = widget(page).locator("[data-feedback-preview]")
    expect(preview).to_have_text("Nothing is chosen yet.")
    widget(page).get_by_label("warmer").check()
    widget(page).get_by_label("less formal").check()
    widget(page).get_by_label("strongly").check()
    expect(preview).to_have_text("You say: warmer, less formal · strongly 0.8")
    widget(page).get_by_label("Note").fill("He listened.")
    send(page).click()
    expect(said(page)).to_have_text("Stored: warmer, less formal. Thank you.")
    expect(send(page)).to_be_focused()
    expect(widget(page).get_by_label("Note")).to_have_value("")
    expect(preview).to_have_text("Nothing is chosen yet.")
    expect(page.locator("#persona-vibe .samples")).to_contain_text("less formal")

    widget(page).get_by_role("radio", name="as it is").first.focus()
    page.keyboard.press("ArrowLeft")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("Too fast, t.")
    page.keyboard.press("Tab")
    expect(send(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(said(page)).to_have_text("Stored: cooler. Thank you.")

    send(page).click()
    error = widget(page).get_by_role("alert")
    expect(error).to_have_text("Choose a direction: at least one is needed.")
    expect(widget(page).get_by_role("radio", name="as it is").first).to_be_focused()
    expect(said(page)).to_be_empty()


def test_it_keeps_the_note_when_the_session_has_ended(desk: Desk) -> None:
    page = desk.page_as("alice", expect=("status of 403", "status of 401"))
    page.goto(TOMAS)
    widget(page).get_by_label("warmer").check()
    widget(page).get_by_label("Note").fill("A long thought.")
    cookies = page.context.cookies()
    page.context.clear_cookies(name=COOKIE)
    send(page).click()
    alert = widget(page).get_by_role("alert")
    expect(alert).to_contain_text("You are signed out. What you typed is still here")
    link = alert.get_by_role("link", name="Sign in")
    expect(link).to_have_attribute("href", f"/admin/login/?next={TOMAS}")
    expect(widget(page).get_by_label("Note")).to_have_value("A long thought.")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    send(page).click()
    expect(said(page)).to_have_text("Stored: warmer. Thank you.")
    expect(alert).to_have_count(0)


def test_it_stays_one_form_when_consent_goes_and_comes(desk: Desk) -> None:
    page = desk.page_as("alice")
    with page.expect_response(lambda answer: "/events?" in answer.url):
        page.goto(TOMAS)
    widget(page).get_by_label("Note").fill("A long thought.")
    switch(desk, enabled=False)
    expect(widget(page)).to_contain_text("Telemetry is off for this persona")
    switch(desk, enabled=True)
    expect(widget(page)).not_to_contain_text("Telemetry is off for this persona")
    expect(widget(page).get_by_label("Note")).to_have_value("A long thought.")
    expect(send(page)).to_have_count(1)


def test_it_works_without_javascript_and_has_large_targets(desk: Desk) -> None:
    page = desk.page_as("alice", width=320, java_script_enabled=False)
    page.goto(TOMAS)
    for target in widget(page).locator("label.answer, button, textarea").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24, box
    widget(page).get_by_label("faster").check()
    widget(page).get_by_label("Note").fill("Brief, please.")
    send(page).click()
    page.wait_for_url("**/page/#feedback")
    expect(said(page)).to_have_text("Stored: faster. Thank you.")
    page.reload()
    expect(said(page)).to_be_empty()
    looking = desk.page_as("alice", bypass_csp=True)
    looking.goto(TOMAS)
    assert axe_findings(looking) == []


def test_it_says_beside_the_form_why_not(start_server: StartServer, new_page: NewPage) -> None:
    desk = Desk(start_server(env={"ARW_PERSONA_FEEDBACK_RATE": "1"}), new_page)
    page = desk.page_as("alice", expect=("status of 429", "status of 412", "ERR_FAILED"))
    page.goto(TOMAS)
    expect(widget(page).get_by_role("link", name="Ask for it")).to_be_visible()
    lend(desk)
    page.reload()
    alert, note = widget(page).get_by_role("alert"), widget(page).get_by_label("Note")
    note.fill("A long thought.")
    widget(page).get_by_label("warmer").check()
    page.route("**/feedback/", lambda route: route.abort())
    send(page).click()
    expect(alert).to_have_text("The server did not answer. Nothing was lost: send again.")
    page.unroute("**/feedback/")
    send(page).click()
    expect(said(page)).to_have_text("Stored: warmer. Thank you.")
    note.fill("One more.")
    widget(page).get_by_label("slower").check()
    send(page).click()
    too_often = re.compile(r"Try again in \d+ seconds?, at \d\d:\d\d:\d\d UTC\.")
    expect(alert).to_have_text(too_often)
    give(desk, {"kind": "vibe", "signal": "calmer", "strength": 0.5}, who="bob")
    expect(page.locator("#persona-vibe .samples")).to_contain_text("calmer", timeout=20_000)
    expect(alert).to_have_text(too_often)
    expect(note).to_have_value("One more.")
    expect(widget(page).get_by_label("slower")).to_be_checked()
    admin = desk.page_as("dana")
    admin.goto(CONSENT)
    admin.get_by_role("button", name="Turn off for Tomás Figueira").click()
    expect(admin.locator(".notices")).to_contain_text("is off")
    send(page).click()
    expect(alert).to_have_text("Consent was withdrawn: nothing was stored.")
    expect(widget(page).get_by_label("What you had typed")).to_have_value("One more.")
