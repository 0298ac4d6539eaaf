"""How forms look: what was refused stands out at its field, and no choice is cut into pieces."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import DECISIONS, JOURNAL, RULES, SIMULATOR, TOMAS, Desk
from tests.browser.vibe import lend
from tests.services.server import RunningServer

BROKEN_WORDS = """labels => labels.flatMap(label => {
  const walk = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
  const broken = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    for (const word of node.data.matchAll(/\\S+/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (range.getClientRects().length > 1) broken.push(word[0]);
    }
  }
  return broken;
})"""


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def style(field: Locator, name: str, part: str | None = None) -> str:
    answer: str = field.evaluate(
        "(one, [name, part]) => getComputedStyle(one, part).getPropertyValue(name)", [name, part]
    )
    return answer


def edges(part: Locator) -> dict[str, float]:
    box = part.bounding_box()
    assert box
    return {"left": box["x"], "top": box["y"], "bottom": box["y"] + box["height"]}


@pytest.mark.parametrize("width", [320, 1440])
def test_it_says_what_was_refused_between_label_and_field(desk: Desk, width: int) -> None:
    page = desk.page_as("dana", width=width)
    page.goto(f"{RULES}add/")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Please correct the errors below.")).to_be_visible()
    for name in ("owner_kind", "owner_ref"):
        row = page.locator(f".form-row.field-{name}")
        label, error = edges(row.locator("label")), edges(row.locator(".errorlist"))
        field = row.locator("select, input")
        assert abs(error["left"] - edges(field)["left"]) < 1
        assert label["top"] <= error["top"] + 1
        assert error["bottom"] <= edges(field)["top"]
        assert style(field, "border-color") == style(row.locator(".errorlist"), "color")
    sound = page.locator(".form-row.field-group select")
    assert style(sound, "border-color") != style(page.locator(".errorlist").first, "color")
    assert style(sound, "box-shadow") == "none"


def test_it_marks_a_choice_that_was_refused_as_it_marks_a_text(desk: Desk) -> None:
    page = desk.page_as("dana", expect=("status of 400",))
    page.goto(f"{SIMULATOR}?subject=ghost&action=persona.manage&persona=persona.none")
    text, choice, sound = (
        page.locator(f"#sim-{name}") for name in ("subject", "persona", "action")
    )
    for name in ("border-color", "box-shadow"):
        assert style(choice, name) == style(text, name)
        assert style(sound, name) != style(text, name)


def test_it_writes_placeholders_as_legibly_as_help(desk: Desk) -> None:
    page = desk.page_as("dana", color_scheme="dark")
    page.goto(DECISIONS)
    quiet = style(page.get_by_role("contentinfo"), "color")
    for placeholder in ("user name or id", "persona.…"):
        field = page.get_by_placeholder(placeholder)
        assert style(field, "color", "::placeholder") == quiet
        assert style(field, "opacity", "::placeholder") == "1"


@pytest.mark.parametrize("width", [320, 1440])
def test_it_breaks_no_word_of_a_choice(desk: Desk, width: int) -> None:
    lend(desk)
    alice = desk.page_as("alice", width=width)
    assert broken(alice, JOURNAL, 3) == []
    assert broken(alice, TOMAS, 12) == []
    # The one that is chosen is bold, and so the widest.
    alice.get_by_role("radio", name="completely").check()
    alice.get_by_role("radio", name="warmer").check()
    assert alice.locator(".answer").evaluate_all(BROKEN_WORDS) == []


def broken(page: Page, address: str, at_least: int) -> list[str]:
    page.goto(address)
    answers = page.locator(".answer")
    assert answers.count() >= at_least
    words: list[str] = answers.evaluate_all(BROKEN_WORDS)
    return words
