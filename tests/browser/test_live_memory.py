"""What memory says goes from open pages as soon as it is erased, and comes as it is written."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.memory import recall
from tests.browser.test_live_updates import api, opened, stays
from tests.services.server import RunningServer

BARE = "persona.draft"
WORDS = "It waited for the second question."


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def act(desk: Desk, who: str, kind: str, **given: Any) -> dict[str, Any]:
    output: dict[str, Any] = api(desk, who, "/actions", {"kind": kind, "input": given})["output"]
    return output


def test_it_shows_a_card_with_the_first_words_and_none_after_the_last(desk: Desk) -> None:
    page = opened(desk, "alice", f"/admin/personas/persona/{BARE}/page/")
    card = page.locator("#persona-card")
    expect(card).to_be_hidden()
    kept = act(desk, "alice", "journal.answer", persona_id=BARE, text=WORDS)
    expect(card).to_contain_text(WORDS)
    act(desk, "alice", "memory.erase", item_id=kept["item_id"])
    expect(card).to_be_hidden()
    expect(page.get_by_text(WORDS)).to_have_count(0)
    assert stays(page)


def test_it_takes_erased_words_off_the_item_and_the_evidence(desk: Desk) -> None:
    made = recall(desk)
    item = opened(desk, "bob", made["item"])
    review = opened(desk, "erin", made["review"])
    words = item.locator(".memory-text").inner_text()
    evidence = review.locator("#evidence")
    expect(evidence.locator(".evidence-text").get_by_text(words)).to_have_count(1)
    approve = review.get_by_role("button", name="Approve…")
    expect(approve).to_be_enabled()
    lost = evidence.get_by_text("Erased. Only the id is left.")
    before = lost.count()
    act(desk, "alice", "memory.erase", item_id=made["item"].split("/")[-2])
    expect(item.get_by_role("heading", name="Erased")).to_be_visible()
    expect(item.locator(".memory-text")).to_have_count(0)
    expect(lost).to_have_count(before + 1)
    expect(evidence.locator(".evidence-text").get_by_text(words)).to_have_count(0)
    expect(approve).to_be_disabled()
    assert stays(item)
    assert stays(review)
