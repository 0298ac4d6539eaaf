"""Leases on the desk in Chromium: granted, renewed, revoked, asked for; by mouse, keys, no script."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import LEASES, PROPOSE, Desk, notices
from tests.services.server import RunningServer

REQUESTS = "/admin/leases/lease/requests/"
PREFIX = "/admin/leases/lease/revoke/"


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def row(page: Page, capability: str) -> Page:
    return page.locator(".leaserow").filter(has_text=capability)  # type: ignore[return-value]


def grant(page: Page, capability: str, **fields: str) -> None:
    page.goto(LEASES)
    page.get_by_label("Capability").fill(capability)
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(value)
    page.get_by_role("button", name="Grant", exact=True).click()
    expect(notices(page)).to_contain_text(f"Granted: {capability}.")


def test_it_grants_renews_and_revokes_by_mouse(desk: Desk) -> None:
    page = desk.page_as("dana", expect=("status of 400",))
    grant(page, "telemetry:persona:trial", For_how_many_minutes="2", Reason="Trial.")
    expect(row(page, "telemetry:persona:trial")).to_contain_text("Trial.")
    page.get_by_role("link", name="Renew… telemetry:persona:trial").click()
    page.get_by_label("Minutes from now").fill("180")
    page.get_by_role("button", name="Renew").click()
    shown = row(page, "telemetry:persona:trial").locator("time.countdown")
    expect(shown).to_have_text(re.compile(r"2:59:\d\d|3:00:00"))
    page.get_by_role("link", name="Revoke… telemetry:persona:trial").click()
    expect(page.get_by_role("heading", name="What stops working")).to_be_visible()
    page.get_by_role("button", name="Revoke it").click()
    expect(page.locator(".field-error")).to_have_text("This field is required.")
    page.get_by_label("Why are you revoking it?").fill("Trial is over.")
    page.get_by_role("button", name="Revoke it").click()
    expect(row(page, "telemetry:persona:trial")).to_have_count(0)
    page.get_by_role("link", name="Past").click()
    expect(row(page, "telemetry:persona:trial")).to_contain_text("Trial is over.")


def test_it_revokes_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page_as("dana")
    page.goto(LEASES)
    page.get_by_role("link", name="Revoke… persona:manage").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/revoke/")
    reason = page.get_by_label("Why are you revoking it?")
    for _ in range(40):
        if reason.evaluate("field => field === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type("Done for today.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Revoke it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(notices(page)).to_contain_text("Revoked: persona:manage.")
    expect(page.get_by_text("No lease is in force")).to_be_visible()


def test_it_shows_what_a_prefix_takes_before_it_takes_it(desk: Desk) -> None:
    page = desk.page_as("dana")
    for scope in ("agent", "workspace"):
        grant(page, f"telemetry:persona:{scope}")
    page.get_by_role("link", name="Revoke by prefix…").click()
    page.get_by_label("Capability starts with").fill("telemetry:")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2 leases would be revoked")).to_be_visible()
    page.get_by_label("Why are you revoking them?").fill("Audit.")
    page.get_by_role("button", name="Revoke 2 leases").click()
    expect(notices(page)).to_contain_text("2 leases were revoked.")
    expect(page.locator(".leaserow")).to_have_count(1)


def test_it_asks_where_the_lease_is_missed_and_comes_back(desk: Desk) -> None:
    dana = desk.page_as("dana")
    revoke_all(dana, "persona:manage")
    alice = desk.page_as("alice")
    alice.goto(PROPOSE)
    expect(alice.get_by_role("button", name="Submit the proposal")).to_be_disabled()
    alice.get_by_role("link", name="Ask for it").click()
    expect(alice.get_by_label("Capability")).to_have_value("persona:manage")
    expect(alice.get_by_label("Scope")).to_have_value("persona:persona.mara")
    alice.get_by_label("Why do you need it?").fill("The retrospective is written down.")
    alice.get_by_role("button", name="Ask", exact=True).click()
    alice.wait_for_url(f"**{PROPOSE}")

    dana.goto("/admin/")
    expect(dana.get_by_role("heading", name="2 leases are asked for")).to_be_visible()
    dana.get_by_role("link", name="Grant… persona:manage Alice").last.click()
    expect(dana.get_by_text("The retrospective is written down.")).to_be_visible()
    dana.get_by_label("For how many minutes").fill("30")
    dana.get_by_role("button", name="Grant it").click()
    expect(notices(dana)).to_contain_text("The time runs from now.")

    alice.reload()
    expect(alice.get_by_role("button", name="Submit the proposal")).to_be_enabled()


def test_it_denies_with_a_reason_that_the_asker_reads(desk: Desk) -> None:
    alice, dana = desk.page_as("alice"), desk.page_as("dana")
    alice.goto(LEASES)
    alice.get_by_role("link", name="Ask for a lease").first.click()
    alice.get_by_label("Capability").fill("share:notes")
    alice.get_by_label("Why do you need it?").fill("Memory.")
    alice.get_by_role("button", name="Ask", exact=True).click()
    dana.goto(REQUESTS)
    dana.get_by_role("link", name="Deny… share:notes Alice").click()
    dana.get_by_label("Why not?").fill("Next week.")
    dana.get_by_role("button", name="Deny it").click()
    alice.reload()
    answered = alice.locator(".requestrow").filter(has_text="share:notes")
    expect(answered).to_contain_text("denied")
    expect(answered).to_contain_text("Next week.")


def test_it_counts_down_without_moving_anything(desk: Desk) -> None:
    page = desk.page_as("dana")
    page.clock.install()
    page.goto(LEASES)
    shown = page.locator("time.countdown").first
    before, place = shown.inner_text(), shown.bounding_box()
    page.clock.run_for(61_000)
    assert place is not None
    expect(shown).not_to_have_text(before)
    assert shown.bounding_box() == place
    page.clock.run_for(2 * 3600 * 1000)
    expect(shown).to_have_text("run out")


def test_it_works_without_javascript(desk: Desk) -> None:
    page = desk.page_as("dana", java_script_enabled=False)
    grant(page, "share:things")
    assert re.fullmatch(r"\d+:\d\d(:\d\d)?", page.locator("time.countdown").first.inner_text())
    page.goto(f"{PREFIX}?prefix=share")
    page.get_by_label("Why are you revoking it?").fill("Enough.")
    expect(page.get_by_role("link", name="Keep it")).to_be_visible()
    page.get_by_role("button", name="Revoke 1 lease").click()
    expect(page.locator(".leaserow").filter(has_text="share:things")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_where_something_went_wrong(desk: Desk, scheme: str) -> None:
    page = desk.page_as("dana", color_scheme=scheme, bypass_csp=True, expect=("status of 400",))
    page.goto(LEASES)
    page.get_by_role("button", name="Grant", exact=True).click()
    expect(page.locator(".field-error")).not_to_have_count(0)
    assert axe_findings(page) == []
    page.goto(f"{PREFIX}?prefix=persona")
    page.get_by_role("button", name="Revoke 1 lease").click()
    expect(page.locator(".field-error")).to_have_count(1)
    assert axe_findings(page) == []


def revoke_all(page: Page, prefix: str) -> None:
    page.goto(f"{PREFIX}?prefix={prefix}")
    page.get_by_label(re.compile("^Why are you revoking")).fill("For the test.")
    page.get_by_role("button", name=re.compile(r"^Revoke \d")).click()
    expect(notices(page)).to_contain_text("revoked")
