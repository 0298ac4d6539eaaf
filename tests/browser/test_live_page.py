"""The live page while much happens: nothing shifts, nothing piles up, and gaps are told in words."""

import json
import re
import sys
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from arw_site.desk.visible_text import visible
from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import LIVE, Desk
from tests.services.server import RunningServer

SHIFTS = """() => {
    window.shifts = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifts += entry.value;
    }).observe({type: "layout-shift"});
}"""

UNSEEN = """(around) => {
    const unseen = new RegExp(document.querySelector("[data-live]").dataset.unseen, "u");
    const found = [];
    for (let point = 0; point <= 0x10ffff; point += 1) {
        if (point >= 0xd800 && point <= 0xdfff) continue;
        if (unseen.test(around.replace("?", () => String.fromCodePoint(point)))) found.push(point);
    }
    return found;
}"""


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


class Wire:
    """The page's own socket to the server, on which the test may say more than the server does."""

    def __init__(self, page: Page) -> None:
        self.sockets: list[WebSocketRoute] = []
        self.number = 0
        page.route_web_socket(re.compile("/ws/events"), self.open)

    def open(self, socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        self.sockets.append(socket)

    def say(self, event: str, **payload: Any) -> None:
        self.number += 1
        data = {"time": "2026-01-31T12:00:00.000Z", "kind": event, "payload": payload}
        frame = {"id": f"elsewhere-{self.number}", "event": event, "data": data}
        self.sockets[-1].send(json.dumps(frame))


def opened(desk: Desk, address: str = LIVE, **options: Any) -> tuple[Page, Wire]:
    page = desk.page_as("bob", **options)
    wire = Wire(page)
    page.goto(address)
    expect(page.locator("[data-live-state]")).to_have_text("Connected")
    return page, wire


def rows(page: Page) -> Locator:
    return page.locator("[data-live-list] > li")


def test_it_shifts_nothing_and_keeps_no_more_than_it_can_show(desk: Desk) -> None:
    page, wire = opened(desk)
    wire.say("persona.updated", persona_id="persona.mara", version=2)
    expect(rows(page)).to_have_count(1)
    page.evaluate(SHIFTS)
    for number in range(700):
        wire.say("persona.feedback", persona_id="persona.tomas", signal="warm", number=number)
    expect(rows(page).last).to_contain_text("Feedback arrived.")
    expect(rows(page)).to_have_count(500)
    at_end = "one => one.scrollHeight - one.scrollTop - one.clientHeight < 30"
    assert page.locator(".livelog").evaluate(at_end)
    assert page.evaluate("window.shifts") == 0


def test_it_shows_all_that_an_event_says(desk: Desk) -> None:
    page, _ = opened(desk)
    headers = {"Authorization": f"Bearer {desk.server.tokens['dana']}"}
    made = httpx.post(
        f"{desk.server.base}/leases",
        json={"capability": "telemetry:persona:trial", "ttl_secs": 600},
        headers=headers,
        timeout=60,
    )
    event = rows(page).filter(has_text="A lease was granted.")
    expect(event.locator("time")).to_have_attribute("datetime", re.compile("Z$"))
    expect(event.locator("dd")).to_have_count(0)
    event.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(event.locator("dl")).to_contain_text("telemetry:persona:trial")
    expect(event.locator("dl")).to_contain_text(made.json()["id"])
    page.keyboard.press("Enter")
    expect(event.locator("dl")).to_be_hidden()


def test_it_hides_nothing_in_what_an_event_says(desk: Desk) -> None:
    page, wire = opened(desk)
    said = {"note": "\u202elive\u200b \U0001f468\u200d\U0001f469", "tag": "\U000e0041"}
    wire.say("persona.updated", persona_id="persona.mara", more=said)
    rows(page).locator("summary").click()
    shown = rows(page).locator("dd").filter(has_text="live")
    expect(shown).to_contain_text("\\u202elive\\u200b \U0001f468\u200d\U0001f469")
    expect(shown).to_contain_text("\\udb40\\udc41")
    assert json.loads(shown.inner_text()) == said


@pytest.mark.parametrize(
    "around", ["a?b", "?\n", "\u0645?\u0645", "?\u200d\u0645", "\u0645\u200c?"]
)
def test_it_finds_unseen_what_the_server_finds_unseen(desk: Desk, around: str) -> None:
    """Every character there is, in the place of the question mark."""
    page, _ = opened(desk)
    assert page.evaluate(UNSEEN, around) == [
        point
        for point in range(sys.maxunicode + 1)
        if not 0xD800 <= point <= 0xDFFF
        and visible(text := around.replace("?", chr(point))) != text
    ]


def test_it_names_what_is_not_seen_in_plain_words(desk: Desk) -> None:
    page, wire = opened(desk)
    said = "\u202elive\u200b \x1b\x07 \U000e0041 \U0001f468\u200d\U0001f469\r\nnext\tline"
    wire.say("persona.feedback", persona_id="persona.mara", signal="warm\u2066", note=said)
    expect(rows(page).locator(".tag")).to_have_text("warm‹U+2066›")
    rows(page).locator("summary").click()
    shown = rows(page).locator("dd").filter(has_text="live")
    assert shown.text_content() == (
        "‹U+202E›live‹U+200B› ‹U+001B›‹U+0007› ‹U+E0041› \U0001f468\u200d\U0001f469\r\nnext\tline"
    )


def test_it_keeps_filters_in_the_address(desk: Desk) -> None:
    page, wire = opened(desk)
    page.get_by_label("Topic").select_option("leases.")
    page.get_by_label("Persona", exact=True).select_option("persona.mara")
    expect(page).to_have_url(re.compile(r"\?topic=leases\.&persona=persona\.mara$"))
    page.get_by_label("Persona", exact=True).select_option("")
    page.reload()
    expect(page.locator("[data-live-state]")).to_have_text("Connected")
    expect(page.get_by_label("Topic")).to_have_value("leases.")
    wire.say("leases.created", capability="persona:manage")
    wire.say("persona.updated", persona_id="persona.mara")
    expect(rows(page)).to_have_count(2)
    expect(rows(page).locator("visible=true")).to_have_count(1)


def test_it_pauses_and_goes_to_the_end_by_keys(desk: Desk) -> None:
    page, wire = opened(desk)
    for _ in range(60):
        wire.say("policy.loaded", revision="a" * 8)
    expect(rows(page)).to_have_count(60)
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "true")
    wire.say("policy.loaded")
    wire.say("policy.loaded")
    expect(page.locator("[data-live-count]")).to_have_text("Paused: 2 wait")
    expect(rows(page)).to_have_count(60)
    page.keyboard.press("p")
    expect(rows(page)).to_have_count(62)
    page.locator(".livelog").evaluate("one => { one.scrollTop = 0; }")
    jump = page.locator("[data-live-jump]")
    expect(jump).to_be_hidden()
    # It says so only once it has noticed that the reader has left the end.
    expect(async_scroll(page)).to_be_attached()
    wire.say("policy.loaded")
    expect(jump).to_have_text("New below: 1")
    assert page.locator(".livelog").evaluate("one => one.scrollTop") == 0
    page.keyboard.press("e")
    expect(jump).to_be_hidden()
    page.keyboard.press("t")
    expect(page.get_by_label("Topic")).to_be_focused()


