"""What was typed outlives a lost session, a closed tab and a refusal, and nobody else reads it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import COOKIE, PROPOSE, TOMAS, Desk, scripts_run
from tests.browser.vibe import lend
from tests.services.server import RunningServer

BACK = "What you had typed before is back."
HOUR = 3600 * 1000


@pytest.fixture(scope="module")
def seeded(shared_server: RunningServer) -> Desk:
    return Desk(shared_server, None)


@pytest.fixture
def desk(seeded: Desk, new_page: NewPage) -> Desk:
    seeded.new_page = new_page
    return seeded


def lose_session(page: Page) -> None:
    page.context.clear_cookies(name=COOKIE)


def sign_in(page: Page, desk: Desk, name: str) -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(desk.server.passwords[name])
    page.get_by_role("button", name="Sign in").click()
    # Its address names the page that one comes from, and so would do for that one.
    page.wait_for_url(lambda url: "/login/" not in url)


def kept(page: Page) -> list[str]:
    """What this browser keeps of what was typed, once the page has forgotten what was taken."""
    scripts_run(page)
    found: list[str] = page.evaluate(
        "Object.keys(localStorage).filter(key => key.startsWith('desk.draft:'))"
        ".map(key => localStorage.getItem(key))"
    )
    return found


def sign_in_elsewhere(page: Page, desk: Desk, name: str) -> None:
    """Somebody signs in in another tab of the same browser."""
    lose_session(page)
    other = page.context.new_page()
    other.goto("/admin/login/?next=/admin/inbox/")
    sign_in(other, desk, name)
    other.wait_for_url(re.compile("/inbox/"))
    other.close()


def made_older(page: Page, milliseconds: int) -> None:
    page.evaluate(
        """by => {
            for (const key of Object.keys(localStorage).filter(one => one.startsWith("desk.draft:"))) {
                const draft = JSON.parse(localStorage.getItem(key));
                localStorage.setItem(key, JSON.stringify({ ...draft, at: draft.at - by }));
            }
        }""",
        milliseconds,
    )


def reject_dialog(page: Page) -> Locator:
    return page.get_by_role("dialog").filter(has_text="Reject")


def test_it_keeps_a_reason_through_a_lost_session(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.review("other"))
    page.get_by_role("button", name="Reject…").click()
    reject_dialog(page).get_by_role("textbox").fill("It loses the mentor.\nAsk her first.")
    lose_session(page)
    reject_dialog(page).get_by_role("button", name=re.compile("^Reject")).click()
    page.wait_for_url(re.compile("/login/"))
    sign_in(page, desk, "bob")
    page.wait_for_url(re.compile("/review/"))
    expect(page.get_by_text(BACK)).to_be_visible()
    text = reject_dialog(page).get_by_role("textbox")
    expect(text).to_have_value("It loses the mentor.\nAsk her first.")
    expect(text).to_be_focused()
    reject_dialog(page).get_by_role("button", name=re.compile("^Reject")).click()
    expect(page.get_by_text("It loses the mentor.").first).to_be_visible()
    expect(page.get_by_role("button", name="Reject…")).to_have_count(0)
    assert kept(page) == []


def test_it_keeps_a_comment_through_a_lost_session(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.review("small"))
    page.get_by_label("Comment", exact=True).fill("Is this what she wants?")
    lose_session(page)
    page.get_by_role("button", name="Add the comment").click()
    page.wait_for_url(re.compile("/login/"))
    sign_in(page, desk, "bob")
    page.wait_for_url(re.compile("/review/"))
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Is this what she wants?")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.locator(".comment").filter(has_text="Is this what she wants?")).to_have_count(1)
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    assert kept(page) == []


def test_it_keeps_an_edit_through_a_lost_session(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(PROPOSE)
    archetype = page.locator('[id="field-/archetype"]')
    archetype.fill("Quiet mentor")
    page.get_by_label("Why?").fill("She is one.")
    expect(page.locator("[data-editor-status]")).to_have_text("1 changed")
    lose_session(page)
    archetype.fill("Quiet mentor who listens")
    expect(page.locator("[data-editor-status]")).to_contain_text("You are signed out.")
    page.get_by_role("link", name="Sign in again").click()
    sign_in(page, desk, "alice")
    page.wait_for_url(re.compile("/propose/"))
    expect(archetype).to_have_value("Quiet mentor who listens")
    expect(page.get_by_label("Why?")).to_have_value("She is one.")
    expect(page.locator("[data-editor-status]")).to_have_text("1 changed")
    lose_session(page)
    page.get_by_role("button", name="Submit the proposal").click()
    page.wait_for_url(re.compile("/login/"))
    sign_in(page, desk, "alice")
    expect(archetype).to_have_value("Quiet mentor who listens")
    page.get_by_role("button", name="Submit the proposal").click()
    page.wait_for_url(re.compile("/review/"))
    expect(page.locator(".change")).to_contain_text("listens")
    assert kept(page) == []
    page.goto(PROPOSE)
    expect(archetype).to_have_value("Reliability engineer who mentors")
    expect(page.get_by_text(BACK)).to_have_count(0)


def test_it_outlives_a_tab_that_was_closed_and_can_be_discarded(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(desk.review("small"))
    page.get_by_label("Comment", exact=True).fill("Half a thought")
    again = page.context.new_page()
    page.close()
    again.goto(desk.review("small"))
    expect(again.get_by_label("Comment", exact=True)).to_have_value("Half a thought")
    again.get_by_role("button", name="Discard it").click()
    expect(again.get_by_label("Comment", exact=True)).to_have_value("")
    expect(again.get_by_label("Comment", exact=True)).to_be_focused()
    assert kept(again) == []
    again.close()


def test_it_shows_nobody_what_another_typed(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(desk.review("small"))
    page.get_by_label("Comment", exact=True).fill("For my own eyes")
    lose_session(page)
    page.goto(desk.review("small"))
    sign_in(page, desk, "bob")
    page.wait_for_url(re.compile("/review/"))
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    assert kept(page) == []


def test_it_forgets_half_a_day_after_it_was_typed(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(desk.review("small"))
    page.get_by_label("Comment", exact=True).fill("Old thoughts")
    made_older(page, 12 * HOUR - 60_000)
    page.reload()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Old thoughts")
    made_older(page, 60_000)
    page.reload()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    assert kept(page) == []


def test_it_forgets_when_somebody_signs_out(desk: Desk) -> None:
    page = desk.page_as("erin")  # whose session nobody else here needs
    page.goto(desk.review("small"))
    page.get_by_label("Comment", exact=True).fill("Gone with me")
    assert len(kept(page)) == 1
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
    assert kept(page) == []


def test_it_keeps_what_the_server_refused(desk: Desk) -> None:
    page = desk.page_as("bob", expect=("status of 400",))
    page.goto(desk.review("small"))
    page.get_by_label("Comment", exact=True).fill("   ")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.locator("#comment-error")).to_be_visible()
    scripts_run(page)
    page.get_by_label("Comment", exact=True).fill("Now with words")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.locator(".comment").filter(has_text="Now with words")).to_have_count(1)
    scripts_run(page)
    page.reload()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")


def test_it_comes_back_from_a_refused_comment_to_the_form(desk: Desk) -> None:
    page = desk.page_as("bob", expect=("status of 400",))
    page.goto(desk.review("small"))
    comment = page.get_by_label("Comment", exact=True)
    comment.fill("   ")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.locator("#comment-error")).to_be_visible()
    scripts_run(page)
    comment.fill("Said at last")
    lose_session(page)
    page.get_by_role("button", name="Add the comment").click()
    page.wait_for_url(re.compile("/login/"))
    sign_in(page, desk, "bob")
    page.wait_for_url(re.compile("/review/#comment$"))
    expect(comment).to_have_value("Said at last")
    expect(comment).to_be_in_viewport()
    page.get_by_role("button", name="Add the comment").click()
    expect(page.locator(".comment").filter(has_text="Said at last")).to_have_count(1)
    expect(comment).to_have_value("")
    assert kept(page) == []


def test_it_empties_what_a_refused_form_had_when_it_is_discarded(desk: Desk) -> None:
    page = desk.page_as("bob", expect=("status of 400",))
    page.goto(desk.review("small"))
    comment = page.get_by_label("Comment", exact=True)
    comment.fill("   ")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.locator("#comment-error")).to_be_visible()
    scripts_run(page)
    comment.fill("Never said")
    page.goto(desk.review("small"))
    expect(comment).to_have_value("Never said")
    page.get_by_role("button", name="Discard it").click()
    expect(comment).to_have_value("")
    assert kept(page) == []


def test_it_sends_the_token_of_the_newest_session(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(desk.review("small"))
    page.get_by_label("Comment", exact=True).fill("After a sign-in elsewhere")
    sign_in_elsewhere(page, desk, "bob")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.locator(".comment").filter(has_text="After a sign-in elsewhere")).to_have_count(1)


def test_it_shows_the_text_without_javascript(desk: Desk) -> None:
    page = desk.page_as("bob", java_script_enabled=False, expect=("status of 403",))
    page.goto(desk.review("small"))
    page.get_by_label("Comment", exact=True).fill("Typed without scripts")
    lose_session(page)
    page.get_by_role("button", name="Add the comment").click()
    assert page.get_by_role("heading", level=1).inner_text() == "You are signed out"
    assert page.get_by_label("Your comment").input_value() == "Typed without scripts"
    page.get_by_role("link", name="Sign in and go back").click()
    sign_in(page, desk, "bob")
    assert page.url.endswith("/review/")


def test_it_forgets_a_note_that_a_script_sent(desk: Desk) -> None:
    lend(desk)
    page = desk.page_as("alice")
    page.goto(TOMAS)
    widget = page.locator("#feedback")
    widget.get_by_label("Note").fill("He listened.")
    widget.get_by_label("warmer").check()
    page.reload()
    expect(widget.get_by_label("Note")).to_have_value("He listened.")
    widget.get_by_label("warmer").check()
    widget.get_by_role("button", name="Send feedback").click()
    expect(widget.locator("[data-feedback-said]")).to_contain_text("Stored: warmer.")
    assert kept(page) == []
