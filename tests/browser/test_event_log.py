"""The event log's page in a browser: an admin proves the log and takes its summary along."""

import json

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import EVENT_LOG, Desk
from tests.services.server import RunningServer


def test_it_proves_the_log_and_hands_out_its_summary(
    server: RunningServer, new_page: NewPage
) -> None:
    page = Desk(server, new_page).page_as("dana")
    page.goto("/admin/")
    page.get_by_role("link", name="Event log").click()
    expect(page.get_by_text("The chain holds")).to_be_visible()
    with page.expect_navigation():  # what it says is said before, too
        page.get_by_role("button", name="Verify again").click()
    expect(page.get_by_text("The chain holds")).to_be_visible()
    page.get_by_label("Range").select_option("24h")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSON").click()
    summary = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert summary["range"] == "24h"
    assert summary["events_considered"] > 0


def test_it_is_not_offered_to_others(server: RunningServer, new_page: NewPage) -> None:
    page = Desk(server, new_page).page_as("bob", expect=("status of 403",))
    page.goto("/admin/")
    expect(page.get_by_role("link", name="Event log")).to_have_count(0)
    answer = page.goto(EVENT_LOG)
    assert answer is not None
    assert answer.status == 403