def async_scroll(page: Page) -> Locator:
    """The log, after two frames: a scroll is told to scripts with the next one."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.locator(".livelog")


def test_it_tells_gaps_and_degraded_service_in_words(desk: Desk) -> None:
    page, wire = opened(desk, bypass_csp=True)
    wire.say("service.gap", reason="outside_window")
    expect(rows(page).first).to_contain_text("Some events were missed here: they are gone")
    banner = page.locator("[data-live-banner]")
    expect(banner).to_contain_text("Some events were missed")
    wire.say("service.degraded", reason="redis")
    expect(banner).to_contain_text("cut off from its other nodes")
    assert axe_findings(page) == []
    wire.say("service.recovered", reason="redis")
    expect(banner).to_have_text("")
    expect(rows(page).last).to_contain_text("The nodes exchange events again.")
    page.get_by_label("Topic").select_option("leases.created")
    expect(rows(page).locator("visible=true")).to_have_count(3)


def test_it_offers_no_button_that_needs_a_script_to_who_has_none(desk: Desk) -> None:
    for scripts in (True, False):
        page = desk.page_as("bob", java_script_enabled=scripts)
        page.goto(LIVE)
        for button in (".theme-toggle", "[data-live-pause]"):
            expect(page.locator(button)).to_be_visible(visible=scripts)


@pytest.mark.parametrize(
    ("cookie", "shown"), [("relative", "9:00:00 PM GMT+9"), ("utc", "12:00:00 UTC")]
)
def test_it_names_the_zone_of_its_clock_in_the_language_of_the_page(
    desk: Desk, cookie: str, shown: str
) -> None:
    page = desk.page_as("bob", locale="de-DE", timezone_id="Asia/Tokyo")
    times = {"name": "arw_desk_times", "value": cookie, "url": desk.server.base}
    page.context.add_cookies([times])  # type: ignore[list-item]
    wire = Wire(page)
    page.goto(LIVE)
    expect(page.locator("[data-live-state]")).to_have_text("Connected")
    wire.say("persona.updated", persona_id="persona.mara", version=2)
    expect(rows(page).locator("time")).to_have_text(shown)
    expect(rows(page).locator("time")).to_have_attribute("datetime", "2026-01-31T12:00:00.000Z")
