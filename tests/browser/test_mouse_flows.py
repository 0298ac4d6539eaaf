"""By mouse: what people do on the desk. `test_keyboard_reading` does the same without a pointer.

Other modules hold the editor, the decisions, leases, policy, feedback and the live page. All tests
here share a server: each works on rows of its own.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, ILSE, INBOX, PERSONA, QUEUE, RECEIPTS, RULES, Desk
from tests.services.server import RunningServer


@pytest.fixture(scope="module")
def seeded(shared_server: RunningServer) -> Desk:
    return Desk(shared_server, None)


@pytest.fixture
def desk(seeded: Desk, new_page: NewPage) -> Desk:
    seeded.new_page = new_page
    return seeded


def test_it_goes_on_from_home(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto("/admin/")
    page.locator("#home-tickets a").first.click()
    expect(page.get_by_role("heading", name="What would change?")).to_be_visible()
    page.get_by_role("navigation", name="Desk").get_by_role("link", name="Home").click()
    page.get_by_role("link", name="All switches").click()
    page.wait_for_url(f"**{CONSENT}")
    page.go_back()
    page.get_by_role("link", name="Whole queue").click()
    page.wait_for_url(f"**{QUEUE}")


def test_it_filters_the_queue_and_opens_a_row(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(QUEUE)
    rows = page.locator("table.queue tbody tr")
    before = rows.count()
    page.get_by_label("Persona", exact=True).select_option("persona.tomas")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**persona=persona.tomas**")
    assert 0 < rows.count() < before
    rows.first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tomás Figueira")
    page.go_back()
    page.get_by_role("link", name="Clear").click()
    expect(rows).to_have_count(before)


def test_it_turns_the_views_of_a_review(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.review("big"))
    tabs = page.get_by_role("navigation", name="Ways to look at the change")
    tabs.get_by_role("link", name="Side by side").click()
    expect(page.locator("#change-1")).to_have_count(0)
    tabs.get_by_role("link", name="Raw patch").click()
    expect(page.locator("pre.json").first).to_contain_text('"op"')
    tabs.get_by_role("link", name="Changes").click()
    expect(page.locator("#change-1")).to_be_visible()
    page.get_by_role("button", name="Next change").click()
    expect(page.locator("#change-1")).to_be_focused()


def test_it_withdraws(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(desk.review("small"))
    page.get_by_role("button", name="Withdraw…").click()
    dialog = page.get_by_role("dialog", name="Withdraw the change to Mara Lindqvist?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator(".status-pending")).to_have_count(1)
    page.get_by_role("button", name="Withdraw…").click()
    dialog.get_by_role("textbox").fill("A slip.")
    dialog.get_by_role("button", name=re.compile("^Withdraw")).click()
    expect(page.locator("#outcome")).to_have_text("Withdrawn by Alice")


def test_it_compares_revisions(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.about("quorum", "revisions"))
    choices = page.get_by_label("From").locator("option").count()
    assert choices > 1
    page.get_by_label("From").select_option("1")
    page.get_by_label("To").select_option(str(choices))
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".lede")).to_contain_text(f"From revision 1 to revision {choices}")
    expect(page.get_by_role("heading", name="What they would give")).to_be_visible()


def test_it_reads_a_persona_and_goes_on_to_propose(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(PERSONA)
    record = page.locator("#persona-record")
    folded = record.locator("details:not([open])").first
    name = folded.locator("summary").inner_text()
    folded.locator("summary").click()
    opened = record.locator("details[open]").filter(has_text=name.splitlines()[0])
    expect(opened.first).to_be_visible()
    page.get_by_role("link", name="Propose a change").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Propose a change")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(f"**{PERSONA}")


def test_it_looks_at_an_earlier_version(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(f"{ILSE}/page/")
    page.get_by_role("link", name="View version 1").click()
    page.wait_for_url("**/at/1/")
    expect(page.locator(".lede")).to_have_text("Version 1 of 3")


def test_it_filters_receipts(desk: Desk) -> None:
    page = desk.page_as("dana")
    page.goto(RECEIPTS)
    page.get_by_label("Persona", exact=True).select_option("persona.tomas")
    page.get_by_label("Consent").select_option("grant")
    page.get_by_role("button", name="Filter").click()
    rows = page.get_by_role("region", name="Receipts", exact=True).locator("tbody tr")
    expect(rows).to_have_count(1)
    rows.locator("summary").click()
    expect(rows).to_contain_text(re.compile("[0-9a-f]{64}"))
    page.get_by_role("link", name="Show all").click()
    page.wait_for_url(f"**{RECEIPTS}")
    expect(page.get_by_label("Consent")).to_have_value("")


def test_it_reads_the_inbox(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(INBOX)
    unread = page.locator(".newsrow.is-unread")
    before = unread.count()
    assert before > 1
    unread.first.get_by_role("button").click()
    expect(unread).to_have_count(before - 1)
    page.get_by_role("navigation", name="Which news").get_by_role("link", name="Unread").click()
    expect(page.locator(".newsrow")).to_have_count(before - 1)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("Nothing is unread")).to_be_visible()


def test_it_searches_the_whole_desk(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto("/admin/search/")
    page.get_by_label("Search for").fill("mara")
    page.locator("main").get_by_role("button", name="Search").click()
    page.wait_for_url("**q=mara")
    page.locator(".found").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mara Lindqvist")


def test_it_makes_changes_and_deletes_an_approver_rule(desk: Desk) -> None:
    page = desk.page_as("dana")
    page.goto(RULES)
    rows = page.locator("#result_list tbody tr")
    before = rows.count()
    page.get_by_role("link", name="Add approver rule").click()
    page.get_by_label("Owner kind").select_option("project")
    page.get_by_label("Owner", exact=True).fill("atlas")
    page.get_by_label("Bob").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(rows).to_have_count(before + 1)
    page.get_by_role("link", name="project:atlas").first.click()
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete “project:atlas”?")
    gone = page.get_by_role("region", name="What goes")
    expect(gone.get_by_role("listitem")).to_have_text(["project:atlas"])
    page.get_by_role("link", name="Keep it").click()
    expect(page.get_by_label("Bob")).to_be_checked()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(rows).to_have_count(before)
    expect(page.get_by_role("link", name="project:atlas", exact=True)).to_have_count(0)
