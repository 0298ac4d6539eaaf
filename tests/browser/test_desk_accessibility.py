"""axe-core finds nothing on any page of the desk, in both schemes, at 320 and at 1440 pixels."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import QUORUM, Desk, every_page, overflow
from tests.browser.memory import memory_pages
from tests.browser.states import every_state
from tests.browser.vibe import disagree, fill
from tests.conftest import StartServer
from tests.services.server import RunningServer

EXPECTED = ("status of 403", "status of 404")


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_finds_nothing(
    start_server: StartServer, new_page: NewPage, scheme: str, width: int
) -> None:
    desk = Desk(start_server(env=QUORUM), new_page)
    fill(desk)
    disagree(desk)
    # axe writes style attributes to measure with, which the policy would report as breaches.
    look = {"width": width, "color_scheme": scheme, "bypass_csp": True, "expect": EXPECTED}
    looking = {name: desk.page_as(name, **look) for name in desk.sessions}
    found = {}
    for name, (who, address) in {**every_page(desk), **memory_pages(desk)}.items():
        looking[who].goto(address)
        found[name] = findings(looking[who])
    for name, (who, reach) in every_state().items():
        reach(looking[who], desk)
        found[name] = findings(looking[who])
    assert {name: broken for name, broken in found.items() if broken} == {}


def findings(page: Page) -> list[str]:
    return [*axe_findings(page), *(["overflow"] if overflow(page) > 0 else [])]


def test_it_finds_nothing_in_open_confirmations(server: RunningServer, new_page: NewPage) -> None:
    desk = Desk(server, new_page)
    page = desk.page_as("bob", bypass_csp=True)
    page.goto(desk.review("big"))
    for key in ("a", "r", "?"):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_have_count(1)
        assert axe_findings(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
