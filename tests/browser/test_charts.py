"""The charts of a persona in Chromium: drawn, read by keyboard, and the table one key away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import TOMAS, Desk, overflow
from tests.browser.vibe import fill, lend
from tests.services.server import RunningServer

NAMES = ("strength", "band", "volume", "bias")
# How many of the canvas' pixels are not transparent, and the colour that most of those have.
DRAWN = """
figure => {
  const canvas = figure.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Map();
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] < 200) continue;
    const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
    colours.set(colour, (colours.get(colour) ?? 0) + 1);
  }
  return [...colours].sort((a, b) => b[1] - a[1]).slice(0, 3);
}
"""
SHIFT = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""

# Every text that is drawn: how far it reaches beyond the canvas on the left (< 0) and right (> 0).
DRAWN_TEXTS = """
window.drawnTexts = [];
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...more) {
  const { actualBoundingBoxLeft: left, actualBoundingBoxRight: right } = this.measureText(text);
  const flat = Math.abs(this.getTransform().b) < 0.01;
  if (flat) window.drawnTexts.push([text, x - left, x + right - this.canvas.width]);
  return write.call(this, text, x, y, ...more);
};
"""


@pytest.fixture(scope="module")
def filled() -> list[Desk]:
    """The one desk that these tests look at: none of them changes anything."""
    return []


@pytest.fixture
def desk(filled: list[Desk], shared_server: RunningServer, new_page: NewPage) -> Desk:
    if not filled:
        filled.append(Desk(shared_server, new_page))
        fill(filled[0])
    filled[0].new_page = new_page
    return filled[0]


def chart(page: Page, name: str) -> Locator:
    return page.locator(f"#chart-{name}")


def plot(page: Page, name: str) -> Locator:
    return chart(page, name).get_by_role("slider")


def rows(page: Page, name: str) -> list[str]:
    """The table's rows as the readout writes them."""
    texts: list[str] = chart(page, name).evaluate(
        """figure => [...figure.querySelectorAll("tbody tr")].map((row) => {
          const heads = [...figure.querySelectorAll("thead th")];
          const parts = [...row.cells].slice(1).flatMap((cell, at) =>
            "value" in cell.dataset ? [[heads[at + 1].textContent, cell.textContent]] : []);
          const single = figure.querySelectorAll("thead th[data-series]:not([data-series='0'])");
          const said = parts.map(([head, text]) => single.length > 1 ? `${head} ${text}` : text);
          return `${row.cells[0].textContent.trim()}: ${said.join(", ")}`;
        })"""
    )
    return texts


def test_it_draws_every_chart_and_says_what_it_shows(desk: Desk) -> None:
    page = desk.page_as("dana", color_scheme="light")
    page.goto(TOMAS)
    for name in NAMES:
        expect(plot(page, name).locator("canvas")).to_be_visible()
        expect(chart(page, name).locator(".chart-summary")).not_to_be_empty()
        assert len(chart(page, name).evaluate(DRAWN)) == 3
    expect(chart(page, "strength").locator(".chart-legend li")).to_have_count(6)
    expect(chart(page, "bias")).to_contain_text("Leans the most")
    light = chart(page, "band").evaluate(DRAWN)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    # Drawn anew with one of the next frames.
    page.wait_for_function(
        f"light => JSON.stringify(({DRAWN})(document.querySelector('#chart-band'))) !== light",
        arg=page.evaluate("JSON.stringify", light),
    )
    expect(plot(page, "band").locator("canvas")).to_be_visible()
    follows_the_pointer(page)


def test_it_is_read_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page_as("dana")
    page.goto(TOMAS)
    reads_by_arrow_keys(page)
    turns_into_its_table_and_back(page)


def reads_by_arrow_keys(page: Page) -> None:
    for name in NAMES:
        lines, slider = rows(page, name), plot(page, name)
        readout = chart(page, name).locator("[data-chart-readout]")
        slider.focus()
        for key, at in (("End", -1), ("ArrowLeft", -2), ("Home", 0), ("ArrowLeft", 0)):
            page.keyboard.press(key)
            expect(slider).to_have_attribute("aria-valuetext", lines[at])
            expect(readout).to_have_text(lines[at])
        page.keyboard.press("ArrowRight")
        expect(slider).to_have_attribute("aria-valuenow", "1")
        expect(slider).to_have_attribute("aria-valuemax", str(len(lines) - 1))
        expect(slider).to_be_focused()


