"""How long ago things were: right for as long as a page is open, in the words of the server."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from leases.relative_time import exact, relative
from tests.browser.conftest import NewPage
from tests.browser.desk import LIVE, PERSONA, QUEUE, Desk
from tests.services.server import RunningServer

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
MINUTE = 60_000
DAY = 86_400
# Around every border between two words, and on both sides of now.
AWAY = (0, 9, 10, 59, 60, 89, 90, 91, 149, 150, 151, 3569, 3570, 5399, 5400, 9000)
LONG = (9001, 12_600, 2 * DAY - 1, 2 * DAY, int(2.5 * DAY), int(3.5 * DAY), 400 * DAY)
LATE = 0.05  # seconds that starting the script may take
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift" });
"""
LISTEN = """() => {
  window.spoken = [];
  const watcher = new MutationObserver((list) => window.spoken.push(...list.map(one => one.target.id)));
  const what = { childList: true, characterData: true, subtree: true };
  for (const one of document.querySelectorAll("[aria-live], [role=status], [role=alert]"))
    watcher.observe(one, what);
}"""
# Moments at chosen distances from the instant of the next tick.
PLACE = """([offsets, instants]) => {
  const soon = Number(document.querySelector("[data-time-words]").dataset.now) + 60000;
  for (const offset of offsets) {
    const made = document.createElement("time");
    made.className = "placed";
    made.dateTime = new Date(soon + offset * 1000).toISOString();
    made.title = "2026-01-31 12:00:00 UTC";
    made.textContent = "as it was";
    if (instants) [made.title, made.textContent] = [made.textContent, made.title];
    document.querySelector("main, #content").append(made, " ");
  }
}"""


@pytest.fixture(scope="module")
def seeded(shared_server: RunningServer) -> Desk:
    return Desk(shared_server, None)


@pytest.fixture
def desk(seeded: Desk, new_page: NewPage) -> Desk:
    seeded.new_page = new_page
    return seeded


def opened(desk: Desk, address: str) -> Page:
    """A page whose time the test may let run."""
    page = desk.page_as("bob")
    page.add_init_script(SHIFTS)
    page.clock.install()
    page.goto(address, wait_until="load")
    return page


@pytest.mark.parametrize("instants", [False, True])
def test_it_has_the_words_of_the_server(desk: Desk, instants: bool) -> None:
    page = opened(desk, PERSONA)
    offsets = [way * away for way in (-1, 1) for away in (LATE + one for one in (*AWAY, *LONG))]
    page.evaluate(PLACE, [offsets, instants])
    page.clock.run_for(MINUTE + 1000)
    placed = page.locator(".placed")
    place, other = ("title", "textContent") if instants else ("textContent", "title")
    seen = placed.evaluate_all("(all, place) => all.map(one => one[place])", place)
    assert seen == [relative(NOON + timedelta(seconds=away), NOON) for away in offsets]
    kept = placed.evaluate_all("(all, place) => all.map(one => one[place])", other)
    assert set(kept) == {"2026-01-31 12:00:00 UTC"}


@pytest.mark.parametrize("address", ["/admin/", QUEUE, PERSONA])
def test_it_moves_on_and_nothing_else_does(desk: Desk, address: str) -> None:
    page = opened(desk, address)
    moments = page.locator("time[title]:not([data-countdown])")
    drawn = moments.all_inner_texts()
    titles = moments.evaluate_all("all => all.map(one => one.title)")
    assert any("ago" in one or one == "just now" for one in drawn)
    page.evaluate(LISTEN)
    page.clock.fast_forward(5_000)
    assert moments.all_inner_texts() == drawn  # as the server drew it, until a minute has gone
    page.clock.fast_forward(11 * MINUTE)
    assert moments.all_inner_texts() != drawn
    assert not any("second" in one or one == "just now" for one in moments.all_inner_texts())
    assert moments.evaluate_all("all => all.map(one => one.title)") == titles
    page.screenshot()  # a frame is drawn
    assert page.evaluate("window.shifted") < 0.01
    assert page.evaluate("window.spoken") == []


def test_it_moves_what_came_with_a_refresh(desk: Desk) -> None:
    page = opened(desk, QUEUE)
    page.locator("[data-refresh-page]").evaluate("part => htmx.trigger(part, 'desk:stale')")
    page.wait_for_load_state("networkidle")
    before = page.locator("#content time[title]").first.inner_text()
    page.clock.fast_forward(15 * MINUTE)
    expect(page.locator("#content time[title]").first).not_to_have_text(before)


def test_it_leaves_what_is_read_out_and_what_is_a_clock(desk: Desk) -> None:
    page = opened(desk, LIVE)
    page.evaluate(PLACE, [[-600], False])
    page.evaluate(
        """() => {
          const [spoken] = document.querySelectorAll(".placed");
          const clock = spoken.cloneNode(true);
          clock.className = "livetime";
          spoken.after(clock);
          document.getElementById("toasts").append(spoken);
        }"""
    )
    page.clock.fast_forward(2 * MINUTE)
    expect(page.locator(".placed")).to_have_text("as it was")
    expect(page.locator(".livetime")).to_have_text("as it was")


def test_it_shows_instants_as_logs_do() -> None:
    assert exact(NOON) == "2026-01-31 12:00:00 UTC"  # what the script tells instants by
