"""Deciding together in Chromium: comments, changes asked for, revisions, withdrawal, quorum, undo."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import ILSE, INBOX, QUORUM, Desk, notices, scripts_run
from tests.conftest import StartServer


@pytest.fixture
def desk(start_server: StartServer, new_page: NewPage) -> Desk:
    """A desk on which grave changes take two approvers."""
    return Desk(start_server(env=QUORUM), new_page)


def tab_to(page: Page, name: str) -> None:
    """Walks by the Tab key alone until the focus is on what is called `name`."""
    scripts_run(page)
    for _step in range(150):
        page.keyboard.press("Tab")
        label = page.evaluate("document.activeElement.innerText || ''")
        if name in label:
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


def test_it_asks_for_changes_and_gets_a_revision(desk: Desk) -> None:
    bob, alice = desk.page_as("bob"), desk.page_as("alice")
    bob.goto(desk.review("small"))
    bob.get_by_role("button", name="Ask for changes…").click()
    dialog = bob.get_by_role("dialog", name="Ask for changes to this proposal?")
    dialog.get_by_role("textbox").fill("Keep the mentor.")
    dialog.get_by_role("button", name="Ask for changes").click()
    expect(bob.get_by_role("heading", name="Bob asked for changes")).to_be_visible()
    expect(bob.get_by_role("button", name="Approve…")).to_be_disabled()
    alice.goto(desk.review("small"))
    alice.get_by_role("link", name="Revise it").click()
    typed = '{"archetype": "Reliability engineer and mentor"}'
    alice.get_by_role("tab", name="Patch").click()
    alice.get_by_label("Change, as JSON").fill(typed)
    expect(alice.get_by_role("heading", name="Preview: 1 changed")).to_be_visible()
    alice.get_by_role("button", name="Submit the revision").click()
    expect(notices(alice)).to_contain_text("It is at revision 2")
    alice.get_by_role("link", name="What changed from revision 1 to 2").click()
    expect(alice.locator(".lede")).to_have_text("From revision 1 to revision 2")
    expect(alice.locator("#change-1 ins")).to_have_text("and mentor")
    bob.reload()
    expect(bob.get_by_role("heading", name="Bob asked for changes")).to_have_count(0)
    expect(bob.get_by_role("button", name="Approve…")).to_be_enabled()


def test_it_revises_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(desk.review("discussed"))
    tab_to(page, "Revise…")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/revise/$"))
    tab_to(page, "Form")
    page.keyboard.press("End")
    field = page.get_by_label("Change, as JSON")
    while not field.evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type('{"traits": {"style": "Warm, exact, footnoted."}}')
    tab_to(page, "Submit the revision")
    page.keyboard.press("Enter")
    expect(notices(page)).to_contain_text("It is at revision 2")
    expect(page.locator(".approvals")).to_contain_text("no longer counts")


def test_it_tells_the_second_editor(desk: Desk) -> None:
    late, early = desk.page_as("alice", expect=("status of 409",)), desk.page_as("bob")
    for page in (late, early):
        page.goto(desk.about("small", "revise"))
    early.get_by_role("tab", name="Patch").click()
    early.get_by_label("Change, as JSON").fill('{"archetype": "Mentor"}')
    early.get_by_role("button", name="Submit the revision").click()
    expect(notices(early)).to_contain_text("It is at revision 2")
    late.get_by_role("tab", name="Patch").click()
    late.get_by_label("Change, as JSON").fill('{"archetype": "Engineer"}')
    late.get_by_role("button", name="Submit the revision").click()
    expect(late.get_by_role("alert")).to_contain_text("Somebody else revised the proposal")
    expect(late.locator('[id="field-/archetype"]')).to_have_value("Engineer")
    expect(late.locator("details", has_text="What it asks for now")).to_contain_text('"Mentor"')


def test_it_comments_on_a_path(desk: Desk) -> None:
    page = desk.page_as("erin", expect=("status of 400",))
    page.goto(desk.review("big"))
    page.get_by_role("link", name="Comment on /traits/humour").click()
    expect(page.get_by_label("About")).to_have_value("/traits/humour")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.get_by_role("alert")).to_have_text("A comment needs text.")
    page.get_by_role("textbox", name="Comment").fill("Only timetables?")
    page.get_by_role("button", name="Add the comment").click()
    page.wait_for_url(re.compile("#comment-[0-9]+$"))
    row = page.locator(".change", has_text="/traits/humour")
    expect(row.locator(".comment-text")).to_have_text("Only timetables?")
    expect(page.locator(".thread .comment")).to_have_count(0)


def test_it_withdraws_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(desk.review("small"))
    tab_to(page, "Withdraw…")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Withdraw the change to Mara Lindqvist?")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Withdraw…")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("A slip.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Withdrawn by Alice")
    expect(page.locator(".outcome blockquote")).to_have_text("A slip.")


def test_it_takes_two_without_javascript(desk: Desk) -> None:
    for name in ("bob", "erin"):
        page = desk.page_as(name, java_script_enabled=False)
        page.goto(desk.review("big"))
        page.get_by_role("button", name="Approve…").click()
        left = name == "bob"
        said = "Your approval counts: 1 of 2." if left else "from version 1 to version 2"
        assert said in page.locator(".afterwards").inner_text()
        page.get_by_role("button", name="Approve the change to").click()
        if left:
            assert "1 of 2" in notices(page).inner_text()
            expect(page.locator(".status-pending")).to_have_count(1)
            assert "Bob" in page.locator(".approvals").inner_text()
    assert page.locator("#outcome").inner_text() == "Approved by Erin"
    expect(page.locator(".approval")).to_have_count(2)


def test_it_asks_for_changes_and_comments_without_javascript(desk: Desk) -> None:
    page = desk.page_as("bob", java_script_enabled=False)
    page.goto(desk.review("small"))
    page.get_by_role("textbox", name="Comment").fill("Hm.")
    page.get_by_role("button", name="Add the comment").click()
    assert page.locator(".comment-text").inner_text() == "Hm."
    page.get_by_role("button", name="Ask for changes…").click()
    page.get_by_label("What should be different? (required)").fill("Keep the mentor.")
    page.get_by_role("button", name="Ask for changes").click()
    assert page.locator("#asked").inner_text() == "Bob asked for changes"


def test_it_undoes_a_decision(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.review("small"))
    page.keyboard.press("a")
    page.get_by_role("button", name="Approve the change to").click()
    expect(page.locator("#outcome")).to_have_text("Approved by Bob")
    expect(page.locator(".outcome").get_by_role("link", name="View version 2")).to_be_visible()
    page.get_by_role("link", name="Undo…").click()
    expect(page.locator("h1")).to_have_text("Undo the change and go back to version 1?")
    page.get_by_role("button", name="Propose the undo").click()
    expect(notices(page)).to_contain_text("Proposed.")
    expect(page.locator(".status-pending")).to_have_count(1)
    expect(page.locator("#change-1 ins")).to_have_text("who mentors")


def test_it_compares_versions_and_restores_one(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(f"{ILSE}/page/")
    page.get_by_role("link", name="Compare versions").click()
    page.get_by_label("From").select_option("1")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".lede")).to_have_text("From version 1 to version 3: 1 changed")
    expect(page.locator(".side-before")).to_contain_text("slow")
    page.get_by_role("link", name="The other way round").click()
    expect(page.locator(".side-before")).to_contain_text("measured")
    page.goto(f"{ILSE}/page/")
    page.get_by_role("link", name="View version 2").click()
    expect(page.locator("#field-traits + dl")).to_contain_text("unhurried")
    page.get_by_role("link", name="Restore it…").click()
    page.get_by_role("button", name="Propose to restore it").click()
    expect(page.locator("blockquote")).to_have_text("Restore version 2.")


def test_it_proves_the_history(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(f"{ILSE}/page/")
    page.get_by_role("button", name="Check the whole history").click()
    expect(page.get_by_role("status").filter(has_text="Whole and untouched.")).to_be_visible()


def test_it_reads_the_inbox_by_keyboard(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto("/admin/")
    navigation = page.get_by_role("navigation", name="Desk")
    badge = navigation.get_by_role("link", name="Inbox").locator(".unread")
    total = int(badge.inner_text().split()[0])
    assert total > 1
    tab_to(page, "Inbox")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{INBOX}")
    tab_to(page, "Mark as read")
    page.keyboard.press("Enter")
    expect(badge).to_contain_text(str(total - 1))
    tab_to(page, "Mark all as read")
    page.keyboard.press("Enter")
    expect(page.locator(".lede")).to_have_text("Everything is read.")
    expect(badge).to_have_count(0)
    expect(page.locator(".newsrow")).to_have_count(total)


def test_it_finds_nothing_in_the_new_confirmations(desk: Desk) -> None:
    page = desk.page_as("bob", bypass_csp=True)
    page.goto(desk.review("quorum"))
    for name in ("Ask for changes…", "Withdraw…"):
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("dialog")).to_have_count(1)
        assert axe_findings(page) == []
        page.keyboard.press("Escape")
