"""The editor of a proposal in Chromium: form, record and patch in step, live preview, keyboard."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import axe_findings
from tests.browser.conftest import NewPage
from tests.browser.desk import ILSE, PROPOSE, Desk, scripts_run
from tests.services.server import RunningServer

ILSE_PROPOSE = f"{ILSE}/propose/"
DRAFT_PROPOSE = "/admin/personas/persona/persona.draft/propose/"


@pytest.fixture(scope="module")
def seeded(shared_server: RunningServer) -> Desk:
    return Desk(shared_server, None)


@pytest.fixture
def desk(seeded: Desk, new_page: NewPage) -> Desk:
    seeded.new_page = new_page
    return seeded


def field(page: Page, pointer: str) -> Locator:
    return page.locator(f'[id="field-{pointer}"]')


def status(page: Page) -> Locator:
    return page.locator("[data-editor-status]")


def focused(page: Page) -> str:
    label: str = page.evaluate(
        "document.activeElement.getAttribute('aria-label') || document.activeElement.id"
    )
    return label


def tab_to(page: Page, label: str) -> None:
    """Walks by the Tab key alone until the focus is on what is called `label`."""
    scripts_run(page)
    for _step in range(120):
        page.keyboard.press("Tab")
        here = "[document.activeElement.innerText, document.activeElement.id]"
        if any(part and part.endswith(label) for part in [focused(page), *page.evaluate(here)]):
            return
    raise AssertionError(f"{label} cannot be reached by keyboard")


def proposed(page: Page) -> list[dict[str, Any]]:
    """The patch of the proposal whose review screen is open."""
    page.goto(re.sub(r"[?#].*", "", page.url) + "?view=patch")
    patch: list[dict[str, Any]] = json.loads(page.locator("pre.json").first.inner_text())
    return patch


@contextmanager
def counted_posts(page: Page) -> Iterator[list[str]]:
    """The steps that are sent while the block runs, but for the previews."""
    sent: list[str] = []
    page.on(
        "request",
        lambda one: (
            sent.append(one.url)
            if one.method == "POST" and "step=draft" not in (one.post_data or "")
            else None
        ),
    )
    yield sent


def test_it_proposes_what_the_preview_showed(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(PROPOSE)
    expect(status(page)).to_have_text("No changes yet.")
    field(page, "/archetype").fill("Quiet mentor")
    expect(status(page)).to_have_text("1 changed")
    page.get_by_role("button", name="Move Strengths 4 up").click()
    expect(status(page)).to_have_text("1 changed, 1 moved")
    page.get_by_role("button", name="Add to Preferences").click()
    page.get_by_label("Name of the new field").fill("telemetry")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("checkbox", name="telemetry on").check()
    expect(status(page)).to_have_text("1 changed, 1 added, 1 moved; telemetry turned ON")
    preview = page.locator("[data-editor-preview]")
    expect(preview.locator("ins")).to_have_text("Quiet mentor")
    expect(preview).to_contain_text("Turns vibe telemetry on, scope workspace")
    expect(preview).to_contain_text("What is collected")
    page.get_by_label("Why?").fill("She is one.")
    page.get_by_role("button", name="Submit the proposal").click()
    page.wait_for_url(re.compile("/review/"))
    expect(page.locator("blockquote")).to_have_text("She is one.")
    patch = proposed(page)
    assert [(op["op"], op["path"]) for op in patch] == [
        ("replace", "/archetype"),
        ("move", "/traits/strengths/3"),
        ("add", "/preferences/telemetry"),
    ]
    assert patch[2]["value"] == {"vibe": {"enabled": True, "scope": "workspace"}}


def test_it_proposes_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(ILSE_PROPOSE)
    tab_to(page, "field-/archetype")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Keeper of lists")
    tab_to(page, "Add an item to Interests")
    page.keyboard.press("Enter")
    assert focused(page) == "field-/preferences/interests/2"
    page.keyboard.type("Indexes.")
    tab_to(page, "Move Interests 3 up")
    page.keyboard.press("Enter")
    assert focused(page) == "Move Interests 2 up"
    page.keyboard.press("Space")
    assert focused(page) == "Move Interests 1 down"
    tab_to(page, "Remove Interests 2")
    page.keyboard.press("Enter")
    assert focused(page) == "Remove Interests 2"
    expect(field(page, "/preferences/interests/0")).to_have_value("Indexes.")
    expect(field(page, "/preferences/interests/1")).to_have_value("Card catalogues.")
    tab_to(page, "rationale")
    page.keyboard.type("As she asked.")
    tab_to(page, "Submit the proposal")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/review/"))
    expect(page.locator(".lede")).to_have_text("2 changed")


def test_it_keeps_its_three_views_in_step(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(PROPOSE)
    field(page, "/name").fill("Mara L.")
    page.get_by_role("tab", name="Record (JSON)").click()
    record = page.get_by_label("The record as it should be")
    document = json.loads(record.input_value())
    assert document["name"] == "Mara L."
    document["calibration"]["confidence"] = 0.9
    record.fill(json.dumps(document))
    expect(status(page)).to_have_text("2 changed")
    page.keyboard.press("Shift+Tab")
    page.get_by_role("tab", name="Record (JSON)").press("ArrowRight")
    patch = page.get_by_label("Change, as JSON")
    assert [op["path"] for op in json.loads(patch.input_value())] == [
        "/name",
        "/calibration/confidence",
    ]
    patch.fill('{"name": "Mara", "traits": {"tone": {"warmth": 0.25, "pace": 0.5}}}')
    expect(status(page)).to_have_text("1 changed, 1 added")
    page.get_by_role("tab", name="Patch").press("Home")
    expect(field(page, "/name")).to_have_value("Mara")
    expect(field(page, "/calibration/confidence")).to_have_value("0.7")
    expect(page.get_by_role("slider", name="Warmth")).to_have_value("0.25")
    page.get_by_role("slider", name="Warmth").press("ArrowRight")
    expect(field(page, "/traits/tone/warmth")).not_to_have_value("0.25")
    page.get_by_role("button", name="Undo all changes").click()
    expect(status(page)).to_have_text("No changes yet.")
    expect(field(page, "/name")).to_have_value("Mara Lindqvist")


def test_it_says_beside_the_field_what_is_wrong(desk: Desk) -> None:
    page = desk.page_as("alice", bypass_csp=True)
    page.goto(PROPOSE)
    with counted_posts(page) as sent:
        field(page, "/traits/openness").fill("x" * 8193)
        expect(status(page)).to_contain_text("1 problem.")
        beside = page.locator('[id="fault-/traits/openness"]')
        expect(beside).to_contain_text("/traits/openness")
        expect(beside).to_contain_text("8192 bytes")
        expect(field(page, "/traits/openness")).to_have_attribute("aria-invalid", "true")
        assert axe_findings(page) == []
        page.get_by_role("button", name="Submit the proposal").click()
        faults = page.locator("[data-editor-faults]")
        expect(faults).to_be_focused()
        faults.get_by_role("button").click()
        expect(field(page, "/traits/openness")).to_be_focused()
        page.get_by_role("tab", name="Record (JSON)").click()
        page.get_by_label("The record as it should be").fill('{"name": "A", "name": "B"}')
        expect(page.locator("#record-error")).to_contain_text("/name")
        page.get_by_label("The record as it should be").fill("{")
        expect(page.locator("#record-error")).to_contain_text("no JSON from line 1, column 2 on")
        page.get_by_role("tab", name="Form").click()
        expect(status(page)).to_contain_text("cannot be read yet")
        expect(page.get_by_label("The record as it should be")).to_have_value("{")
        page.get_by_role("button", name="Submit the proposal").click()
        expect(faults).to_be_focused()
    assert sent == []


def test_it_submits_nothing_that_changes_nothing(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(PROPOSE)
    with counted_posts(page) as sent:
        page.get_by_role("button", name="Submit the proposal").click()
        faults = page.locator("[data-editor-faults]")
        expect(faults).to_be_focused()
        expect(faults).to_contain_text("there is nothing to propose yet")
    assert sent == []
    assert page.url.endswith(PROPOSE)


def test_it_carries_on_when_the_record_moved(desk: Desk) -> None:
    alice, bob = desk.page_as("alice"), desk.page_as("bob")
    alice.goto(DRAFT_PROPOSE)
    field(alice, "/name").fill("Ines")
    alice.get_by_label("Why?").fill("It fits.")
    bob.goto(desk.review("other"))
    bob.get_by_role("button", name="Approve…").click()
    bob.get_by_role("dialog").get_by_role("button", name=re.compile("^Approve")).click()
    expect(bob.get_by_role("button", name="Approve…")).to_have_count(0)
    field(alice, "/archetype").fill("Editor")
    notice = alice.locator("#record-moved")
    expect(notice).to_contain_text("moved from version 1 to version 2")
    expect(notice).to_contain_text("Bob")
    alice.get_by_role("button", name="Submit the proposal").click()
    expect(notice).to_be_focused()
    alice.get_by_role("button", name="Carry on with version 2").click()
    expect(notice).to_contain_text("Both sides changed these places")
    expect(notice).to_contain_text("moved from version 1 to version 2")
    expect(notice).to_contain_text("Ida")
    expect(field(alice, "/name")).to_have_value("Ines")
    expect(field(alice, "/archetype")).to_have_value("Editor")
    expect(alice.get_by_label("Why?")).to_have_value("It fits.")
    alice.get_by_role("button", name="Submit the proposal").click()
    alice.wait_for_url(re.compile("/review/"))
    assert [(op["path"], op["value"]) for op in proposed(alice)] == [
        ("/name", "Ines"),
        ("/archetype", "Editor"),
    ]


def test_it_asks_before_it_leaves_unsaved_changes(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(PROPOSE)
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    field(page, "/name").fill("Mara L.")
    with page.expect_event("dialog"):  # it comes after the click
        page.get_by_role("link", name="Cancel").click()
    expect(field(page, "/name")).to_have_value("Mara L.")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Undo all changes").click()
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(re.compile("/page/$"))
    assert asked == ["beforeunload"]


def test_it_adds_a_field_of_any_kind(desk: Desk) -> None:
    page = desk.page_as("alice", bypass_csp=True)
    page.goto(ILSE_PROPOSE)
    page.get_by_role("button", name="Add to Traits").click()
    name = page.get_by_label("Name of the new field")
    expect(name).to_be_focused()
    assert axe_findings(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_text("Give the new field a name.")).to_be_visible()
    name.fill("style")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is a field of that name already.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Add to Traits")).to_be_focused()
    for key, kind in (("__proto__", "Text"), ("a/b~c", "Number"), ("likes", "List")):
        page.get_by_role("button", name="Add to Traits").click()
        name.fill(key)
        page.get_by_label("Kind").select_option(kind)
        page.keyboard.press("Enter")
    expect(status(page)).to_have_text("3 added")
    page.get_by_role("tab", name="Patch").click()
    patch = json.loads(page.get_by_label("Change, as JSON").input_value())
    assert sorted((op["path"], op["value"] or 0) for op in patch) == [
        ("/traits/__proto__", 0),
        ("/traits/a~1b~0c", 0),
        ("/traits/likes", 0),
    ]


def test_it_folds_the_groups_of_a_long_list(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(ILSE_PROPOSE)
    page.get_by_role("tab", name="Patch").click()
    beliefs = [{"id": f"b{n}", "statement": f"Belief number {n}."} for n in range(12)]
    page.get_by_label("Change, as JSON").fill(json.dumps({"worldview": {"beliefs": beliefs}}))
    expect(status(page)).to_have_text("1 added")
    page.get_by_role("tab", name="Form").click()
    place = "/worldview/beliefs/11/statement"
    expect(field(page, place)).to_have_count(0)
    page.get_by_role("button", name="Move Beliefs 12 up").click()
    assert focused(page) == "Move Beliefs 11 up"
    expect(page.locator(".editor-fold > summary").nth(10)).to_contain_text("Belief number 11.")
    page.locator(".editor-fold > summary").nth(11).press("Enter")
    expect(field(page, place)).to_have_value("Belief number 10.")
    field(page, place).fill("x" * 8193)
    expect(page.locator(f'[id="fault-{place}"]')).to_contain_text("8192 bytes")
    page.get_by_role("tab", name="Record (JSON)").click()
    page.get_by_role("tab", name="Form").click()
    expect(page.locator(f'[id="fault-{place}"]')).to_be_visible()
    page.get_by_role("button", name="Add an item to Beliefs").click()
    assert focused(page) == "field-/worldview/beliefs/12/id"


def test_it_revises_in_the_same_editor(desk: Desk) -> None:
    page = desk.page_as("alice")
    page.goto(desk.about("small", "revise"))
    expect(status(page)).to_have_text("1 changed")
    expect(field(page, "/archetype")).to_have_value("Reliability engineer")
    field(page, "/archetype").fill("Engineer and mentor")
    page.get_by_role("button", name="Undo all changes").click()
    expect(field(page, "/archetype")).to_have_value("Reliability engineer")
    field(page, "/archetype").fill("Engineer and mentor")
    page.get_by_role("button", name="Submit the revision").click()
    page.wait_for_url(re.compile("/review/"))
    assert [op["value"] for op in proposed(page)] == ["Engineer and mentor"]


def test_it_works_without_javascript(desk: Desk) -> None:
    page = desk.page_as("alice", java_script_enabled=False)
    page.goto(PROPOSE)
    page.get_by_label("Change, as JSON").fill('{"archetype": "Quiet mentor"}')
    page.get_by_label("Why?").fill("She is one.")
    page.get_by_role("button", name="Preview").click()
    assert page.get_by_role("heading", name="Preview: 1 changed").is_visible()
    assert page.locator("[data-editor-form]").is_hidden()
    page.get_by_role("button", name="Submit the proposal").click()
    assert page.url.endswith("/review/")
    assert page.locator("blockquote").inner_text() == "She is one."
