"""Policy, kill switch, simulator and decision log in Chromium."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import (
    CONSENT,
    DECISIONS,
    KILL_SWITCH,
    POLICY,
    SIMULATOR,
    Desk,
    notices,
    overflow,
)
from tests.conftest import StartServer
from tests.services.server import RunningServer

CEDAR = """// The helpdesk is not measured while the audit runs.
@id("audit")
forbid (principal, action == Action::"telemetry.persona.agent", resource);
"""
GOOD = {"lease_rules": [{"kind_prefix": "memory.", "capability": "share:persona"}]}
# What a page would send that offered the form to somebody without the right.
GRANT_UNASKED = """async () => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({csrfmiddlewaretoken: token, capability: "persona:manage"});
  return (await fetch("/admin/leases/lease/grant/", {method: "POST", body})).status;
}"""


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    return path


def stop(page: Page, why: str) -> None:
    page.goto(POLICY)
    page.get_by_role("link", name="Stop telemetry…").click()
    page.get_by_label("Why?").fill(why)
    page.get_by_role("button", name="Stop telemetry now").click()


def test_it_reloads_and_shows_what_was_refused_where(
    start_server: StartServer, new_page: NewPage, policy_file: Path
) -> None:
    desk = Desk(start_server(env={"ARW_POLICY_FILE": str(policy_file)}), new_page)
    page = desk.page_as("dana", expect=("status of 400",))
    page.goto(POLICY)
    expect(page.get_by_role("cell", name="share:persona")).to_be_visible()
    policy_file.write_text('{\n  "allow_all": "perhaps"\n}\n', encoding="utf-8")
    page.get_by_role("button", name="Reload").click()
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("The policy in force has not changed.")
    expect(refusal).to_contain_text("policy.json line 2, column")
    expect(refusal.locator(".is-refused")).to_contain_text('"allow_all": "perhaps"')
    expect(page.get_by_role("cell", name="share:persona")).to_be_visible()
    policy_file.write_text(json.dumps({**GOOD, "cedar": {"policy": CEDAR}}), encoding="utf-8")
    page.get_by_role("button", name="Reload").click()
    expect(notices(page)).to_contain_text("The policy is reloaded")
    expect(page.locator(".codelines li").nth(1)).to_contain_text('@id("audit")')

    page.goto(f"{SIMULATOR}?action=telemetry.persona.agent&persona=persona.tomas")
    expect(page.get_by_role("heading", name="No. Dana is refused")).to_be_visible()
    expect(page.locator(".step-decides")).to_contain_text("audit")


def test_it_stops_telemetry_and_gives_the_leases_back(desk: Desk) -> None:
    page, alice = desk.page_as("dana", expect=("status of 400",)), desk.page_as("alice")
    lend(page, "telemetry:persona:agent")
    page.goto(POLICY)
    page.get_by_role("link", name="Stop telemetry…").click()
    expect(page.get_by_text("1 telemetry lease is revoked:")).to_be_visible()
    page.get_by_role("button", name="Stop telemetry now").click()
    expect(page.locator("#reason-error")).to_be_visible()
    page.get_by_label("Why?").fill("A leak is looked into.")
    page.get_by_role("button", name="Stop telemetry now").click()
    for looked in ("/admin/", CONSENT, "/admin/personas/historyentry/"):
        alice.goto(looked)
        banner = alice.get_by_role("region", name="Telemetry is stopped")
        expect(banner).to_contain_text("Telemetry is stopped on every node.")
        expect(banner).to_contain_text("A leak is looked into.")
    page.get_by_role("link", name="Let telemetry run again…").click()
    page.get_by_label("Give back the 1 lease it took").check()
    page.get_by_role("button", name="Let telemetry run again").click()
    expect(notices(page)).to_contain_text("Telemetry runs again.")
    page.goto("/admin/leases/lease/grant/")
    expect(page.locator(".leaserow").filter(has_text="telemetry:persona:agent")).to_have_count(1)
    alice.reload()
    expect(alice.get_by_text("Telemetry is stopped on every node.")).to_have_count(0)


def test_it_stops_telemetry_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page_as("dana")
    page.goto(POLICY)
    page.get_by_role("link", name="Stop telemetry…").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{KILL_SWITCH}")
    reason = page.get_by_label("Why?")
    for _ in range(40):
        if reason.evaluate("field => field === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type("Drill.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".haltbanner")).to_contain_text("Drill.")


def test_it_stops_telemetry_without_javascript(desk: Desk) -> None:
    page = desk.page_as("dana", java_script_enabled=False)
    stop(page, "Drill.")
    assert "Drill." in page.locator(".haltbanner").inner_text()


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_while_stopped(desk: Desk, scheme: str, width: int) -> None:
    page = desk.page_as("dana", color_scheme=scheme, width=width, bypass_csp=True)
    lend(page, "telemetry:persona:agent")
    stop(page, "A leak is looked into, and nobody knows yet how far it goes.")
    for looked in ("/admin/", POLICY, KILL_SWITCH, "/admin/leases/lease/past/"):
        page.goto(looked)
        assert axe_findings(page) == [], looked
        assert overflow(page) <= 0, looked


def test_it_answers_in_words(desk: Desk) -> None:
    page = desk.page_as("dana")
    page.goto(SIMULATOR)
    page.get_by_label("Would").fill("alice")
    page.get_by_label("on", exact=True).select_option("persona.mara")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", name="Yes. Alice is allowed")).to_be_visible()
    expect(page.locator(".leaserow")).to_contain_text("retrospective")
    page.get_by_label("be allowed to").select_option("telemetry.persona.agent")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", name="No. Alice is refused")).to_be_visible()
    expect(page.locator(".verdict")).to_contain_text("telemetry:persona:agent")


def test_it_finds_a_refusal_in_the_log_and_opens_it(desk: Desk) -> None:
    bob = desk.page_as("bob", expect=("status of 403",))
    bob.goto("/admin/")
    assert bob.evaluate(GRANT_UNASKED) == 403
    page = desk.page_as("dana")
    page.goto(DECISIONS)
    page.get_by_label("Outcome").select_option("false")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**allowed=false**")
    refused = page.locator(".decisions tbody tr")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("Bob")
    refused.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Refused")).to_be_visible()
    page.goto(f"{DECISIONS}?allowed=true")
    expect(page.locator(".decisions tbody tr").first).to_contain_text("persona.manage")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export these").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines
    assert all(json.loads(line)["allowed"] for line in lines)


def lend(page: Page, capability: str) -> None:
    page.goto("/admin/leases/lease/grant/")
    page.get_by_label("Capability").fill(capability)
    page.get_by_role("button", name="Grant", exact=True).click()
    expect(notices(page)).to_contain_text("Granted")
