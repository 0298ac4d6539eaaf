"""The review flow in Chromium, from the queue to the decision and back: mouse, keyboard, no script.

And what can come between: another person, another revision, a lease that ran out.
"""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import QUEUE, Desk, overflow, scripts_run
from tests.services.server import RunningServer

REVOKE = "from tests.browser.review_data import revoke; revoke()"
CLIPBOARD = ["clipboard-read", "clipboard-write"]
TYPED = "Three people asked for this, and the numbers agree."


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def tab_to(page: Page, target: Locator) -> None:
    """Walks by the Tab key alone until the focus is on `target`."""
    scripts_run(page)
    for _step in range(200):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("it cannot be reached by keyboard")


def press(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True)


def test_it_runs_the_whole_flow_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(QUEUE)
    page.keyboard.press("k")
    page.keyboard.press("j")
    for _step in range(20):
        page.keyboard.press("k")
    expect(page.locator("tr:has(th a:focus)")).to_have_id(f"proposal-{desk.proposals['big']}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{desk.review('big')}")
    comment(page)
    scripts_run(page)
    page.keyboard.press("a")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Fine by me.")
    press(page, button(page, "Approve the change to Mara Lindqvist"))
    expect(page.locator("#outcome")).to_have_text("Approved by Bob")
    press(page, link(page, "Next in the queue"))
    page.wait_for_url(f"**{desk.review('small')}")
    press(page, link(page, "Skip to the decision"))
    expect(page.locator("#decide")).to_be_focused()
    press(page, button(page, "Ask for changes…"))
    page.keyboard.type("Keep the mentor.")
    press(page, button(page, "Ask for changes"))
    expect(page.locator("#asked")).to_have_text("Bob asked for changes")
    scripts_run(page)
    page.keyboard.press("r")
    page.keyboard.type("On second thought, no.")
    press(page, button(page, "Reject the change to Mara Lindqvist"))
    expect(page.locator("#outcome")).to_have_text("Rejected by Bob")
    page.goto(desk.review("big"))
    press(page, link(page, "Undo…"))
    page.wait_for_url(re.compile("/restore/1/"))
    press(page, button(page, "Propose the undo"))
    expect(page.locator(".status-pending")).to_have_count(1)


def comment(page: Page) -> None:
    page.keyboard.press("n")
    talk = page.locator("#change-1").get_by_role("link", name="Comment")
    press(page, talk)
    page.wait_for_url(re.compile("about="))
    tab_to(page, page.get_by_role("textbox", name="Comment"))
    page.keyboard.type("Warmer already.")
    press(page, button(page, "Add the comment"))
    expect(page.locator("#change-1 .comment-text")).to_have_text("Warmer already.")


def test_it_runs_the_whole_flow_without_javascript(desk: Desk) -> None:
    page = desk.page_as("bob", java_script_enabled=False)
    page.goto(QUEUE)
    page.get_by_label("Proposed by").select_option(label="Alice")
    page.get_by_label("Persona", exact=True).select_option(label="Mara Lindqvist")
    button(page, "Filter").click()
    assert re.search(r"persona=persona\.mara.*who=", page.url)
    expect(page.locator("[data-queue] tbody tr")).to_have_count(2)
    page.locator(f"#proposal-{desk.proposals['big']} a").click()
    page.locator("#change-1").get_by_role("link", name="Comment").click()
    page.get_by_role("textbox", name="Comment").fill("Warmer already.")
    button(page, "Add the comment").click()
    assert page.locator("#change-1 .comment-text").inner_text() == "Warmer already."
    page.locator("#change-1 .change-link").click()
    assert page.url.endswith("#at")
    assert page.locator(".change.is-linked").get_attribute("id") == "change-1"
    link(page, "Skip to the decision").focus()
    button(page, "Approve…").click()
    button(page, "Approve the change to Mara Lindqvist").click()
    assert page.locator("#outcome").inner_text() == "Approved by Bob"
    link(page, "Next in the queue").click()
    button(page, "Ask for changes…").click()
    page.get_by_label("What should be different? (required)").fill("Keep the mentor.")
    button(page, "Ask for changes").click()
    assert page.locator("#asked").inner_text() == "Bob asked for changes"
    button(page, "Reject…").click()
    page.get_by_label("Why? (required)").fill("On second thought, no.")
    button(page, "Reject the change to Mara Lindqvist").click()
    assert page.locator("#outcome").inner_text() == "Rejected by Bob"
    page.goto(desk.review("big"))
    link(page, "Undo…").click()
    button(page, "Propose the undo").click()
    expect(page.locator(".status-pending")).to_have_count(1)


