"""Memory on the desk in Chromium: evidence of a suggestion, one click to what was remembered."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import Desk, overflow
from tests.browser.memory import memory_pages, recall
from tests.services.server import RunningServer

FOLDER = os.environ.get("ARW_SCREENSHOTS", "")


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def test_it_shows_evidence_and_opens_it_by_one_click(desk: Desk) -> None:
    made = recall(desk)
    page = desk.page_as("erin")
    page.goto(made["review"])
    evidence = page.locator("#evidence")
    tides = evidence.locator(".evidence-group").filter(has_text="Tide tables").first
    expect(tides.locator(".evidence-card")).to_have_count(2)
    expect(tides).to_contain_text("#safety")
    expect(tides).to_contain_text(re.compile("actor:[0-9a-f]{16}"))
    goes = evidence.locator(".evidence-group").filter(has_text="gulls")
    expect(goes).to_contain_text("belief goes")
    expect(goes).to_contain_text("Erased. Only the id is left.")
    expect(page.get_by_role("button", name="Approve…")).to_be_enabled()
    cited = tides.locator(".evidence-card").filter(has_text="#safety")
    cited.get_by_role("link", name="Open the memory").click()
    expect(page.get_by_role("heading", name="What was remembered")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Nora Vale")


def test_it_cannot_be_approved_once_its_evidence_is_gone(desk: Desk) -> None:
    made = recall(desk)
    page = desk.page_as("erin")
    page.goto(made["gone"])
    expect(page.get_by_role("button", name="Approve…")).to_be_disabled()
    expect(page.locator("#approve-off")).to_contain_text("no longer shared: suggest anew")


def test_it_suggests_from_memory_without_javascript(desk: Desk) -> None:
    made = recall(desk)
    page = desk.page_as("alice", java_script_enabled=False)
    page.goto(made["olaf"])
    expect(page.locator("#persona-card")).to_contain_text("Rests only on memory")
    page.get_by_role("button", name="Suggest from memory").click()
    page.wait_for_url("**/review/")
    expect(page.locator(".rationale")).to_contain_text("to retire")
    expect(page.locator("main")).to_contain_text("Memory bridge")


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable(desk: Desk, scheme: str, width: int) -> None:
    look = {"width": width, "color_scheme": scheme, "bypass_csp": True}
    faults: dict[str, object] = {}
    pages = {name: desk.page_as(name, **look) for name in ("alice", "bob", "erin")}
    for name, (who, address) in memory_pages(desk).items():
        page = pages[who]
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found = axe_findings(page)
        if found or overflow(page) > 0:
            faults[name] = found or f"{overflow(page)} pixels too wide"
        if FOLDER:
            target = Path(FOLDER) / f"{name}-{scheme}-{width}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target, full_page=True)
    assert faults == {}
