"""What no address shows: dialogs, open menus, views of the editor, pages that answer a form."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.desk import COOKIE, LIVE, PROPOSE, QUEUE, Desk
from tests.browser.vibe import give, lend, switch

Reach = Callable[[Page, Desk], None]
TOKENS = "/admin/tokens/"


def palette(page: Page, _desk: Desk) -> None:
    page.goto(QUEUE)
    page.keyboard.press("Control+k")
    page.keyboard.type("mara")
    expect(page.get_by_role("group", name="Personas")).to_contain_text("Mara Lindqvist")


def keys_help(page: Page, desk: Desk) -> None:
    page.goto(desk.review("big"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(1)


def confirmation(page: Page, desk: Desk) -> None:
    page.goto(desk.review("big"))
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_have_count(1)


def _edited(page: Page) -> None:
    page.goto(PROPOSE)
    page.locator('[id="field-/archetype"]').fill("Reliability engineer")
    expect(page.get_by_role("heading", name="Preview: 1 changed")).to_be_visible()


def editor_form(page: Page, _desk: Desk) -> None:
    _edited(page)


def editor_record(page: Page, _desk: Desk) -> None:
    _edited(page)
    page.get_by_role("tab", name="Record (JSON)").click()
    expect(page.get_by_label("The record as it should be")).to_be_visible()


def editor_patch(page: Page, _desk: Desk) -> None:
    _edited(page)
    page.get_by_role("tab", name="Patch").click()
    expect(page.get_by_label("Change, as JSON")).to_be_visible()


def token_made(page: Page, _desk: Desk) -> None:
    page.goto(TOKENS)
    page.get_by_label("What is it for?").fill("nightly report")
    page.get_by_role("button", name="Make it").click()
    made = page.get_by_label("Token", exact=True)
    expect(made).to_be_visible()
    # No picture shows one that works.
    made.evaluate("field => { field.value = 'shown-once-and-kept-as-a-hash'; }")


def token_revoke(page: Page, _desk: Desk) -> None:
    page.goto(TOKENS)
    page.get_by_role("link", name=re.compile("^Revoke…")).first.click()
    expect(page.get_by_role("button", name="Revoke it")).to_be_visible()


def unsent(page: Page, desk: Desk) -> None:
    """As a browser that keeps no drafts sends it: without the field by which the script says so."""
    page.goto(desk.review("small"))
    page.get_by_label("Comment", exact=True).fill("Typed while the session ended.")
    page.context.clear_cookies(name=COOKIE)
    page.locator("form").filter(has=page.get_by_label("Comment", exact=True)).evaluate(
        "form => form.submit()"
    )
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


def signed_out(page: Page, _desk: Desk) -> None:
    page.goto("/admin/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()


def sign_in(page: Page, _desk: Desk) -> None:
    page.context.clear_cookies()
    page.goto("/admin/login/")


def stranger(page: Page, _desk: Desk) -> None:
    page.goto("/admin/")


def error(page: Page, _desk: Desk) -> None:
    page.goto("/admin/nothing")


def expired(page: Page, _desk: Desk) -> None:
    """A form whose token does not hold: as after another sign-in in the same browser."""
    page.goto(TOKENS)
    form = page.locator("form").filter(has=page.get_by_label("What is it for?"))
    form.locator("[name=csrfmiddlewaretoken]").evaluate("token => token.remove()")
    form.evaluate("form => form.submit()")
    expect(page.get_by_role("heading", name="Nothing was sent")).to_be_visible()
    expect(page.get_by_role("link", name="Open the page again")).to_be_visible()


def stopped(page: Page, _desk: Desk) -> None:
    page.goto("/admin/policy/kill-switch/")
    page.get_by_label("Why?").fill("A leak is looked into, and nobody knows yet how far it goes.")
    page.get_by_role("button", name="Stop telemetry now").click()
    page.goto("/admin/policy/kill-switch/")
    expect(page.get_by_role("region", name="Telemetry is stopped")).to_be_visible()


def live_events(page: Page, desk: Desk) -> None:
    """Events of three kinds, one of them opened."""
    page.goto(LIVE)
    expect(page.locator("[data-live-state]")).to_have_text("Connected")
    give(desk, {"signal": "warmer", "strength": 0.8})
    lend(desk, "telemetry:persona:workspace")
    switch(desk, enabled=True, persona="persona.ilse")
    rows = page.locator("[data-live-list] > li")
    expect(rows.filter(has_text="persona.telemetry.updated")).to_have_count(1)
    granted = rows.filter(has_text="A lease was granted.")
    granted.locator("summary").click()
    expect(granted.locator("dl")).to_be_visible()


def every_state() -> dict[str, tuple[str, Reach]]:
    """The states by name: who is there, and how it is reached. In this order: some end sessions."""
    return {
        "palette": ("bob", palette),
        "help": ("bob", keys_help),
        "review-confirm": ("bob", confirmation),
        "propose-form": ("alice", editor_form),
        "propose-record": ("alice", editor_record),
        "propose-patch": ("alice", editor_patch),
        "token-made": ("alice", token_made),
        "token-revoke": ("alice", token_revoke),
        "stranger": ("charlie", stranger),
        "error": ("bob", error),
        "error-form": ("bob", expired),
        "live-events": ("bob", live_events),
        "stopped": ("dana", stopped),
        "unsent": ("erin", unsent),
        "signed-out": ("bob", signed_out),
        "sign-in": ("bob", sign_in),
    }
