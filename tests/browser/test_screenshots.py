"""Pictures of every page, in both schemes, narrow and wide; none is wider than its window."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NewPage
from tests.browser.desk import QUORUM, Desk, every_page, overflow
from tests.browser.memory import memory_pages
from tests.browser.states import every_state
from tests.browser.vibe import disagree, fill
from tests.conftest import StartServer

FOLDER = os.environ.get("ARW_SCREENSHOTS", "")
# Pictures live in the repository: only these are shown from top to bottom.
TALLEST = {320: 1200, 1440: 1000}
WHOLE = (
    *("review", "review-quorum", "persona-vibe", "persona-verified", "leases-share"),
    "lease-ask-share",
)
EXPECTED = ("status of 403", "status of 404")


@pytest.mark.screenshots
@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_its_window(
    start_server: StartServer, new_page: NewPage, scheme: str, width: int
) -> None:
    desk = Desk(start_server(env=QUORUM), new_page)
    fill(desk)
    disagree(desk)
    look = {"width": width, "color_scheme": scheme, "expect": EXPECTED}
    looking = {name: desk.page_as(name, **look) for name in desk.sessions}
    wide = []

    def see(page: Page, name: str) -> None:
        if overflow(page) > 0:
            wide.append(name)
        if FOLDER:
            take(page, Path(FOLDER) / f"{name}-{scheme}-{width}.png", whole=name in WHOLE)

    for name, (who, address) in {**every_page(desk), **memory_pages(desk)}.items():
        looking[who].goto(address)
        see(looking[who], name)
    for name, (who, reach) in every_state().items():
        reach(looking[who], desk)
        see(looking[who], name)
    assert wide == []


def take(page: Page, target: Path, *, whole: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    width: int = page.evaluate("innerWidth")
    height: int = page.evaluate("document.documentElement.scrollHeight")
    # What an open dialog dims is the window, not the whole page.
    dims = page.locator("dialog[open]").count() > 0
    window: int = page.evaluate("innerHeight")
    tallest = height if whole else window if dims else TALLEST[width]
    page.screenshot(
        path=target,
        full_page=not dims,
        clip={"x": 0, "y": 0, "width": width, "height": min(height, tallest)},
        # The caret is left alone: hiding it would take an inline style.
        caret="initial",
        animations="allow",
    )
