"""An open review screen keeps up with what others do, and nothing that is typed there is lost."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.test_live_updates import SAID, api, opened, stays
from tests.browser.test_review_flows import button, link, press, tab_to
from tests.services.server import RunningServer

TYPED = "It is too short, and"


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def decide(desk: Desk, which: str, what: str, body: dict[str, Any], who: str = "dana") -> None:
    api(desk, who, f"/admin/persona/proposals/{desk.proposals[which]}/{what}", body)


def test_it_tells_who_types_a_reason_that_another_decided(desk: Desk) -> None:
    page = opened(desk, "bob", desk.review("small"), expect=("status of 409",))
    button(page, "Reject…").click()
    reason = page.get_by_role("dialog").get_by_role("textbox")
    page.keyboard.type(TYPED)
    decide(desk, "small", "approve", {})
    expect(page.get_by_role("dialog")).to_contain_text("approved the proposal.")
    expect(page.locator("#toasts")).to_contain_text("approved the proposal.")
    expect(page.locator("#review-status")).to_contain_text("approved")
    expect(reason).to_be_focused()
    page.keyboard.type(" says too little.")
    expect(reason).to_have_value(f"{TYPED} says too little.")
    button(page, "Cancel").click()
    decide(desk, "small", "comments", {"text": "Thank you all."}, "alice")
    expect(page.locator("#comment")).to_contain_text("Thank you all.")
    expect(page.locator("#toasts .toast")).to_have_count(1)
    assert stays(page)
    button(page, "Reject…").click()
    button(page, "Reject the change to Mara Lindqvist").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else decided first.")
    expect(page.get_by_label("What you had typed")).to_have_value(f"{TYPED} says too little.")


def test_it_offers_no_decision_on_what_is_not_shown(desk: Desk) -> None:
    page = opened(desk, "bob", desk.review("small"))
    shown = page.locator(".changes").inner_text()
    tab_to(page, button(page, "Approve…"))
    decide(desk, "small", "revise", {"diff": {"archetype": "Engineer"}}, "alice")
    expect(page.locator("#review-news")).to_contain_text("revised the proposal.")
    expect(page.locator("#review-decide")).to_be_empty()
    expect(page.locator("#review-revisions")).to_contain_text("r2")
    assert page.locator(".changes").inner_text() == shown
    assert page.evaluate("document.activeElement.id") == "decide"
    page.keyboard.press("a")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert stays(page)
    again = page.locator("#review-news").get_by_role("link", name="Show the new revision")
    press(page, again)
    expect(page.locator("#review-news")).to_be_empty()
    expect(page.locator(".changes")).to_contain_text("Engineer")
    press(page, button(page, "Approve…"))
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()


def test_it_follows_the_record_and_what_is_asked_for(desk: Desk) -> None:
    page = opened(desk, "bob", desk.review("small"))
    decide(desk, "small", "request-changes", {"comment": "Keep the mentor."})
    expect(page.locator("#review-news")).to_contain_text("asked for changes.")
    expect(button(page, "Approve…")).to_be_disabled()
    expect(button(page, "Reject…")).to_be_enabled()
    expect(page.locator("#comment")).to_contain_text("Keep the mentor.")
    decide(desk, "big", "approve", {})
    expect(page.locator("#review-news")).to_contain_text("moved on to version 2.")
    expect(page.locator("#review-decide")).to_be_empty()
    link(page, "Look again").first.click()
    expect(page.locator("#review-true")).to_contain_text("the persona is at version 2 now")


def test_it_shows_comments_beside_what_they_are_about(desk: Desk) -> None:
    page = opened(desk, "bob", desk.review("big") + "#comment")
    text = page.get_by_label("Comment", exact=True)
    tab_to(page, text)
    page.keyboard.type("I thi")
    page.get_by_label("About", exact=True).select_option("/traits/style")
    text.focus()
    scrolled = page.evaluate("window.scrollY")
    decide(desk, "big", "comments", {"text": "On the whole, yes."}, "alice")
    expect(page.locator("#comment .comment")).to_have_text(re.compile("On the whole, yes."))
    expect(page.locator(SAID)).to_have_text("A proposal was commented on.")
    about = {"text": "Not this one.", "path": "/traits/style"}
    decide(desk, "big", "comments", about, "alice")
    change = page.locator(".change").filter(has=page.get_by_text("Not this one."))
    expect(change.locator("h3")).to_contain_text("style")
    expect(page.locator("#comment")).to_contain_text("1 comment stands above")
    expect(text).to_be_focused()
    page.keyboard.type("nk so.")
    expect(text).to_have_value("I think so.")
    expect(page.get_by_label("About", exact=True)).to_have_value("/traits/style")
    assert scrolled == page.evaluate("window.scrollY") or scrolled > 0
    press(page, button(page, "Add the comment"))
    expect(page.locator(".change-comments")).to_contain_text("I think so.")


def test_it_turns_the_buttons_off_and_on_with_the_lease(desk: Desk) -> None:
    page = opened(desk, "bob", desk.review("small"))
    expect(button(page, "Approve…")).to_be_enabled()
    api(desk, "dana", "/leases/revoke", {"prefix": "persona:manage", "reason": "Done."})
    expect(button(page, "Approve…")).to_be_disabled()
    api(desk, "dana", "/leases", {"capability": "persona:manage", "ttl_secs": 600})
    expect(button(page, "Approve…")).to_be_enabled()
    assert stays(page)
    button(page, "Approve…").click()
    page.keyboard.type("Fine.")
    button(page, "Approve the change to Mara Lindqvist").click()
    expect(page.locator("#outcome")).to_have_text("Approved by Bob")


def test_it_says_beside_the_effect_what_became_of_the_lease(desk: Desk) -> None:
    page = opened(desk, "bob", desk.review("small"))
    leases = page.locator("#review-leases")
    expect(leases.locator("[data-countdown]")).to_have_count(1)
    api(desk, "dana", "/leases/revoke", {"prefix": "persona:manage", "reason": "Done."})
    expect(leases).to_contain_text("missing")
    expect(leases.locator("[data-countdown]")).to_have_count(0)
    api(desk, "dana", "/leases", {"capability": "persona:manage", "ttl_secs": 600})
    expect(leases).to_contain_text("held")
    expect(leases.locator("[data-countdown]")).to_have_count(1)
    assert stays(page)


def test_it_turns_the_buttons_off_beside_a_reason_that_was_refused(desk: Desk) -> None:
    page = desk.page_as("bob", expect=("status of 409",))
    page.goto(desk.review("small"))
    button(page, "Reject…").click()
    page.keyboard.type(TYPED)
    digest = page.locator("#confirm-reject input[name=digest]")
    digest.evaluate("field => { field.value = 'older'; }")
    with page.expect_response(lambda answer: "/events?" in answer.url):
        button(page, "Reject the change to Mara Lindqvist").click()
    unsent = page.get_by_label("What you had typed")
    expect(unsent).to_have_value(TYPED)
    expect(button(page, "Reject…")).to_be_enabled()
    api(desk, "dana", "/leases/revoke", {"prefix": "persona:manage", "reason": "Done."})
    expect(button(page, "Reject…")).to_be_disabled()
    expect(button(page, "Reject…")).to_have_count(1)
    expect(unsent).to_have_value(TYPED)
    expect(page.get_by_role("alert")).to_contain_text("It changed while you were looking.")


def test_it_leaves_a_page_alone_that_was_answered_by_a_form(desk: Desk) -> None:
    page = desk.page_as("bob", expect=("status of 422", "status of 400"))
    page.goto(desk.review("small"))
    button(page, "Reject…").click()
    with page.expect_response(lambda answer: "/events?" in answer.url):
        button(page, "Reject the change to Mara Lindqvist").click()
    refused = page.locator("[data-confirm-open]")
    expect(refused).to_be_visible()
    refused.get_by_role("textbox").fill("Because.")
    decide(desk, "small", "comments", {"text": "Wait."}, "alice")
    expect(page.locator("#comment")).to_contain_text("Wait.")
    expect(refused.get_by_role("textbox")).to_have_value("Because.")
    expect(refused.locator(".field-error")).to_be_visible()
