"""API tokens and preferences on the desk: made, shown once, revoked; kept in this browser."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.services.server import RunningServer

TOKENS = "/admin/tokens/"
PREFERENCES = "/admin/preferences/"


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def status_with(desk: Desk, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{desk.server.base}/state/persona"
    return httpx.get(address, headers=headers, timeout=60).status_code


def made(page: Page) -> str:
    return page.get_by_label("Token", exact=True).input_value()


def test_it_shows_a_token_once_and_revokes_it(desk: Desk) -> None:
    page = desk.page_as("alice", permissions=["clipboard-read", "clipboard-write"])
    page.goto(TOKENS)
    page.get_by_label("What is it for?").fill("nightly report")
    page.get_by_label("It expires after").select_option("7")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="The token “nightly report” is made")).to_be_visible()
    secret = made(page)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    assert status_with(desk, secret) == 200

    page.goto(TOKENS)
    assert secret not in page.content()
    expect(page.locator(".tokenrow").filter(has_text="nightly report")).to_contain_text("in 7 days")
    page.get_by_role("link", name="Revoke… nightly report").click()
    assert status_with(desk, secret) == 200
    page.get_by_role("link", name="Keep it").click()
    expect(page.locator(".tokenrow")).to_have_count(2)
    page.get_by_role("link", name="Revoke… nightly report").click()
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("The token is revoked")).to_be_visible()
    expect(page.locator(".tokenrow")).to_have_count(1)
    assert status_with(desk, secret) == 401
    assert status_with(desk, desk.server.tokens["alice"]) == 200


def test_it_does_all_of_it_by_keyboard_and_without_javascript(desk: Desk) -> None:
    page = desk.page_as("alice", java_script_enabled=False)
    page.goto(TOKENS)
    page.get_by_label("What is it for?").focus()
    page.keyboard.type("by hand")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The token “by hand” is made")).to_be_visible()
    assert status_with(desk, made(page)) == 200
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_role("link", name="Revoke… by hand").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Revoke it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The token is revoked")).to_be_visible()


def test_it_names_what_is_wrong_and_makes_nothing(desk: Desk) -> None:
    page = desk.page_as("alice", expect=("status of 400",))
    page.goto(TOKENS)
    page.get_by_role("button", name="Make it").click()
    expect(page.locator(".field-error")).to_have_text("This field is required.")
    expect(page.locator(".tokenrow")).to_have_count(1)


def test_it_shows_everybodys_tokens_to_admins_alone(desk: Desk) -> None:
    for who, shown in (("bob", 0), ("dana", 1)):
        page = desk.page_as(who)
        page.goto(TOKENS)
        others = page.get_by_role("heading", name="Tokens of others")
        expect(others).to_have_count(shown)
        expect(page.get_by_role("cell", name="Alice")).to_have_count(shown)


def test_it_asks_about_nobody_elses_token(desk: Desk) -> None:
    page = desk.page_as("bob", expect=("status of 404",))
    page.goto(f"{TOKENS}?revoke=nonsense")
    expect(page.get_by_role("button", name="Revoke it")).to_have_count(0)


def test_it_finds_nothing_beside_a_fresh_token(desk: Desk) -> None:
    page = desk.page_as("alice", bypass_csp=True)
    page.goto(TOKENS)
    page.get_by_label("What is it for?").fill("nightly report")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_label("Token", exact=True)).to_be_visible()
    assert axe_findings(page) == []
    page.get_by_role("link", name="Revoke… nightly report").click()
    expect(page.get_by_role("button", name="Revoke it")).to_be_visible()
    assert axe_findings(page) == []


def test_it_writes_times_as_this_browser_wants_them(desk: Desk) -> None:
    page, other = desk.page_as("bob"), desk.page_as("bob")
    instant = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$")
    page.goto(PREFERENCES)
    page.get_by_label("As the exact instant").check()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("Kept in this browser.")).to_be_visible()
    expect(page.get_by_label("As the exact instant")).to_be_checked()
    for address in ("/admin/", "/admin/inbox/"):
        page.goto(address)
        time = page.locator("#content time").first
        expect(time).to_have_text(instant)
        expect(time).to_have_attribute("title", re.compile("ago|just now"))
        other.goto(address)
        expect(other.locator("#content time").first).to_have_text(re.compile("ago|just now"))


def test_it_keeps_keys_and_colours_in_this_browser(desk: Desk) -> None:
    page = desk.page_as("bob", color_scheme="light")
    page.goto(PREFERENCES)
    page.get_by_label("Dark").check()
    page.get_by_label("Single keys do something").uncheck()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto("/admin/personas/proposal/queue/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")
    page.goto(PREFERENCES)
    expect(page.get_by_label("Dark")).to_be_checked()
    expect(page.get_by_label("Single keys do something")).not_to_be_checked()
    page.get_by_label("As my system has it").check()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
