"""The telemetry page in Chromium: one switch, many switches, receipts; by mouse, keys, no script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, Desk
from tests.browser.vibe import lend
from tests.services.server import RunningServer

# What the seed's lease for every persona becomes: one for Mara alone.
NARROW = """
from django.utils import timezone
from leases.models import Lease, User
from leases.services.granting import lease_grant
from leases.services.revoking import lease_revoke
now, dana = timezone.now(), User.objects.get(username="dana")
for lease in Lease.objects.active_at(now).filter(capability="persona:manage"):
    lease_revoke(actor=dana, lease_id=lease.pk, reason="Narrower.", now=now)
scope = "persona:persona.mara"
lease_grant(actor=dana, capability="persona:manage", scope=scope, now=now)
"""


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def badge(page: Page, name: str) -> str:
    row = page.locator(".switchrow").filter(has_text=name)
    return row.locator(".badge").first.inner_text()


def test_it_turns_many_on_and_off_by_mouse(desk: Desk) -> None:
    page = desk.page_as("dana", expect=("status of 400",))
    page.goto(CONSENT)
    page.get_by_role("checkbox", name="Choose Mara Lindqvist").check()
    page.get_by_role("checkbox", name="Choose Ilse Brandt").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("2 chosen")
    page.get_by_role("button", name="Turn on the chosen…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Turn telemetry on for 2 personas")
    expect(page.get_by_text("Feedback about 2 more personas is taken")).to_be_visible()
    expect(page.get_by_text("What is collected")).to_be_visible()
    send = page.get_by_role("button", name="Turn telemetry on for 2 personas")
    send.click()
    expect(page.get_by_role("alert")).to_have_text("Confirm that the notice was read.")
    page.get_by_label("may consent for all 2 personas").check()
    send.click()
    expect(page.locator(".notices")).to_have_text("Telemetry of 2 personas is on.")
    assert "Telemetry on" in badge(page, "Mara Lindqvist")
    page.get_by_role("link", name="All off…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Turn telemetry off for 3 personas")
    page.get_by_role("button", name="Turn telemetry off for 3 personas").click()
    expect(page.locator(".notices")).to_have_text("Telemetry of 3 personas is off.")
    page.get_by_role("link", name="All receipts").click()
    page.get_by_label("Persona", exact=True).select_option("persona.mara")
    page.get_by_role("button", name="Filter").click()
    rows = page.get_by_role("region", name="Receipts", exact=True).locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("withdrawn")
    rows.last.locator("summary").click()
    expect(rows.last).to_contain_text(re.compile("[0-9a-f]{64}"))


def test_it_turns_many_on_by_keyboard_alone(desk: Desk) -> None:
    lend(desk)
    page = desk.page_as("dana")
    page.goto(CONSENT)
    expect(page.locator(".switchrow").filter(has_text="Tomás")).to_contain_text(
        re.compile(r"\d+:\d\d left")
    )
    everything = page.get_by_role("button", name="Choose all on this page")
    everything.focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-bulk-count]")).to_have_text("4 chosen")
    expect(everything).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 is so already and stays as it is.")).to_be_visible()
    page.get_by_label("may consent for all 3 personas").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    said = "Telemetry of 3 personas is on. 1 was so already."
    expect(page.locator(".notices")).to_have_text(said)
    page.get_by_role("button", name="Turn off for Ilse Brandt").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".notices")).to_have_text("Telemetry of Ilse Brandt is off.")


def test_it_says_which_stayed_as_it_was_and_why(desk: Desk) -> None:
    desk.server.manage("shell", "--no-imports", "-v", "0", "-c", NARROW)
    page = desk.page_as("dana", java_script_enabled=False)
    page.goto(CONSENT)
    ilse = page.locator(".switchrow").filter(has_text="Ilse Brandt")
    expect(ilse.get_by_role("link", name=re.compile("^Grant it ?: persona:manage"))).to_be_visible()
    for name in ("Mara Lindqvist", "Ilse Brandt"):
        page.get_by_role("checkbox", name=f"Choose {name}").check()
    page.get_by_role("button", name="Turn on the chosen…").click()
    expect(page.get_by_text("1 cannot be changed: a lease is missing.")).to_be_visible()
    page.get_by_label("may consent for all 2 personas").check()
    page.get_by_role("button", name="Turn telemetry on for 2 personas").click()
    done = page.locator(".bulkdone")
    expect(done).to_contain_text("Telemetry of 1 persona is on.")
    expect(done).to_contain_text("Ilse Brandt: ")
    page.get_by_role("link", name="Back to the switches").click()
    assert "Telemetry on" in badge(page, "Mara Lindqvist")
    assert "Telemetry off" in badge(page, "Ilse Brandt")


def test_it_is_accessible(desk: Desk) -> None:
    bulk = "/admin/telemetry/consentreceipt/consent/bulk/?to=on&all=1"
    for scheme in ("light", "dark"):
        page = desk.page_as("dana", width=320, color_scheme=scheme, bypass_csp=True)
        for address in (CONSENT, bulk, "/admin/telemetry/consentreceipt/receipts/"):
            page.goto(address)
            assert axe_findings(page) == [], address
    member = desk.page_as("alice")
    member.goto(CONSENT)
    expect(member.get_by_text("Changing consent is a right of admins")).to_be_visible()
    expect(member.get_by_role("checkbox", name="Choose Mara Lindqvist")).to_have_count(0)
