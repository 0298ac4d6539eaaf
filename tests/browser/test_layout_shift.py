"""Nothing on a page moves by itself while its scripts start. What streams is in `test_live_page`."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, INBOX, LEASES, LIVE, PROPOSE, QUEUE, TOMAS, Desk
from tests.browser.vibe import fill
from tests.services.server import RunningServer

SEEN = Path(__file__).resolve().parent.parent / "bench" / "pages_seen.js"
# The same entries once more, with the parts that they are about.
NAMES = """window.moved = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    for (const { node } of entry.sources) {
      const part = node instanceof Element ? node : node?.parentElement;
      window.moved.push(part ? `${part.localName}#${part.id}.${part.className}` : "gone");
    }
  }
}).observe({ type: "layout-shift", buffered: true });"""
BAR = 0.01
MOVED = "window.told().shift > 0 && [window.told().shift, ...window.moved]"
# Two frames after all that was loaded: what a script moves is drawn by then.
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


@pytest.fixture(scope="module")
def seeded(shared_server: RunningServer) -> Desk:
    return Desk(shared_server, None)


@pytest.fixture
def desk(seeded: Desk, new_page: NewPage) -> Desk:
    seeded.new_page = new_page
    return seeded


def test_it_moves_nothing_while_it_opens(desk: Desk) -> None:
    fill(desk)
    moved = {}
    for who, address in (
        *(("bob", one) for one in ("/admin/", QUEUE, desk.review("big"), LIVE, INBOX)),
        *(("dana", one) for one in (TOMAS, CONSENT, LEASES, "/admin/tokens/")),
        *(("alice", one) for one in (PROPOSE, desk.about("discussed", "revise"))),
    ):
        page = desk.page_as(who)
        page.add_init_script(path=SEEN)
        page.add_init_script(NAMES)
        page.goto(address, wait_until="load")
        expect(page.get_by_role("button", name="Keys and help")).to_be_visible()
        page.evaluate(DRAWN)
        seen = page.evaluate(MOVED)
        if seen and seen[0] >= BAR:
            moved[address] = seen
    assert moved == {}


def test_it_keeps_its_places_for_who_has_no_scripts(desk: Desk) -> None:
    page = desk.page_as("bob", java_script_enabled=False)
    page.goto(desk.review("big"))
    for hidden in (".help-open", ".reviewbar-walk"):
        assert not page.locator(hidden).is_visible()
    assert page.get_by_role("link", name="Decide", exact=True).is_visible()