def test_it_keeps_the_filter_of_the_queue_in_its_address(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto(QUEUE)
    page.get_by_label("Persona", exact=True).select_option(label="persona.draft")
    button(page, "Filter").click()
    expect(page.locator("[data-queue] tbody tr")).to_have_count(3)
    page.locator("[data-queue] tbody a").first.click()
    page.go_back()
    expect(page.get_by_label("Persona", exact=True)).to_have_value("persona.draft")
    expect(page.locator("[data-queue] tbody tr")).to_have_count(3)


def test_it_says_who_came_first_and_lets_the_text_be_copied(desk: Desk) -> None:
    late = desk.page_as("bob", expect=("status of 409",), permissions=CLIPBOARD)
    late.goto(desk.review("small"))
    late.keyboard.press("r")
    late.keyboard.type(TYPED)
    early = desk.page_as("erin")
    early.goto(desk.review("small"))
    early.keyboard.press("a")
    button(early, "Approve the change to Mara Lindqvist").click()
    expect(early.locator("#outcome")).to_have_text("Approved by Erin")
    press(late, button(late, "Reject the change to Mara Lindqvist"))
    refusal = late.get_by_role("alert")
    first = re.compile(
        r"Somebody else decided first\. Approved by Erin, (just now|\d+ seconds ago)"
    )
    expect(refusal).to_contain_text(first)
    expect(refusal.locator("time")).to_have_attribute("datetime", re.compile("Z$"))
    button(late, "Copy it").click()
    expect(late.locator("#toasts")).to_contain_text("Copied")
    assert late.evaluate("navigator.clipboard.readText()") == TYPED
    link(late, "What version 2 changed").click()
    expect(late.locator(".lede")).to_have_text("From version 1 to version 2: 1 changed")


def test_it_closes_the_decision_when_a_revision_came_between(desk: Desk) -> None:
    late = desk.page_as("bob", expect=("status of 409",))
    late.goto(desk.review("small"))
    late.keyboard.press("a")
    late.keyboard.type(TYPED)
    early = desk.page_as("alice")
    early.goto(desk.about("small", "revise"))
    early.get_by_label("Why").first.wait_for()
    revise(early)
    button(late, "Approve the change to Mara Lindqvist").click()
    expect(late.get_by_role("alert")).to_contain_text("Alice wrote revision 2.")
    expect(late.locator("[data-confirm-open], dialog[open]")).to_have_count(0)
    expect(late.get_by_label("What you had typed")).to_have_value(TYPED)
    scripts_run(late)
    button(late, "Approve…").click()
    expect(late.get_by_role("dialog").get_by_role("textbox")).to_have_value(TYPED)
    button(late, "Cancel").click()
    link(late, "What the revision changed").click()
    expect(late.locator(".lede")).to_have_text("From revision 1 to revision 2")


def revise(page: Page, archetype: str = "Engineer") -> None:
    """Another wording of the small change, sent as a revision through the form's own fields."""
    token = page.locator("form [name=csrfmiddlewaretoken]").first.input_value()
    digest = page.locator("form [name=digest]").first.input_value()
    answer = page.request.post(
        page.url,
        form={
            "csrfmiddlewaretoken": token,
            "digest": digest,
            "diff": json.dumps([{"op": "replace", "path": "/archetype", "value": archetype}]),
            "rationale": "Shorter still.",
            "step": "submit",
        },
        headers={"Referer": page.url},
    )
    assert answer.status == 200
    assert answer.url.endswith("/review/")


def test_it_fetches_a_lease_that_ran_out_and_returns_to_the_decision(desk: Desk) -> None:
    page = desk.page_as("dana", expect=("status of 403",))
    page.goto(desk.review("small"))
    page.keyboard.press("a")
    page.keyboard.type(TYPED)
    revoke_lease(desk)
    press(page, button(page, "Approve the change to Mara Lindqvist"))
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("A lease that this needs ran out or is missing.")
    expect(page.get_by_label("What you had typed")).to_have_value(TYPED)
    press(page, refusal.get_by_role("link", name="Grant persona:manage"))
    expect(page.get_by_label("Capability")).to_have_value("persona:manage")
    press(page, button(page, "Grant"))
    page.wait_for_url(re.compile(r"/review/\?resume=1#decide$"))
    confirm = page.locator("[data-confirm-open]")
    expect(confirm.get_by_role("textbox")).to_have_value(TYPED)
    expect(confirm.get_by_role("textbox")).to_be_focused()
    press(page, button(page, "Approve the change to Mara Lindqvist"))
    expect(page.locator("#outcome")).to_have_text("Approved by Dana")
    expect(page.locator(".outcome blockquote")).to_have_text(TYPED)


def test_it_asks_for_the_lease_without_javascript(desk: Desk) -> None:
    page = desk.page_as("bob", java_script_enabled=False, expect=("status of 403",))
    page.goto(desk.review("small"))
    button(page, "Reject…").click()
    page.get_by_label("Why? (required)").fill(TYPED)
    revoke_lease(desk)
    button(page, "Reject the change to Mara Lindqvist").click()
    page.get_by_role("alert").get_by_role("link", name="Ask for persona:manage").click()
    page.get_by_label("Why do you need it?").fill("To decide.")
    button(page, "Ask").click()
    assert page.url.endswith("?resume=1#decide")
    assert page.get_by_label("What you had typed").input_value() == TYPED
    assert page.locator(".status-pending").count() >= 1


def revoke_lease(desk: Desk) -> None:
    """The lease that everybody lives on is taken away."""
    desk.server.manage("shell", "--no-imports", "-v", "0", "-c", REVOKE)


def test_it_finds_nothing_in_refused_decisions(server: RunningServer, new_page: NewPage) -> None:
    desk = Desk(server, new_page)
    looks = [(width, scheme) for width in (320, 1440) for scheme in ("light", "dark")]
    pages = []
    for width, scheme in looks:
        look = {"width": width, "color_scheme": scheme, "bypass_csp": True}
        page = desk.page_as("dana", expect=("status of 403",), **look)
        page.goto(desk.review("small"))
        page.keyboard.press("r")
        page.keyboard.type(TYPED)
        pages.append(page)
    revoke_lease(desk)
    for page in pages:
        button(page, "Reject the change to Mara Lindqvist").click()
        expect(page.get_by_role("alert")).to_have_count(1)
        assert axe_findings(page) == []
        assert overflow(page) <= 0


@pytest.mark.parametrize(("key", "name"), [("a", "approve"), ("r", "reject")])
def test_it_says_by_keyboard_why_a_decision_cannot_be_taken(
    desk: Desk, key: str, name: str
) -> None:
    revoke_lease(desk)
    page = desk.page_as("bob")
    page.goto(desk.review("small"))
    address = page.url
    expect(page.locator(f"button[name=confirm][value={name}]")).to_be_disabled()
    scripts_run(page)
    page.keyboard.press(key)
    reasons = page.locator(f"#{name}-off")
    expect(reasons).to_be_focused()
    expect(reasons).to_be_in_viewport()
    expect(reasons).not_to_be_empty()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == address
