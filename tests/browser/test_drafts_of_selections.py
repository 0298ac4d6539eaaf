"""What was typed about some things does not come back for others that the same address asks about."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, KILL_SWITCH, Desk
from tests.browser.test_drafts import BACK, kept
from tests.browser.vibe import lend
from tests.services.server import RunningServer

REVOKE = "/admin/leases/lease/revoke/"
MARA, ILSE, DRAFT = "persona.mara", "persona.ilse", "persona.draft"


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def open_bulk(page: Page, *personas: str, to: str = "on") -> None:
    chosen = [("to", to), *(("persona", one) for one in personas)]
    page.goto(f"{CONSENT}bulk/?{urlencode(chosen)}")
    page.wait_for_load_state()


def test_it_brings_a_scope_back_for_the_same_selection_alone(desk: Desk) -> None:
    page = desk.page_as("dana")
    scope = page.get_by_label("One scope for all of them")
    open_bulk(page, MARA, ILSE)
    scope.fill("agent")
    for others in ((MARA,), (MARA, ILSE, DRAFT), (MARA, DRAFT)):
        open_bulk(page, *others)
        expect(scope).to_have_value("")
        expect(page.get_by_text(BACK)).to_have_count(0)
    open_bulk(page, MARA, ILSE, to="off")
    expect(page.get_by_text(BACK)).to_have_count(0)
    open_bulk(page, ILSE, MARA)
    expect(scope).to_have_value("agent")
    expect(page.get_by_text(BACK)).to_be_visible()
    page.get_by_role("button", name="Discard it").click()
    expect(scope).to_have_value("")
    assert kept(page) == []


def test_it_forgets_the_scope_that_was_taken_and_keeps_that_of_others(desk: Desk) -> None:
    page = desk.page_as("dana")
    scope = page.get_by_label("One scope for all of them")
    open_bulk(page, MARA)
    scope.fill("mara")
    open_bulk(page, ILSE)
    scope.fill("ilse")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Turn telemetry on for 1 persona").click()
    expect(page.locator(".notices")).to_have_text("Telemetry of 1 persona is on.")
    assert len(kept(page)) == 1
    open_bulk(page, MARA)
    expect(scope).to_have_value("mara")


def test_it_brings_a_reason_back_for_what_it_was_typed_about(desk: Desk) -> None:
    lend(desk)
    page = desk.page_as("dana")
    why = page.get_by_label("Why are you revoking it?")
    page.goto(f"{REVOKE}?prefix=telemetry")
    why.fill("The audit runs.")
    page.goto(f"{REVOKE}?prefix=persona")
    expect(why).to_have_value("")
    page.goto(f"{REVOKE}?prefix=telemetry")
    expect(why).to_have_value("The audit runs.")


def test_it_gives_no_reason_for_a_stop_to_its_end(desk: Desk) -> None:
    page, other = desk.page_as("dana"), desk.page_as("dana")
    page.goto(KILL_SWITCH)
    page.get_by_label("Why?").fill("A leak is looked into.")
    other.goto(KILL_SWITCH)
    other.get_by_label("Why?").fill("Stop first.")
    other.get_by_role("button", name="Stop telemetry now").click()
    expect(other.locator("body")).to_contain_text("Stop first.")
    page.goto(KILL_SWITCH)
    expect(page.get_by_label("Reason (may be empty)")).to_have_value("")
    expect(page.get_by_text(BACK)).to_have_count(0)