def turns_into_its_table_and_back(page: Page) -> None:
    band, volume = chart(page, "band"), chart(page, "volume")
    expect(band.get_by_role("table")).to_be_hidden()
    plot(page, "band").focus()
    page.keyboard.press("t")
    expect(band.get_by_role("table")).to_be_visible()
    expect(band.locator("[data-chart-table]")).to_be_focused()
    expect(plot(page, "band")).to_be_hidden()
    expect(volume.get_by_role("table")).to_be_hidden()
    page.keyboard.press("t")
    expect(plot(page, "band")).to_be_focused()
    band.get_by_role("button", name="As a table Sentiment band").click()
    expect(band.get_by_role("table")).to_be_visible()
    band.get_by_role("button", name="As a chart Sentiment band").click()
    expect(plot(page, "band").locator("canvas")).to_be_visible()
    page.get_by_role("link", name="Propose a change").focus()
    page.keyboard.press("t")
    for name in NAMES:
        expect(chart(page, name).get_by_role("table")).to_be_visible()
    page.get_by_label("Note").fill("a t and another t")
    expect(volume.get_by_role("table")).to_be_visible()


def follows_the_pointer(page: Page) -> None:
    canvas = plot(page, "volume").locator(".u-over")
    canvas.scroll_into_view_if_needed()
    canvas.hover(position={"x": 4, "y": 20})
    readout = chart(page, "volume").locator("[data-chart-readout]")
    expect(readout).to_have_text(rows(page, "volume")[0])


def test_it_keeps_its_room_and_fits_every_width(desk: Desk) -> None:
    page = desk.page_as("dana", width=1280)
    page.add_init_script(SHIFT)
    page.goto(TOMAS)
    expect(plot(page, "bias").locator("canvas")).to_be_visible()
    assert page.evaluate("window.shifted") < 0.05
    page.set_viewport_size({"width": 320, "height": 800})
    for name in NAMES:
        page.wait_for_function(
            "name => { const plot = document.querySelector(`#chart-${name} [data-chart-plot]`);"
            " return plot.querySelector('.uplot').clientWidth <= plot.clientWidth; }",
            arg=name,
        )
    assert overflow(page) <= 0
    is_a_table_without_javascript(desk)


def is_a_table_without_javascript(desk: Desk) -> None:
    page = desk.page_as("dana", java_script_enabled=False)
    page.goto(TOMAS)
    for name in NAMES:
        expect(chart(page, name).locator("table")).to_be_visible()
        expect(chart(page, name).locator(".chart-stage")).to_be_hidden()
        expect(chart(page, name).locator("button")).to_be_hidden()


def test_it_is_accessible_as_a_table_too(desk: Desk) -> None:
    for scheme in ("light", "dark"):
        page = desk.page_as("dana", width=320, color_scheme=scheme, bypass_csp=True)
        page.goto(TOMAS)
        assert axe_findings(page) == []
        page.keyboard.press("t")
        expect(chart(page, "band").get_by_role("table")).to_be_visible()
        assert axe_findings(page) == []


def test_it_says_why_there_is_no_chart(server: RunningServer, new_page: NewPage) -> None:
    desk = Desk(server, new_page)
    dana, alice = desk.page_as("dana"), desk.page_as("alice")
    dana.goto("/admin/personas/persona/persona.mara/page/")
    vibe = dana.locator("#persona-vibe")
    expect(vibe).to_contain_text("Telemetry is off for this persona")
    expect(vibe.get_by_role("link", name="Turn telemetry on…")).to_be_visible()
    assert dana.locator("script[src*='uPlot']").count() == 0
    dana.goto(TOMAS)
    expect(vibe.get_by_role("link", name="Grant it")).to_be_visible()
    alice.goto(TOMAS)
    expect(alice.locator("#persona-vibe").get_by_role("link", name="Ask for it")).to_be_visible()
    assert alice.locator("[data-chart]").count() == 0
    lend(desk)
    alice.reload()
    expect(alice.locator("[data-chart]")).to_have_count(3)  # nothing leans: no bias


def test_it_says_whose_clock_it_goes_by(desk: Desk) -> None:
    page = desk.page_as("dana", locale="en-GB", timezone_id="Asia/Tokyo")
    page.add_init_script(DRAWN_TEXTS)
    page.goto(TOMAS)
    for name in ("strength", "band", "volume"):
        expect(chart(page, name).locator(".chart-head")).to_contain_text("Times are in UTC.")
        expect(plot(page, name).locator("canvas")).to_be_visible()
        for said in rows(page, name):
            assert re.match(r"[A-Z][a-z]{2} \d{1,2}, \d\d:\d\d: ", said)
    expect(chart(page, "bias").locator(".chart-head")).not_to_contain_text("UTC")
    drawn = page.evaluate("window.drawnTexts")
    assert any(
        re.fullmatch(r"[A-Z][a-z]{2} \d{1,2}|\d\d:\d\d", text) for text, _left, _right in drawn
    )
    assert [one for one in drawn if one[1] < 0 or one[2] > 0] == []
