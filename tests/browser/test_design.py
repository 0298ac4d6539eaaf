"""One look: the page that shows it, messages, help, tables, paper, and reading from the right."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, LEASES, PERSONA, PROPOSE, QUEUE, QUORUM, Desk, overflow
from tests.conftest import StartServer
from tests.services.server import RunningServer

DESIGN = "/admin/design/"
PROPOSALS = "/admin/personas/proposal/"
HISTORY = "/admin/personas/historyentry/"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_it_shows_every_component_with_its_contrast(
    server: RunningServer, new_page: NewPage
) -> None:
    page = Desk(server, new_page).page_as("dana")
    page.goto(DESIGN)
    parts = page.get_by_role("region", name="Components")
    for name in ("Badge", "Meter", "Diff row", "Timeline", "Empty state", "Toast", "Callout"):
        expect(parts.get_by_role("heading", name=name, exact=True)).to_be_visible()
    kinds = parts.locator(".change .change-label").all_inner_texts()
    assert set(kinds) == {"added", "removed", "changed", "moved"}
    expect(parts.get_by_role("meter", name="In the middle")).to_have_attribute("value", "0.5")
    pairs = page.get_by_role("region", name="Pairs").get_by_role("row")
    assert pairs.count() > 40
    expect(pairs.filter(has_text="enough")).to_have_count(pairs.count() - 1)
    expect(pairs.filter(has_text="too little")).to_have_count(0)


def test_it_says_messages_beside_the_page(server: RunningServer, new_page: NewPage) -> None:
    page = Desk(server, new_page).page_as("bob", reduced_motion="reduce")
    page.clock.install(time=NOON)
    page.goto(DESIGN)
    page.clock.pause_at(NOON + timedelta(hours=1))  # and goes on by what the test says alone
    said = page.locator("#toasts")
    expect(said).to_have_attribute("aria-live", "polite")
    raise_toast(page, "success")
    message = said.locator(".toast-success")
    expect(message).to_contain_text("Said beside the page")
    assert message.evaluate("one => getComputedStyle(one).animationName") == "none"
    expect(page.get_by_role("button", name="Raise: success")).to_be_focused()
    page.clock.run_for(7_000)
    expect(message).to_be_visible()
    message.hover()
    page.clock.run_for(60_000)
    expect(message).to_be_visible()
    page.mouse.move(2, 2)
    page.clock.run_for(9_000)
    expect(message).to_have_count(0)

    raise_toast(page, "error")
    page.clock.run_for(600_000)
    error = said.locator(".toast-error")
    expect(error).to_be_visible()
    error.get_by_role("button", name="Dismiss").click()
    expect(said.locator(".toast")).to_have_count(0)

    hold_and_dismiss_by_keyboard(page)
    show_what_the_server_sent(page)


def hold_and_dismiss_by_keyboard(page: Page) -> None:
    said = page.locator("#toasts")
    page.mouse.move(2, 2)
    for kind in ("info", "warning"):
        page.get_by_role("button", name=f"Raise: {kind}").press("Enter")
    first, second = (said.get_by_role("button", name="Dismiss").nth(at) for at in (0, 1))
    first.focus()
    page.clock.run_for(60_000)
    expect(said.locator(".toast-info")).to_be_visible()
    expect(said.locator(".toast-warning")).to_have_count(0)
    page.get_by_role("button", name="Raise: error").press("Enter")
    first.press("Escape")
    expect(said.locator(".toast")).to_have_count(1)
    first.press("Enter")
    expect(said.locator(".toast")).to_have_count(0)
    expect(second).to_have_count(0)
    expect(page.locator("#content-start")).to_be_focused()


def show_what_the_server_sent(page: Page) -> None:
    """What comes with a swapped part of the page is said the same way."""
    said = page.locator("#toasts")
    page.evaluate(
        """() => {
          const sent = document.createElement("p");
          Object.assign(sent.dataset, { toast: "warning" });
          sent.textContent = "Sent along";
          document.querySelector("main").append(sent);
          document.dispatchEvent(new CustomEvent("desk:refreshed"));
        }"""
    )
    expect(said.locator(".toast-warning")).to_contain_text("Sent along")
    expect(page.locator("main [data-toast]")).to_have_count(0)


def test_it_helps_on_every_page_and_skips_to_the_content(
    server: RunningServer, new_page: NewPage
) -> None:
    desk = Desk(server, new_page)
    page = desk.page_as("dana")
    help_dialog = page.get_by_role("dialog", name="Keys")
    for address in ("/admin/", QUEUE, desk.review("big"), HISTORY, "/admin/leases/user/add/"):
        page.goto(address)
        page.get_by_role("button", name="Keys and help").click()
        expect(help_dialog.get_by_text("This help")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Keys and help")).to_be_focused()
        page.keyboard.press("?")
        expect(help_dialog).to_be_visible()
        page.keyboard.press("Escape")
    page.goto(QUEUE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#content-start")).to_be_focused()


def test_it_searches_filters_and_sorts_tables(server: RunningServer, new_page: NewPage) -> None:
    desk = Desk(server, new_page)
    for width in (320, 1440):
        walk_a_table(desk.page_as("bob", width=width))


def walk_a_table(page: Page) -> None:
    """By mouse first, then by keyboard alone."""
    page.goto(PROPOSALS)
    filters = page.get_by_role("navigation", name="Filter")
    filters.get_by_role("link", name="Approved").click()
    rows = page.locator("#result_list tbody tr")
    expect(page.get_by_text("3 rows")).to_be_visible()
    expect(rows.locator(".status-approved")).to_have_count(3)
    expect(filters.get_by_role("link", name="Approved")).to_have_attribute("aria-current", "true")

    page.get_by_label("Search", exact=True).focus()
    page.keyboard.type("Tomás")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    assert "status=approved" in page.url
    page.get_by_label("Search", exact=True).fill("nobody is called that")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing fits")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Show all").last.press("Enter")
    expect(page.get_by_text("14 rows")).to_be_visible()

    page.get_by_role("columnheader", name="Created").get_by_role("link").press("Enter")
    column = page.get_by_role("columnheader", name="Created")
    expect(column).to_have_attribute("aria-sort", "ascending")
    shown = page.locator("#result_list .field-created_at time")
    expect(shown).to_have_count(14)
    times = [one.get_attribute("datetime") for one in shown.all()]
    assert times == sorted(times, key=str)
    assert overflow(page) == 0


def test_it_makes_cards_of_a_table_s_rows_where_there_is_no_room(
    server: RunningServer, new_page: NewPage
) -> None:
    desk = Desk(server, new_page)
    for address in (
        "/admin/personas/historyentry/",
        "/admin/policy/decisions/",
        "/admin/telemetry/consentreceipt/receipts/",
    ):
        page = desk.page_as("dana", width=320)
        page.goto(address)
        table = page.locator("table.cards").first
        assert table.evaluate("one => one.scrollWidth <= one.parentElement.clientWidth")
        cell = table.locator("td[data-label]").first
        label = cell.get_attribute("data-label")
        drawn = cell.evaluate("one => getComputedStyle(one, '::before').content")
        assert label
        assert drawn == f'"{label}"'
        page.set_viewport_size({"width": 1440, "height": 900})
        assert cell.evaluate("one => getComputedStyle(one, '::before').content") == "none"
        expect(table.get_by_role("columnheader").first).to_be_visible()
        page.close()


def test_it_shows_records_laid_out_and_offers_nothing_to_change(
    server: RunningServer, new_page: NewPage
) -> None:
    page = Desk(server, new_page).page_as("dana")
    page.goto(HISTORY)
    page.get_by_role("link", name="Mara Lindqvist, version 1").click()
    main = page.get_by_role("main")
    expect(main.locator("pre.json").first).to_contain_text('"path": "/id"')
    expect(main.locator("input:not([type=hidden]), textarea, select, button")).to_have_count(0)
    expect(main.locator("time").first).to_have_attribute("datetime", re.compile(r"Z$"))
    page.goto("/admin/telemetry/vibesample/")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def test_it_prints_what_was_decided_on(server: RunningServer, new_page: NewPage) -> None:
    desk = Desk(server, new_page)
    page = desk.page_as("bob", width=690)
    page.emulate_media(media="print")
    page.goto(desk.review("big"))
    for gone in ("navigation", "button"):
        expect(page.get_by_role(gone)).to_have_count(0)
    expect(page.locator("#decide .decide")).to_be_hidden()
    expect(page.locator("#q-decide")).to_be_hidden()
    expect(page.locator(".change")).to_have_count(7)
    assert page.locator(".change").evaluate_all(
        "rows => rows.every(row => getComputedStyle(row).breakInside === 'avoid')"
    )
    # What is moved whole to the next page lies over what follows it in a grid, and in blocks does not.
    holders = page.locator(".review, .question:visible, .changes, .panel, .effect").evaluate_all(
        "parts => [...new Set(parts.map(part => getComputedStyle(part).display))]"
    )
    assert holders == ["block"]
    for kept in ("What would change?", "What does it do?", "Why?"):
        expect(page.get_by_role("heading", name=kept)).to_be_visible()
    expect(page.get_by_text("Three people in the retrospective")).to_be_visible()
    beside = page.locator("time[title]").first.evaluate(
        "time => getComputedStyle(time, '::after').content.includes(time.title)"
    )
    assert beside
    expect(page.get_by_text("runs out")).to_be_visible()
    expect(page.locator(".standing-left .countdown")).to_be_hidden()  # a clock stands still there
    page.goto(PERSONA)
    for gone in ("button", "combobox", "textbox"):
        expect(page.get_by_role(gone)).to_have_count(0)
    expect(page.get_by_text("A runbook that was never rehearsed is a wish.").last).to_be_visible()
    assert overflow(page) == 0


def test_it_prints_the_approvals_of_what_still_waits(
    start_server: StartServer, new_page: NewPage
) -> None:
    desk = Desk(start_server(env=QUORUM), new_page)
    page = desk.page_as("bob", width=690)
    page.emulate_media(media="print")
    page.goto(desk.review("quorum"))
    expect(page.locator("#q-decide")).to_be_visible()
    expect(page.locator("#review-approvals")).to_be_visible()
    expect(page.locator("#decide .decide")).to_be_hidden()


def test_it_reads_from_right_to_left(start_server: StartServer, new_page: NewPage) -> None:
    desk = Desk(start_server(env={"DJANGO_SETTINGS_MODULE": "tests.hebrew"}), new_page)
    looking = {name: desk.page_as(name, width=1440, locale="he") for name in ("bob", "dana")}
    pages = {
        "/admin/": "bob",
        QUEUE: "bob",
        desk.review("big"): "bob",
        desk.review("conflict"): "bob",
        PERSONA: "dana",
        PROPOSE: "dana",
        CONSENT: "dana",
        LEASES: "dana",
        PROPOSALS: "bob",
        "/admin/leases/user/add/": "dana",
        DESIGN: "bob",
    }
    wide = []
    for address, who in pages.items():
        page = looking[who]
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert start_of(page, ".brand") > start_of(page, ".topnav") > start_of(page, "#user-tools")
        for width in (1440, 320):
            page.set_viewport_size({"width": width, "height": 900})
            if overflow(page) > 0:
                wide.append((address, width))
        page.set_viewport_size({"width": 1440, "height": 900})
    assert wide == []


def start_of(page: Page, part: str) -> float:
    box = page.locator(part).bounding_box()
    assert box
    return box["x"]


def raise_toast(page: Page, kind: str) -> None:
    page.get_by_role("button", name=f"Raise: {kind}").click()
