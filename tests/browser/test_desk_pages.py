"""Proposing, consent, live and sign-in in Chromium; strangers are refused."""

import re
from threading import Event

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, LIVE, PERSONA, PROPOSE, QUEUE, Desk, notices
from tests.services.server import RunningServer


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def test_it_proposes_after_a_preview(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(PERSONA)
    page.get_by_role("link", name="Propose a change").click()
    page.get_by_role("tab", name="Patch").click()
    page.get_by_label("Change, as JSON").fill('{"archetype": "Quiet mentor"}')
    page.get_by_label("Why?").fill("She is one.")
    expect(page.get_by_role("heading", name="Preview: 1 changed")).to_be_visible()
    expect(page.locator("ins")).to_have_text("Quiet mentor")
    page.get_by_role("button", name="Submit the proposal").click()
    page.wait_for_url(re.compile("/review/$"))
    expect(notices(page)).to_contain_text("Proposed.")
    expect(page.locator("blockquote")).to_have_text("She is one.")


@pytest.mark.parametrize(
    ("typed", "pointer"),
    [
        ('{"name": "A", "name": "B"}', "/name"),
        ('[{"op": "replace", "path": "/id", "value": "x"}]', "/0/path"),
        ("{", ""),
        ('{"name": "Mara Lindqvist"}', ""),
    ],
)
def test_it_names_each_fault_and_loses_no_input(desk: Desk, typed: str, pointer: str) -> None:
    page = desk.page_as("alice")
    page.goto(PROPOSE)
    page.get_by_role("tab", name="Patch").click()
    page.get_by_label("Change, as JSON").fill(typed)
    page.get_by_label("Why?").fill("A long thought.")
    page.get_by_role("button", name="Submit the proposal").click()
    expect(page.locator("#diff-error li")).not_to_have_count(0)
    expect(page.locator("#diff-error")).to_contain_text(pointer)
    expect(page.get_by_label("Change, as JSON")).to_have_value(typed)
    expect(page.get_by_label("Why?")).to_have_value("A long thought.")


def test_it_turns_consent_on_by_two_steps_and_off_by_one(desk: Desk) -> None:
    page = desk.page_as("dana", expect=("status of 400",))
    page.goto(CONSENT)
    page.get_by_role("link", name="Turn on… for Mara Lindqvist").click()
    expect(page.get_by_text("What is collected")).to_be_visible()
    page.get_by_role("button", name="Turn telemetry on").click()
    expect(page.get_by_role("alert")).to_have_text("Confirm that the notice was read.")
    page.get_by_label("I have read the notice").check()
    page.get_by_role("button", name="Turn telemetry on").click()
    expect(notices(page)).to_have_text("Telemetry of Mara Lindqvist is on.")
    page.get_by_role("button", name="Turn off for Mara Lindqvist").click()
    expect(notices(page)).to_have_text("Telemetry of Mara Lindqvist is off.")
    rows = page.get_by_role("region", name="Newest receipts").locator("tbody tr")
    receipts = rows.filter(has_text="Mara Lindqvist")
    expect(receipts).to_have_count(2)
    expect(receipts.first).to_contain_text("withdrawn")


def test_it_shows_events_as_they_happen(desk: Desk) -> None:
    watcher, actor = desk.page_as("bob"), desk.page_as("dana")
    watcher.goto(LIVE)
    expect(watcher.locator("[data-live-state]")).to_have_text("Connected")
    actor.goto(CONSENT)
    actor.get_by_role("button", name="Turn off for Tomás Figueira").click()
    events = watcher.locator("[data-live-list] > li")
    expect(events.filter(has_text="persona.telemetry.updated")).to_have_count(1)
    expect(events.filter(has_text="persona.updated")).to_have_count(1)
    watcher.get_by_label("Topic").select_option("persona.telemetry.updated")
    expect(events.locator("visible=true").filter(has_text="persona.updated")).to_have_count(0)
    watcher.get_by_label("Topic").select_option("")
    watcher.get_by_label("Persona", exact=True).select_option("persona.mara")
    expect(events.locator("visible=true").filter(has_text="updated")).to_have_count(0)


def test_it_holds_events_back_while_paused(desk: Desk) -> None:
    watcher, actor = desk.page_as("bob"), desk.page_as("dana")
    watcher.goto(LIVE)
    expect(watcher.locator("[data-live-state]")).to_have_text("Connected")
    pause = watcher.get_by_role("button", name="Pause")
    pause.focus()
    watcher.keyboard.press("Space")
    expect(pause).to_have_attribute("aria-pressed", "true")
    actor.goto(CONSENT)
    actor.get_by_role("button", name="Turn off for Tomás Figueira").click()
    expect(watcher.locator("[data-live-count]")).to_have_text("Paused: 2 wait")
    expect(watcher.locator("[data-live-list] > li")).to_have_count(0)
    watcher.keyboard.press("Space")
    events = watcher.locator("[data-live-list] > li")
    expect(events.filter(has_text="persona.updated")).to_have_count(1)


def test_it_catches_up_after_a_lost_connection(desk: Desk) -> None:
    watcher, actor = desk.page_as("bob"), desk.page_as("dana")
    sockets: list[WebSocketRoute] = []
    cut = Event()

    def between(socket: WebSocketRoute) -> None:
        if cut.is_set():
            socket.close()
            return
        socket.connect_to_server()
        sockets.append(socket)

    watcher.route_web_socket(re.compile("/ws/events"), between)
    watcher.goto(LIVE)
    expect(watcher.locator("[data-live-state]")).to_have_text("Connected")
    events = watcher.locator("[data-live-list] > li").filter(has_text="persona.telemetry.updated")
    actor.goto(CONSENT)
    actor.get_by_role("button", name="Turn off for Tomás Figueira").click()
    expect(events).to_have_count(1)
    cut.set()  # until it was seen, however soon the page tries again
    sockets[0].close()
    expect(watcher.locator("[data-live-state]")).to_have_text("Connection lost, trying again")
    actor.get_by_role("link", name="Turn on… for Tomás Figueira").click()
    actor.get_by_label("I have read the notice").check()
    actor.get_by_role("button", name="Turn telemetry on").click()
    cut.clear()
    expect(watcher.locator("[data-live-state]")).to_have_text("Connected")
    expect(events).to_have_count(2)
    assert "after=" in sockets[-1].url


def test_it_says_that_live_needs_javascript(desk: Desk) -> None:
    page = desk.page_as("bob", java_script_enabled=False)
    page.goto(LIVE)
    assert "needs JavaScript" in page.locator("noscript").inner_text()


def test_it_keeps_filters_in_the_address(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(QUEUE)
    page.get_by_label("Persona", exact=True).select_option("persona.tomas")
    page.get_by_label("Status").select_option("all")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**?status=all&persona=persona.tomas&who=")
    rows = page.locator("table.queue tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="approved")).to_have_count(1)


@pytest.mark.parametrize("address", ["/admin/", QUEUE, PROPOSE, PERSONA, CONSENT, LIVE])
def test_it_turns_strangers_away(desk: Desk, address: str) -> None:
    page = desk.page_as("charlie", expect=("status of 403",))
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading")).to_have_text("You have no role here yet")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()


def test_it_switches_the_scheme(desk: Desk) -> None:
    page = desk.page_as("bob", color_scheme="light")
    page.goto("/admin/")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_role("button", name=re.compile("Toggle theme")).click()
    assert page.evaluate(paper) != light
    page.reload()
    assert page.evaluate(paper) != light
