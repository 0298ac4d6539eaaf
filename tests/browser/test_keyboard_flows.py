"""By keyboard alone: what people do on the desk, from the top of a page to what it says afterwards.

Other modules hold the queue, the review, the editor, the palette, feedback and the live page. All
tests here share a server: each works on rows of its own.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import (
    CONSENT,
    DECISIONS,
    ILSE,
    INBOX,
    LEASES,
    POLICY,
    QUEUE,
    RECEIPTS,
    SIMULATOR,
    Desk,
    scripts_run,
)
from tests.browser.typist import Typist
from tests.services.server import RunningServer


@pytest.fixture(scope="module")
def seeded(shared_server: RunningServer) -> Desk:
    return Desk(shared_server, None)


@pytest.fixture
def desk(seeded: Desk, new_page: NewPage) -> Desk:
    seeded.new_page = new_page
    return seeded


def said(page: Page) -> Locator:
    return page.locator(".notices")


def lease(page: Page, capability: str) -> Locator:
    return page.locator(".leaserow").filter(has_text=capability)


def test_it_signs_in_and_out(desk: Desk) -> None:
    page = desk.new_page(desk.server)
    keys = Typist(page, "/admin/")
    keys.write("Username", "bob")
    keys.write("Password", desk.server.passwords["bob"])
    keys.press("Enter")
    page.wait_for_url(re.compile("/admin/$"))
    keys.push("Sign out")
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
    keys.open("Sign in again")
    expect(page.get_by_label("Username")).to_be_visible()


def test_it_asks_for_changes(desk: Desk) -> None:
    page = desk.page_as("bob")
    keys = Typist(page, desk.review("small"))
    keys.push("Ask for changes…")
    dialog = page.get_by_role("dialog", name="Ask for changes to this proposal?")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    keys.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Ask for changes…")).to_be_focused()
    keys.press("Enter")
    page.keyboard.type("Keep the mentor.")
    keys.push("Ask for changes")
    expect(page.get_by_role("heading", name="Bob asked for changes")).to_be_visible()
    expect(page.get_by_text("Keep the mentor.").first).to_be_visible()
    expect(page.get_by_role("button", name="Approve…")).to_be_disabled()


def test_it_undoes_and_restores_by_proposals(desk: Desk) -> None:
    page = desk.page_as("alice")
    keys = Typist(page, desk.review("done"))
    keys.open("Undo…")
    keys.write("Why?", "Measured is worse.")
    keys.push("Propose the undo")
    page.wait_for_url(re.compile("/review/"))
    expect(page.locator(".rationale").first).to_contain_text("Measured is worse.")

    keys = Typist(page, f"{ILSE}/page/")
    keys.open("Restore… version 1")
    keys.write("Why?", "As it was at first.")
    keys.push("Propose to restore it")
    page.wait_for_url(re.compile("/review/"))
    expect(page.locator(".rationale").first).to_contain_text("As it was at first.")
    page.goto(f"{ILSE}/page/")
    expect(page.locator("#persona-version")).to_contain_text("version 3")


def test_it_compares_versions(desk: Desk) -> None:
    page = desk.page_as("bob")
    keys = Typist(page, f"{ILSE}/page/")
    keys.choose("From", "1")
    keys.choose("To", "3")
    keys.push("Compare these two")
    lede = page.locator(".lede")
    expect(lede).to_contain_text("From version 1 to version 3")
    scripts_run(page)
    keys.press("n")
    expect(page.locator("#change-1")).to_be_focused()
    keys.press("s")
    expect(lede).to_contain_text("From version 3 to version 1")
    keys.choose("From", "2")
    keys.push("Compare")
    expect(lede).to_contain_text("From version 2 to version 1")


def test_it_grants_renews_and_revokes_a_lease(desk: Desk) -> None:
    page = desk.page_as("dana")
    name = "telemetry:persona:trial"
    keys = Typist(page, LEASES)
    keys.write("Capability", name)
    keys.write("For how many minutes", "2")
    keys.write("Reason", "Trial.")
    keys.push("Grant")
    expect(said(page)).to_contain_text(f"Granted: {name}.")
    keys.open(f"Renew… {name}")
    keys.write("Minutes from now", "180")
    keys.push("Renew")
    left = lease(page, name).locator("time.countdown")
    expect(left).to_have_text(re.compile(r"2:59:\d\d|3:00:00"))
    keys.open(f"Revoke… {name}")
    keys.write("Why are you revoking it?", "Trial is over.")
    keys.push("Revoke it")
    expect(said(page)).to_contain_text(f"Revoked: {name}.")
    expect(lease(page, name)).to_have_count(0)
    expect(lease(page, "persona:manage")).to_have_count(1)


def test_it_revokes_by_prefix(desk: Desk) -> None:
    page = desk.page_as("dana")
    keys = Typist(page, LEASES)
    for name in ("share:zine", "share:zine-archive"):
        keys.write("Capability", name)
        keys.push("Grant")
        expect(said(page)).to_contain_text(f"Granted: {name}.")
    keys.open("Revoke by prefix…")
    keys.write("Capability starts with", "share:zine")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="2 leases would be revoked")).to_be_visible()
    keys.write("Why are you revoking them?", "Audit.")
    keys.push("Revoke 2 leases")
    expect(said(page)).to_contain_text("2 leases were revoked.")
    expect(lease(page, "persona:manage")).to_have_count(1)


def test_it_asks_for_leases_and_answers(desk: Desk) -> None:
    alice, dana = desk.page_as("alice"), desk.page_as("dana")
    for name in ("share:notes", "share:letters"):
        asking = Typist(alice, LEASES)
        asking.open("Ask for a lease")
        asking.write("Capability", name)
        asking.write("Why do you need it?", "The minutes.")
        asking.push("Ask")
        expect(said(alice)).to_contain_text("Asked.")
        expect(alice.locator(".requestrow").filter(has_text=name)).to_have_count(1)
    answering = Typist(dana, "/admin/leases/lease/requests/")
    answering.open("Grant… share:notes Alice")
    answering.write("For how many minutes", "30")
    answering.push("Grant it")
    expect(said(dana)).to_contain_text("The time runs from now.")
    answering = Typist(dana, "/admin/leases/lease/requests/")
    answering.open("Deny… share:letters Alice")
    answering.write("Why not?", "Next week.")
    answering.push("Deny it")
    expect(said(dana)).to_contain_text("Denied. Alice is told why.")
    alice.goto(LEASES)
    expect(lease(alice, "share:notes")).to_have_count(1)
    expect(lease(alice, "share:letters")).to_have_count(0)
    expect(alice.locator(".requestrow").filter(has_text="share:letters")).to_contain_text("denied")


def test_it_asks_the_simulator(desk: Desk) -> None:
    page = desk.page_as("dana")
    keys = Typist(page, SIMULATOR)
    keys.write("Would", "alice")
    keys.choose("be allowed to", "persona.manage")
    keys.choose("on", "persona.mara")
    keys.push("Ask")
    expect(page.get_by_role("heading", name="Yes. Alice is allowed")).to_be_visible()
    keys.choose("be allowed to", "telemetry.persona.agent")
    keys.push("Ask")
    expect(page.get_by_role("heading", name="No. Alice is refused")).to_be_visible()


def test_it_stops_telemetry_and_lets_it_run_again(desk: Desk) -> None:
    page = desk.page_as("dana")
    keys = Typist(page, POLICY)
    keys.open("Stop telemetry…")
    keys.write("Why?", "A drill.")
    keys.push("Stop telemetry now")
    banner = page.get_by_role("region", name="Telemetry is stopped")
    expect(banner).to_contain_text("A drill.")
    keys.open("Let telemetry run again…")
    keys.write("Reason (may be empty)", "Drill is over.")
    keys.push("Let telemetry run again")
    expect(said(page)).to_contain_text("Telemetry runs again.")
    expect(banner).to_have_count(0)


def test_it_consents_after_the_notice_and_withdraws(desk: Desk) -> None:
    page = desk.page_as("dana", expect=("status of 400",))
    keys = Typist(page, CONSENT)
    mara = page.locator(".switchrow").filter(has_text="Mara Lindqvist")
    ilse = page.locator(".switchrow").filter(has_text="Ilse Brandt")
    keys.open("Turn on… for Mara Lindqvist")
    expect(page.get_by_text("What is collected")).to_be_visible()
    keys.push("Turn telemetry on")
    expect(page.locator("#agreed-error")).to_be_visible()
    keys.write("Scope", "workspace")
    keys.tick(page.get_by_label("I have read the notice and may consent for Mara Lindqvist."))
    keys.push("Turn telemetry on")
    expect(mara.locator(".badge").first).to_contain_text("Telemetry on")
    expect(ilse.locator(".badge").first).to_contain_text("Telemetry off")
    keys.push("Turn off for Mara Lindqvist", key="Space")
    expect(mara.locator(".badge").first).to_contain_text("Telemetry off")


def test_it_filters_receipts(desk: Desk) -> None:
    page = desk.page_as("dana")
    keys = Typist(page, RECEIPTS)
    keys.choose("Persona", "persona.tomas")
    keys.choose("Consent", "grant")
    keys.push("Filter")
    page.wait_for_url("**persona=persona.tomas**")
    rows = page.get_by_role("region", name="Receipts", exact=True).locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Tomás Figueira")
    keys.to(rows.locator("summary"))
    keys.press("Enter")
    expect(rows).to_contain_text(re.compile("[0-9a-f]{64}"))
    keys.open("Show all")
    page.wait_for_url(f"**{RECEIPTS}")


def test_it_reads_the_inbox(desk: Desk) -> None:
    page = desk.page_as("alice")
    keys = Typist(page, INBOX)
    unread = page.locator(".newsrow.is-unread")
    before = unread.count()
    assert before > 2
    keys.to(unread.first.get_by_role("button"))
    keys.press("Enter")
    expect(unread).to_have_count(before - 1)
    keys.open("Unread")
    expect(page.locator(".newsrow")).to_have_count(before - 1)
    keys.push("Mark all as read")
    expect(page.get_by_text("Nothing is unread")).to_be_visible()
    keys.open("All")
    expect(page.locator(".newsrow")).not_to_have_count(0)
    expect(unread).to_have_count(0)


def test_it_makes_and_revokes_a_token(desk: Desk) -> None:
    page = desk.page_as("alice")
    keys = Typist(page, "/admin/tokens/")
    own = page.locator(".tokenrow")
    before = own.count()
    keys.write("What is it for?", "weekly report")
    keys.choose("It expires after", "7")
    keys.push("Make it")
    expect(page.get_by_role("heading", name="The token “weekly report” is made")).to_be_visible()
    keys.push("Copy")
    expect(page.locator("#toasts")).to_contain_text(re.compile("Copied|Selected"))
    keys.open("Revoke… weekly report")
    keys.push("Revoke it")
    expect(said(page)).to_contain_text("The token is revoked")
    expect(own).to_have_count(before)


def test_it_keeps_preferences(desk: Desk) -> None:
    page = desk.page_as("bob", color_scheme="light")
    keys = Typist(page, "/admin/preferences/")
    keys.to(checked(page, "times"))
    keys.press("ArrowDown")
    expect(page.get_by_label("As the exact instant")).to_be_checked()
    keys.push("Keep")
    expect(said(page)).to_contain_text("Kept in this browser.")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    keys.to(checked(page, "scheme"))
    keys.press("ArrowDown", "ArrowDown")
    expect(page.get_by_label("Dark")).to_be_checked()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    keys.tick(page.get_by_label("Single keys do something"))
    page.goto(QUEUE)
    keys.press("j")
    assert page.evaluate("document.activeElement === document.body")
    # The button opens the help even so: it is where the keys are turned on again.
    keys.push("Keys and help")
    keys.tick(page.get_by_label("Single keys are on"))
    keys.press("Escape", "j")
    expect(page.locator("tr:has(th a:focus)")).to_have_count(1)


def checked(page: Page, name: str) -> Locator:
    """Where the Tab key enters a group of radio buttons."""
    return page.locator(f"input[name={name}]:checked")


def test_it_searches_the_decision_log(desk: Desk) -> None:
    page = desk.page_as("dana")
    keys = Typist(page, DECISIONS)
    keys.write("Who", "alice")
    keys.write("Action", "persona.")
    keys.choose("Outcome", "true")
    keys.push("Filter")
    page.wait_for_url("**actor=alice**")
    rows = page.locator(".decisions tbody tr")
    expect(rows).not_to_have_count(0)
    assert all("Alice" in text for text in rows.all_inner_texts())
    keys.to(rows.first.get_by_role("link"))
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Allowed")
    keys.open("Decision log")
    page.wait_for_url(f"**{DECISIONS}")
