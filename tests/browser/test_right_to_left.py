"""What has a way of its own on a page that is read from the right."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, ILSE, PROPOSE, QUEUE, Desk
from tests.browser.memory import recall
from tests.conftest import StartServer

HEBREW = {"DJANGO_SETTINGS_MODULE": "tests.hebrew"}


def style(part: Locator, name: str) -> str:
    answer: str = part.evaluate("(one, name) => getComputedStyle(one)[name]", name)
    return answer


def marked_row(page: Page) -> str:
    page.goto(QUEUE)
    row = page.locator("#queue-body tr").first
    row.get_by_role("link").first.focus()
    return style(row, "boxShadow")


def test_it_turns_marks_and_arrows_and_leaves_code_and_numbers(
    start_server: StartServer, new_page: NewPage
) -> None:
    desk = Desk(start_server(env=HEBREW), new_page)
    right, left = desk.page_as("bob", locale="he"), desk.page_as("bob")
    assert " 4px 0px" in marked_row(left)
    assert " -4px 0px" in marked_row(right)

    for page, turned in ((right, True), (left, False)):
        page.goto(f"{ILSE}/at/1/")
        arrow = page.locator("a[rel=next] .turn")
        assert style(arrow, "transform").startswith("matrix(-1") == turned
        page.goto(f"{desk.review('big')}?view=side")
        assert style(page.locator(".lines .new").first, "direction") == "ltr"
        assert style(page.locator("html"), "direction") == ("rtl" if turned else "ltr")

    alice = desk.page_as("alice", locale="he")
    alice.goto(PROPOSE)
    number = alice.locator('.editor input[type="number"]').first
    assert style(number, "direction") == "ltr"
    assert style(alice.locator("#rationale"), "direction") == "rtl"


def test_it_turns_every_arrow_from_before_to_after(
    start_server: StartServer, new_page: NewPage
) -> None:
    desk = Desk(start_server(env=HEBREW), new_page)
    evidence = recall(desk)["review"]
    for locale, turned in (("he", True), ("en", False)):
        page = desk.page_as("dana", locale=locale)
        for address, arrows in (
            (f"{CONSENT}bulk/?to=on&all=1", ".bulkrow .turn"),
            (desk.review("big"), ".change-moved :is(.sign, .change-moved-body .turn)"),
            (evidence, ".evidence-belief .turn"),
        ):
            page.goto(address)
            found = page.locator(arrows)
            expect(found.first).to_have_text("→")
            ways = [style(one, "transform").startswith("matrix(-1") for one in found.all()]
            assert set(ways) == {turned}, address
    # A plus has no way of its own.
    page = desk.page_as("dana", locale="he")
    page.goto(desk.review("big"))
    assert style(page.locator(".change-added .sign").first, "transform") == "none"
