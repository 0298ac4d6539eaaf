"""By keyboard alone: finding and reading. `test_mouse_flows` does the same by mouse.

All tests here share a server: each works on rows of its own.
"""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import (
    EVENT_LOG,
    ILSE,
    LIVE,
    PERSONA,
    POLICY,
    QUEUE,
    RULES,
    Desk,
    notices,
)
from tests.browser.typist import Typist
from tests.conftest import StartServer
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
    keys = Typist(page, "/admin/")
    keys.to(page.locator("#home-tickets a").first)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="What would change?")).to_be_visible()
    keys = Typist(page, "/admin/")
    keys.open("Whole queue")
    page.wait_for_url(f"**{QUEUE}")


def test_it_filters_the_queue_and_opens_a_row(desk: Desk) -> None:
    page = desk.page_as("bob")
    keys = Typist(page, QUEUE)
    keys.choose("Persona", "persona.tomas")
    keys.push("Filter")
    page.wait_for_url("**persona=persona.tomas**")
    keys.press("j", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tomás Figueira")


def test_it_turns_the_views_of_a_review(desk: Desk) -> None:
    page = desk.page_as("bob", permissions=["clipboard-read", "clipboard-write"])
    keys = Typist(page, desk.review("big"))
    keys.open("Side by side")
    expect(page.locator("#change-1")).to_have_count(0)
    keys.open("Raw patch")
    expect(page.locator("pre.json").first).to_contain_text('"op"')
    keys = Typist(page, desk.review("big"))
    keys.press("n", "n")
    expect(page.locator("#change-2")).to_be_focused()
    keys.to(page.locator("#change-2 .change-link"))
    keys.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Link copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "?path=" in copied
    page.goto(copied)
    expect(page.locator(".change.is-linked")).to_have_id("change-2")
    expect(page.locator("#change-2")).to_be_in_viewport()
    # Another change stands where the eye reads: the one that the address names is said all the same.
    expect(page.locator("[data-position]")).to_have_text("Change 2 of 7")
    page.evaluate("document.querySelector('#change-7').scrollIntoView({block: 'center'})")
    expect(page.locator("[data-position]")).not_to_have_text("Change 2 of 7")


def test_it_compares_revisions(desk: Desk) -> None:
    page = desk.page_as("bob")
    keys = Typist(page, desk.about("quorum", "revisions"))
    choices = page.get_by_label("From").locator("option").count()
    keys.choose("From", "1")
    keys.choose("To", str(choices))
    keys.push("Compare")
    expect(page.locator(".lede")).to_contain_text(f"From revision 1 to revision {choices}")


def test_it_reads_a_persona_and_goes_on_to_propose(desk: Desk) -> None:
    page = desk.page_as("alice")
    keys = Typist(page, PERSONA)
    folded = page.locator("#persona-record details:not([open]) summary").first
    part = page.locator("#persona-record details").filter(has_text=folded.inner_text()).first
    keys.to(folded)
    keys.press("Enter")
    expect(part).to_have_attribute("open", "")
    keys = Typist(page, PERSONA)
    keys.open("Propose a change")
    expect(page.get_by_role("heading", level=1)).to_have_text("Propose a change")


def test_it_checks_a_history_and_looks_at_an_earlier_version(desk: Desk) -> None:
    page = desk.page_as("bob")
    keys = Typist(page, f"{ILSE}/page/")
    keys.push("Check the whole history")
    expect(page.get_by_role("status").filter(has_text="Whole and untouched.")).to_be_visible()
    keys = Typist(page, f"{ILSE}/page/")
    keys.open("View version 1")
    page.wait_for_url("**/at/1/")
    expect(page.locator(".lede")).to_have_text("Version 1 of 3")


def test_it_searches_the_whole_desk(desk: Desk) -> None:
    page = desk.page_as("bob")
    keys = Typist(page, "/admin/search/")
    keys.write("Search for", "mara")
    keys.press("Enter")
    page.wait_for_url("**q=mara")
    keys.to(page.locator(".found").first.get_by_role("link").first)
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mara Lindqvist")


def test_it_chooses_a_topic_and_pauses_live(desk: Desk) -> None:
    page = desk.page_as("bob")
    keys = Typist(page, LIVE)
    expect(page.locator("[data-live-state]")).to_have_text("Connected")
    keys.press("t")
    expect(page.get_by_label("Topic")).to_be_focused()
    keys.choose("Topic", "leases.")
    keys.choose("Persona", "persona.mara")
    expect(page).to_have_url(re.compile(r"topic=leases\.&persona=persona\.mara$"))
    keys.to(page.locator("[data-live-pause]"))
    keys.press("Space")
    expect(page.locator("[data-live-pause]")).to_have_attribute("aria-pressed", "true")


def test_it_proves_the_event_log(desk: Desk) -> None:
    page = desk.page_as("dana")
    keys = Typist(page, EVENT_LOG)
    with page.expect_navigation():  # what it says is said before, too
        keys.push("Verify again")
    expect(page.get_by_text("The chain holds")).to_be_visible()
    keys.choose("Range", "24h")
    with page.expect_download() as download:
        keys.push("Download JSON")
    assert json.loads(download.value.path().read_text(encoding="utf-8"))["range"] == "24h"


def test_it_searches_and_sorts_a_table(desk: Desk) -> None:
    page = desk.page_as("bob")
    keys = Typist(page, "/admin/personas/historyentry/")
    rows = page.locator("#result_list tbody tr")
    before = rows.count()
    keys.write("Search", "persona.ilse")
    keys.press("Enter")
    expect(rows).not_to_have_count(before)
    sortable = page.locator("#result_list thead th a").first
    keys.to(sortable)
    keys.press("Enter")
    expect(page.locator("#result_list thead th[aria-sort]").first).to_be_visible()


def test_it_makes_and_deletes_an_approver_rule(desk: Desk) -> None:
    page = desk.page_as("dana")
    keys = Typist(page, RULES)
    rows = page.locator("#result_list tbody tr")
    before = rows.count()
    keys.open("Add approver rule")
    keys.choose("Owner kind", "agent")
    keys.write("Owner", "scout")
    keys.tick(page.get_by_label("Bob"))
    keys.push("Save")
    expect(rows).to_have_count(before + 1)
    keys.open("agent:scout")
    keys.open("Delete")
    keys.push("Delete it")
    expect(rows).to_have_count(before)


def test_it_reloads_the_policy(
    start_server: StartServer, new_page: NewPage, tmp_path: Path
) -> None:
    policy_file = tmp_path / "policy.json"
    policy_file.write_text('{"allow_all": false}', encoding="utf-8")
    desk = Desk(start_server(env={"ARW_POLICY_FILE": str(policy_file)}), new_page)
    page = desk.page_as("dana")
    keys = Typist(page, POLICY)
    policy_file.write_text('{"allow_all": true}', encoding="utf-8")
    keys.push("Reload")
    expect(notices(page)).to_contain_text("The policy is reloaded")
    expect(page.locator(".policymode-name")).to_have_text("Everything is allowed")
