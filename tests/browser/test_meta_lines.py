"""In a narrow window the dots between facts end lines and never begin one."""

from __future__ import annotations

from tests.browser.conftest import NewPage
from tests.browser.desk import ILSE, PERSONA, TOMAS, Desk
from tests.services.server import RunningServer

# What stands right before the dot, in whichever element, has to be on its line.
ASTRAY = """() => {
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const found = [];
    const box = (node, at) => {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getClientRects()[0];
    };
    let before = null;
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        for (let at = 0; at < node.data.length; at += 1) {
            const sign = node.data[at];
            const here = box(node, at);
            if (!here || !here.width) continue;
            if (sign === "·" && before && here.top >= before.bottom) found.push(node.data.trim());
            if (sign.trim()) before = here;
        }
    }
    return found;
}"""


def test_it_begins_no_line_with_a_dot(server: RunningServer, new_page: NewPage) -> None:
    desk = Desk(server, new_page)
    page = desk.page_as("dana", width=320)
    dots = 0
    for address in (
        *(desk.review("quorum"), desk.review("discussed"), desk.about("quorum", "revise")),
        *(PERSONA, TOMAS, f"{ILSE}/page/", f"{ILSE}/at/1/", "/admin/", "/admin/tokens/"),
    ):
        assert page.goto(address).ok  # type: ignore[union-attr]
        page.wait_for_load_state()
        dots += page.locator("main").inner_text().count("·")
        assert page.evaluate(ASTRAY) == [], address
    assert dots > 10
