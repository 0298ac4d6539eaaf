"""What was typed is not sent as somebody else, nor put on something that its author never saw."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import PROPOSE, TOMAS, Desk
from tests.browser.test_drafts import (
    BACK,
    kept,
    lose_session,
    reject_dialog,
    sign_in,
    sign_in_elsewhere,
)
from tests.browser.test_review_flows import revise
from tests.browser.vibe import lend
from tests.services.server import RunningServer

MOVED = "This changed since you typed."


@pytest.fixture(scope="module")
def seeded(shared_server: RunningServer) -> Desk:
    return Desk(shared_server, None)


@pytest.fixture
def desk(seeded: Desk, new_page: NewPage) -> Desk:
    seeded.new_page = new_page
    return seeded


@pytest.mark.parametrize("other", ["dana", "alice"])
def test_it_sends_nothing_as_another(desk: Desk, other: str) -> None:
    page = desk.page_as("bob", expect=("status of 409",))
    page.goto(desk.review("small"))
    page.get_by_label("Comment", exact=True).fill("These are the words of Bob")
    sign_in_elsewhere(page, desk, other)
    page.get_by_role("button", name="Add the comment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Somebody else has signed in")
    expect(page.get_by_label("Your comment")).to_have_value("These are the words of Bob")
    assert kept(page) == []
    page.get_by_role("link", name=f"Go on as {other.capitalize()}").click()
    page.wait_for_url(re.compile("/review/"))
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    expect(page.locator(".comment").filter(has_text="words of Bob")).to_have_count(0)


def test_it_previews_nothing_as_another(desk: Desk) -> None:
    page = desk.page_as("alice", expect=("status of 409",))
    page.goto(PROPOSE)
    sign_in_elsewhere(page, desk, "bob")
    page.locator('[id="field-/archetype"]').fill("Quiet mentor")
    expect(page.locator("[data-editor-lost]")).to_contain_text("Somebody else has signed in here.")


def test_it_sends_no_feedback_as_another(desk: Desk) -> None:
    lend(desk)
    page = desk.page_as("alice", expect=("status of 409",))
    page.goto(TOMAS)
    widget = page.locator("#feedback")
    widget.get_by_label("Note").fill("He heard me.")
    widget.get_by_label("warmer").check()
    sign_in_elsewhere(page, desk, "bob")
    widget.get_by_role("button", name="Send feedback").click()
    expect(widget.get_by_role("alert")).to_contain_text("so nothing was sent")
    expect(widget.get_by_label("Note")).to_have_value("He heard me.")


def test_it_opens_no_dialog_on_a_revision_that_nobody_saw(desk: Desk) -> None:
    page, author = desk.page_as("bob"), desk.page_as("alice")
    page.goto(desk.review("small"))
    page.get_by_role("button", name="Reject…").click()
    reject_dialog(page).get_by_role("textbox").fill("Too short.")
    lose_session(page)
    reject_dialog(page).get_by_role("button", name=re.compile("^Reject")).click()
    page.wait_for_url(re.compile("/login/"))
    author.goto(desk.about("small", "revise"))
    revise(author, "Mentor")
    sign_in(page, desk, "bob")
    page.wait_for_url(re.compile("/review/"))
    expect(page.get_by_text(MOVED)).to_be_visible()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.get_by_role("button", name="Reject…").click()
    expect(reject_dialog(page).get_by_role("textbox")).to_have_value("Too short.")
    reject_dialog(page).get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Discard it").click()
    assert kept(page) == []


def test_it_never_revises_over_what_another_wrote_meanwhile(desk: Desk) -> None:
    page, other = desk.page_as("alice"), desk.page_as("bob")
    page.goto(desk.about("small", "revise"))
    page.locator('[id="field-/archetype"]').fill("Alice's word")
    again = page.context.new_page()
    page.close()
    other.goto(desk.about("small", "revise"))
    revise(other, "Bob's word")
    again.goto(desk.about("small", "revise"))
    expect(again.get_by_text(BACK)).to_be_visible()
    expect(again.locator('[id="field-/archetype"]')).to_have_value("Alice's word")
    again.get_by_role("button", name="Submit the revision").click()
    expect(again.get_by_text("Somebody else revised the proposal while")).to_be_visible()
    expect(again.locator('[id="field-/archetype"]')).to_have_value("Alice's word")
    other.goto(desk.review("small"))
    expect(other.locator(".change")).to_contain_text("Bob's word")
    again.get_by_role("button", name="Submit the revision").click()
    again.wait_for_url(re.compile("/review/"))
    expect(again.locator(".change")).to_contain_text("Alice's word")
    again.close()
