"""The review flow in Chromium: by mouse, by keyboard alone, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import QUEUE, Desk, notices
from tests.services.server import RunningServer


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def outcome(page: Page) -> str:
    return page.locator("#outcome").inner_text()


def test_it_approves_by_mouse(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.review("big"))
    expect(page.locator(".lede")).to_have_text(
        "2 changed, 2 added, 2 removed, 1 moved; telemetry turned ON"
    )
    expect(page.locator(".change")).to_have_count(7)
    page.get_by_role("button", name="Approve…").click()
    dialog = page.get_by_role("dialog", name="Approve the change to Mara Lindqvist?")
    expect(dialog).to_contain_text("Mara Lindqvist goes from version 1 to version 2")
    expect(dialog).to_contain_text("Telemetry is on, scope workspace.")
    dialog.get_by_role("button", name="Approve the change to Mara Lindqvist").click()
    expect(notices(page)).to_contain_text("Mara Lindqvist is now at version 2")
    assert outcome(page) == "Approved by Bob"
    expect(page.locator(".outcome .event-version")).to_have_text("v2")
    expect(page.get_by_role("link", name="Next in the queue")).to_be_visible()


def test_it_rejects_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(f"{QUEUE}?persona=persona.mara")
    page.keyboard.press("j")
    expect(page.locator("tr:has(th a:focus)")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/review/$"))
    page.keyboard.press("n")
    expect(page.locator("#change-1")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("#change-2")).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator("#change-1")).to_be_focused()
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("No, and a r n p are letters here.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Rejected by Bob")
    expect(page.locator(".outcome blockquote")).to_have_text("No, and a r n p are letters here.")


def test_it_only_opens_a_confirmation_by_a_single_key(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.review("small"))
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".status-pending")).to_have_count(1)


def test_it_lets_single_keys_be_turned_off(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.review("small"))
    page.keyboard.press("?")
    page.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("a")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Keys and help").click()
    expect(page.get_by_label("Single keys are on")).not_to_be_checked()


def test_it_asks_for_a_reason_and_keeps_the_page(desk: Desk) -> None:
    page = desk.page_as("bob", expect=("status of 400",))
    page.goto(desk.review("small"))
    page.get_by_role("button", name="Reject…").click()
    page.get_by_role("button", name="Reject the change to").click()
    expect(page.locator(".field-error")).to_contain_text("Say why")
    expect(page.get_by_role("textbox", name="Why? (required)")).to_be_focused()
    expect(page.locator(".status-pending")).to_have_count(1)


def test_it_tells_the_second_tab_who_decided_first(desk: Desk) -> None:
    late = desk.page_as("bob", expect=("status of 409",))
    late.goto(desk.review("small"))
    late.get_by_role("button", name="Reject…").click()
    late.get_by_role("textbox", name="Why? (required)").fill("I had a reason.")
    early = desk.page_as("erin")
    early.goto(desk.review("small"))
    early.get_by_role("button", name="Approve…").click()
    early.get_by_role("button", name="Approve the change to").click()
    expect(early.locator("#outcome")).to_have_text("Approved by Erin")
    late.get_by_role("button", name="Reject the change to").click()
    expect(late.get_by_role("alert")).to_contain_text("Somebody else decided first")
    assert outcome(late) == "Approved by Erin"
    expect(late.get_by_label("What you had typed")).to_have_value("I had a reason.")
    expect(late.locator(".outcome .event-version")).to_have_text("v2")


def test_it_decides_without_javascript(desk: Desk) -> None:
    page = desk.page_as("bob", java_script_enabled=False)
    page.goto(desk.review("big"))
    page.get_by_role("link", name="Side by side").click()
    expect(page.locator("table.lines")).to_have_count(10)
    page.get_by_role("link", name="Raw patch").click()
    assert '"op": "move"' in page.locator("pre.json").first.inner_text()
    page.get_by_role("button", name="Reject…").click()
    page.get_by_role("textbox", name="Why? (required)").fill("Too much at once.")
    page.get_by_role("button", name="Reject the change to Mara Lindqvist").click()
    assert outcome(page) == "Rejected by Bob"
    page.get_by_role("link", name="Next in the queue").click()
    expect(page.locator(".status-pending")).to_have_count(1)
    page.goto(desk.review("small"))
    page.get_by_role("button", name="Approve…").click()
    page.get_by_role("button", name="Approve the change to").click()
    assert outcome(page) == "Approved by Bob"


@pytest.mark.parametrize(
    ("name", "which", "words"),
    [
        ("alice", "big", "Deciding is a right of approvers and admins."),
        ("bob", "of_bob", "This is your own proposal."),
        ("bob", "conflict", "does not fit it any more"),
        ("bob", "needs_lease", "share:persona. Ask for share:persona"),
    ],
)
def test_it_says_why_a_button_is_off(desk: Desk, name: str, which: str, words: str) -> None:
    page = desk.page_as(name)
    page.goto(desk.review(which))
    button = page.get_by_role("button", name="Approve…")
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description(re.compile(re.escape(words)))


def test_it_grants_a_missing_lease_and_returns_to_the_decision(desk: Desk) -> None:
    page = desk.page_as("dana")
    page.goto(desk.review("needs_lease"))
    page.get_by_role("link", name="Grant share:persona").click()
    expect(page.get_by_label("Capability")).to_have_value("share:persona")
    expect(page.get_by_label("Scope")).to_have_value("persona:persona.draft")
    expect(page.get_by_text("Sharing memory with personas")).to_be_visible()
    page.get_by_label("I have read the notice.").check()
    page.get_by_role("button", name="Grant").click()
    page.wait_for_url(f"**{desk.review('needs_lease')}?resume=1#decide")
    expect(page.get_by_role("button", name="Approve…")).to_be_enabled()
