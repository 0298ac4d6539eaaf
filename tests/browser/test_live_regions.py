"""The live parts of further pages: switches, receipts, inbox, home, persona; and answers that fail."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, INBOX, PERSONA, QUEUE, Desk
from tests.browser.test_live_updates import NO, SAID, STATE, api, opened, propose, row, stays
from tests.services.server import RunningServer

MARA = "/admin/persona/persona.mara/telemetry"
TOMAS = "/admin/persona/persona.tomas/telemetry"


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


# News of rejections that is slower than all other, until it is let go.
SLOW = """window.held = [];
const Source = window.EventSource;
window.EventSource = class extends Source {
  addEventListener(topic, told) {
    const late = (event) => window.held.push(() => told(event));
    super.addEventListener(topic, topic === "persona.proposal.rejected" ? late : told);
  }
};"""


def switch(page: Page, persona: str) -> Any:
    return page.locator(f"[id='switch-{persona}']")


def test_it_moves_switches_and_keeps_what_is_chosen(desk: Desk) -> None:
    page = opened(desk, "dana", CONSENT)
    page.get_by_role("checkbox", name="Choose Ilse Brandt").check()
    search = page.get_by_label("Name or id")
    search.focus()
    page.keyboard.type("mar")
    api(desk, "dana", MARA, {"enabled": True, "scope": "workspace"})
    expect(switch(page, "persona.mara")).to_contain_text("Telemetry on")
    expect(page.locator(SAID)).to_have_text("Consent was changed.")
    expect(page.locator("#telemetry-receipts tbody tr").first).to_contain_text("Mara Lindqvist")
    expect(search).to_be_focused()
    page.keyboard.type("a")
    expect(search).to_have_value("mara")
    expect(page.get_by_role("checkbox", name="Choose Ilse Brandt")).to_be_checked()
    expect(page.locator("[data-bulk-count]")).to_have_text("1 chosen")
    expect(switch(page, "persona.ilse")).to_contain_text("Telemetry off")
    assert stays(page)
    page.get_by_role("button", name="Turn off for Mara Lindqvist").click()
    expect(page.locator(".notices")).to_contain_text("Telemetry of Mara Lindqvist is off.")


def test_it_keeps_the_focus_where_a_button_was(desk: Desk) -> None:
    page = opened(desk, "dana", CONSENT)
    off = page.get_by_role("button", name="Turn off for Tomás")
    off.focus()
    api(desk, "dana", TOMAS, {"enabled": False})
    expect(switch(page, "persona.tomas")).to_contain_text("Telemetry off")
    assert page.evaluate("document.activeElement.closest('#telemetry-switches') !== null")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#telemetry-switches') !== null")
    assert stays(page)


def test_it_marks_a_switch_that_the_filter_no_longer_fits(desk: Desk) -> None:
    page = opened(desk, "dana", f"{CONSENT}?state=on")
    switch(page, "persona.tomas").hover()
    api(desk, "dana", TOMAS, {"enabled": False})
    expect(switch(page, "persona.tomas")).to_contain_text("changed just now")
    expect(page.get_by_text("No switch fits the filter")).to_be_visible()


def test_it_says_what_became_of_a_row_even_when_the_news_comes_late(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.add_init_script(SLOW)
    with page.expect_response(lambda answer: "/events?" in answer.url):
        page.goto(QUEUE)
    small = desk.proposals["small"]
    api(desk, "bob", f"/admin/persona/proposals/{small}/reject", NO)
    made = propose(desk, "Keeper of the index")
    expect(row(page, small)).to_contain_text("no longer here")
    expect(row(page, made)).to_be_visible()
    page.wait_for_function("() => window.held.length === 1")
    page.evaluate("window.held[0]()")
    expect(row(page, small)).to_contain_text("rejected just now")
    expect(row(page, small)).not_to_contain_text("no longer here")
    expect(row(page, made).locator("[data-gone-mark]")).to_have_count(0)


def test_it_adds_news_to_the_inbox_and_keeps_the_focus(desk: Desk) -> None:
    page = opened(desk, "alice", INBOX)
    rows = page.locator(".newsrow")
    before = rows.count()
    mark = page.get_by_role("button", name="Mark as read").nth(0)
    mark.focus()
    mark.evaluate("one => { one.was = 'focused'; }")
    path = f"/admin/persona/proposals/{desk.proposals['small']}/comments"
    api(desk, "bob", path, {"text": "Why?"})
    expect(rows).to_have_count(before + 1)
    expect(rows.first).to_contain_text("has a new comment")
    assert page.evaluate("document.activeElement.was") == "focused"
    assert stays(page)
    page.keyboard.press("Enter")
    expect(page.locator(".newsrow.is-unread")).to_have_count(before)


def test_it_keeps_the_focus_on_a_ticket_of_the_home_page(desk: Desk) -> None:
    page = opened(desk, "bob", "/admin/")
    ticket = page.locator(f"#home-tickets [id='proposal-{desk.proposals['small']}'] a")
    ticket.focus()
    api(desk, "dana", f"/admin/persona/proposals/{desk.proposals['big']}/reject", NO)
    gone = page.locator(f"[id='proposal-{desk.proposals['big']}']")
    expect(gone).to_contain_text("rejected just now")
    expect(ticket).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{desk.review('small')}")


def test_it_keeps_the_focus_and_what_is_open_on_the_persona_page(desk: Desk) -> None:
    page = opened(desk, "bob", PERSONA)
    summary = page.locator("#persona-record summary").first
    summary.focus()
    page.keyboard.press("Enter")
    was_open = page.locator("#persona-record details").first.evaluate("one => one.open")
    api(desk, "dana", f"/admin/persona/proposals/{desk.proposals['small']}/approve", {})
    expect(page.locator("#persona-version")).to_contain_text("version 2")
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    still = page.locator("#persona-record details").first.evaluate("one => one.open")
    assert still is not was_open
    assert stays(page)


def test_it_survives_an_answer_that_fails(desk: Desk) -> None:
    page = opened(desk, "bob", QUEUE, expect=("status of 500",))
    failed: list[str] = []

    def fail(route: Route) -> None:
        if not route.request.headers.get("x-desk-refresh") or failed:
            route.continue_()
            return
        failed.append(route.request.url)
        body = '<div id="queue-list" hx-swap-oob="morph">Broken</div>'
        route.fulfill(status=500, content_type="text/html", body=body)

    page.route("**/queue/", fail)
    with page.expect_response(lambda answer: answer.status == 500):
        first = propose(desk, "Keeper of the index")
    second = propose(desk, "Keeper of the coast")
    expect(row(page, first)).to_be_visible()
    expect(row(page, second)).to_be_visible()
    expect(page.get_by_text("Broken")).to_have_count(0)
    expect(page.locator(STATE)).to_be_hidden()
    assert len(failed) == 1
    assert stays(page)


def test_it_says_that_the_session_is_over_when_it_may_not_look(desk: Desk) -> None:
    page = opened(desk, "bob", QUEUE, expect=("status of 403",))
    page.route(
        "**/queue/",
        lambda route: route.fulfill(status=403, content_type="text/html", body="No."),
    )
    made = propose(desk, "Keeper of the index")
    expect(page.locator(STATE)).to_have_text("You are signed out: reload to go on")
    expect(page.locator("#queue-body tr")).to_have_count(9)
    expect(row(page, made)).to_have_count(0)


def test_it_swaps_under_a_strict_policy_and_keeps_no_history(desk: Desk) -> None:
    page = opened(desk, "bob", QUEUE)
    settings = page.evaluate(
        "[htmx.config.allowEval, htmx.config.includeIndicatorStyles, htmx.config.selfRequestsOnly,"
        " htmx.config.historyEnabled, htmx.config.historyCacheSize, htmx.config.allowScriptTags]"
    )
    assert settings == [False, False, True, False, 0, False]
    made = propose(desk, "Keeper of the index")
    expect(row(page, made)).to_be_visible()
    kept = page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))")
    assert not [key for key in kept if key == "htmx-history-cache"]
    assert page.locator("style").count() == 0
