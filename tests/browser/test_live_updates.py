"""Open pages keep up by themselves: the queue, badges, leases, home; nothing that one does is lost."""

from itertools import pairwise
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import COOKIE, INBOX, LEASES, PERSONA, QUEUE, Desk
from tests.services.server import RunningServer

NO = {"rationale": "No."}
SAID = "[data-updates-say]"
STATE = "[data-updates-state]"
FETCHED = """address => performance.getEntriesByType("resource").filter(
    (one) => one.initiatorType === "xmlhttprequest" && one.name.endsWith(address)
).map((one) => one.startTime)"""
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def api(desk: Desk, who: str, path: str, body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {desk.server.tokens[who]}"}
    answer = httpx.post(desk.server.base + path, json=body, headers=headers, timeout=60)
    assert answer.is_success, answer.text
    return dict(answer.json()) if answer.content else {}


def propose(desk: Desk, archetype: str, persona: str = "persona.ilse") -> str:
    path = f"/admin/persona/{persona}/proposals"
    made = api(desk, "alice", path, {"diff": {"archetype": archetype}, "rationale": "A try."})
    return str(made["proposal_id"])


def opened(desk: Desk, who: str, address: str, **options: Any) -> Page:
    """A page that listens to the stream, marked so that a reload would show."""
    page = desk.page_as(who, **options)
    with page.expect_response(lambda answer: "/events?" in answer.url):
        page.goto(address)
    page.evaluate("window.stays = true")
    return page


def row(page: Page, proposal: str) -> Locator:
    return page.locator(f"#proposal-{proposal}")


def stays(page: Page) -> bool:
    return bool(page.evaluate("window.stays === true"))


def test_it_shows_nothing_of_what_another_sees(desk: Desk) -> None:
    page = opened(desk, "bob", QUEUE, expect=("status of 409",))
    cookie = {"name": COOKIE, "value": desk.sessions["dana"], "url": desk.server.base}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    made = propose(desk, "Cartographer of the coast")
    expect(page.locator(STATE)).to_contain_text("Somebody else has signed in here")
    expect(row(page, made)).to_have_count(0)
    assert stays(page)
    page.reload()
    expect(row(page, made)).to_have_count(1)


def test_it_shows_a_new_proposal_and_keeps_the_focus(desk: Desk) -> None:
    page = opened(desk, "bob", QUEUE)
    page.keyboard.press("j")
    page.keyboard.press("j")
    focused = page.evaluate("document.activeElement.href")
    page.evaluate("window.scrollTo(0, 120)")
    made = propose(desk, "Keeper of the index")
    expect(row(page, made)).to_be_visible()
    expect(page.locator("#queue-count")).to_contain_text("10 proposals")
    expect(page.locator("#badge-queue")).to_contain_text("8")  # not his own, nor one to revise
    expect(page.locator(SAID)).to_have_text("A change was proposed.")
    assert page.evaluate("document.activeElement.href") == focused
    assert page.evaluate("window.scrollY") == 120
    assert stays(page)
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.href") != focused


def test_it_marks_what_was_decided_and_leaves_it_in_place(desk: Desk) -> None:
    page = opened(desk, "bob", QUEUE)
    small = desk.proposals["small"]
    row(page, small).hover()
    api(desk, "bob", f"/admin/persona/proposals/{small}/reject", NO)
    expect(row(page, small)).to_contain_text("rejected just now")
    expect(row(page, small)).to_be_visible()
    expect(page.locator("#queue-count")).to_contain_text("8 proposals")
    expect(page.locator("#badge-queue")).to_contain_text("6")
    expect(page.locator("#queue-body tr:not(.is-gone)")).to_have_count(8)
    propose(desk, "Keeper of the index")
    expect(page.locator("#queue-body tr:not(.is-gone)")).to_have_count(9)
    expect(row(page, small)).to_have_count(1)
    expect(row(page, small).get_by_text("rejected just now")).to_have_count(1)


def test_it_keeps_a_list_whose_last_row_was_decided(desk: Desk) -> None:
    page = opened(desk, "bob", f"{QUEUE}?persona=persona.mara")
    for which in ("big", "small"):
        path = f"/admin/persona/proposals/{desk.proposals[which]}/reject"
        api(desk, "bob", path, NO)
    for which in ("big", "small"):
        expect(row(page, desk.proposals[which])).to_contain_text("rejected just now")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    propose(desk, "Swimmer", "persona.mara")
    expect(page.locator("#queue-body tr:not(.is-gone)")).to_have_count(1)
    expect(page.get_by_text("Nothing matches")).to_have_count(0)


def test_it_keeps_what_is_typed(desk: Desk) -> None:
    page = opened(desk, "dana", LEASES)
    search = page.get_by_label("Search", exact=True)
    search.focus()
    page.keyboard.type("telemetr")
    api(desk, "dana", "/leases", {"capability": "telemetry:persona:trial", "ttl_secs": 600})
    expect(page.locator(".leaserow").filter(has_text="telemetry:persona:trial")).to_be_visible()
    expect(page.locator(SAID)).to_have_text("A lease was granted.")
    expect(search).to_have_value("telemetr")
    expect(search).to_be_focused()
    page.keyboard.type("y")
    expect(search).to_have_value("telemetry")
    assert stays(page)


def test_it_moves_countdowns_and_marks_revoked_leases(desk: Desk) -> None:
    page = opened(desk, "dana", LEASES)
    lease = desk.access["lease"]
    shown = page.locator(f"[id='lease-{lease}']")
    api(desk, "dana", f"/leases/{lease}/renew", {"ttl_secs": 7200})
    expect(shown.locator("time.countdown")).to_contain_text("1:59:")
    api(desk, "dana", "/leases/revoke", {"prefix": "persona:manage", "reason": "Done."})
    expect(shown).to_contain_text("revoked just now")


def test_it_leaves_answered_requests_under_the_pointer(desk: Desk) -> None:
    body = {"capability": "share:notes", "ttl_secs": 600, "reason": "Memory."}
    second = api(desk, "alice", "/leases/requests", body)["id"]
    page = opened(desk, "dana", "/admin/")
    first = page.locator(f"[id='request-{desk.access['request']}']")
    first.evaluate("one => { one.was = 'first'; }")
    last = page.locator(f"[id='request-{second}']")
    last.evaluate("one => { one.was = 'last'; }")
    api(desk, "dana", f"/leases/requests/{desk.access['request']}/deny", {"reason": "No."})
    expect(first).to_contain_text("answered just now")
    expect(last).not_to_contain_text("answered just now")
    assert (first.evaluate("one => one.was"), last.evaluate("one => one.was")) == ("first", "last")
    assert stays(page)


def test_it_moves_the_persona_page_on(desk: Desk) -> None:
    page = opened(desk, "bob", PERSONA)
    folded = page.locator("#persona-record details").first
    badge = page.locator("#badge-queue")
    expect(badge).to_have_text("7 pending")
    was_open = folded.evaluate("one => one.open")
    folded.locator("summary").click()
    api(desk, "bob", f"/admin/persona/proposals/{desk.proposals['small']}/approve", {})
    expect(page.locator("#persona-version")).to_contain_text("version 2")
    expect(page.locator("#persona-history")).to_contain_text("v2")
    expect(page.locator("#persona-pending")).to_contain_text("approved just now")
    expect(badge).to_have_text("6 pending")
    assert folded.evaluate("one => one.open") is not was_open
    api(desk, "bob", f"/admin/persona/proposals/{desk.proposals['discussed']}/reject", NO)
    expect(badge).to_have_text("6 pending")  # it waited for a revision, not for him
    api(desk, "bob", f"/admin/persona/proposals/{desk.proposals['big']}/reject", NO)
    expect(badge).to_have_text("5 pending")
    expect(page.locator("#persona-version")).to_contain_text("version 2")
    assert stays(page)


def test_it_leaves_open_what_is_open(desk: Desk) -> None:
    page = desk.page_as("bob")
    page.goto("/admin/preferences/")
    found = page.evaluate(
        """async () => {
            const part = (inner) => {
                const made = document.createElement("div");
                made.id = "tried";
                made.innerHTML = inner;
                return made;
            };
            const here = part(
                '<details id="one"><summary>Why</summary><p>Old</p></details>' +
                '<dialog id="two"><p>Asked</p></dialog>' +
                '<textarea id="three"></textarea><input type="checkbox" id="four">' +
                '<select id="five"><option>a<option>b</select><input id="six" value="old">' +
                '<div id="seven" data-refresh-typed><p>Kept</p><input id="eight"></div>',
            );
            document.body.append(here);
            here.querySelector("details").open = true;
            here.querySelector("dialog").show();
            for (const id of ["three", "eight"]) document.getElementById(id).value = "typed";
            document.getElementById("four").checked = true;
            document.getElementById("five").value = "b";
            const there = part(
                '<p id="zero">New</p><details id="one"><summary>Why</summary><p>New</p></details>' +
                '<dialog id="two"><p>Gone</p></dialog>' +
                '<textarea id="three"></textarea><input type="checkbox" id="four">' +
                '<select id="five"><option>a<option>b</select><input id="six" value="new">' +
                '<div id="seven" data-refresh-typed><p>Fresh</p></div>',
            );
            Idiomorph.morph(here, there);
            const value = (id) => document.getElementById(id).value;
            return [here.querySelectorAll("details[open], dialog[open]").length,
                    here.textContent.replace("ab", ""), value("three"), value("five"), value("six"),
                    value("eight"), document.getElementById("four").checked];
        }"""
    )
    assert found == [2, "NewWhyNewAskedKept", "typed", "b", "new", "typed", True]


def test_it_counts_news_on_every_page(desk: Desk) -> None:
    page = opened(desk, "alice", "/admin/preferences/")
    before = int(page.locator("#badge-inbox .unread").evaluate("one => one.firstChild.data"))
    path = f"/admin/persona/proposals/{desk.proposals['small']}/reject"
    api(desk, "bob", path, NO)
    expect(page.locator("#badge-inbox")).to_contain_text(str(before + 1))
    page.goto(INBOX)
    expect(page.locator("#inbox-count")).to_contain_text(f"{before + 1} pieces")


def test_it_collapses_bursts(desk: Desk) -> None:
    page = opened(desk, "bob", QUEUE)
    for number in range(12):
        propose(desk, f"Keeper number {number}")
    expect(page.locator("#queue-count")).to_contain_text("21 proposals")
    # However long the twelve took: one fetch a second at most, by the browser's own clock.
    asked = page.evaluate(FETCHED, QUEUE)
    assert asked
    assert all(later - earlier > 900 for earlier, later in pairwise(asked)), asked
    assert stays(page)


def test_it_rests_while_hidden_and_catches_up(desk: Desk) -> None:
    page = opened(desk, "bob", QUEUE)
    page.evaluate(HIDE, arg=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    made = propose(desk, "Keeper of the index")
    expect(opened(desk, "erin", QUEUE).locator("#queue-count")).to_contain_text("10 proposals")
    assert not asked
    expect(row(page, made)).to_have_count(0)
    page.evaluate(HIDE, arg=False)
    expect(row(page, made)).to_be_visible()
    assert any("after=" in url for url in asked)
    assert stays(page)


def test_it_says_that_the_connection_is_lost_and_recovers(desk: Desk) -> None:
    page = opened(desk, "bob", QUEUE, expect=("ERR_", "Failed to load", "htmx:"))
    page.context.set_offline(True)
    # The browser tears nothing down that is open: the page asks anew, and cannot.
    page.evaluate(HIDE, arg=True)
    page.evaluate(HIDE, arg=False)
    expect(page.locator(STATE)).to_have_text("Connection lost: this page may be out of date")
    made = propose(desk, "Keeper of the index")
    page.context.set_offline(False)
    expect(row(page, made)).to_be_visible(timeout=60_000)
    expect(page.locator(STATE)).to_be_hidden()
    assert stays(page)


def test_it_says_that_the_session_is_over(desk: Desk) -> None:
    page = opened(desk, "bob", QUEUE, expect=("status of 401",))
    rows = page.locator("#queue-body tr")
    expect(rows).to_have_count(9)
    other = page.context.new_page()
    other.goto("/admin/")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Signed out")).to_be_visible()
    expect(page.locator(STATE)).to_have_text("You are signed out: reload to go on", timeout=60_000)
    expect(rows).to_have_count(9)


def test_it_keeps_messages_for_the_page_they_are_for(desk: Desk) -> None:
    page = desk.page_as("dana")
    page.goto("/admin/tokens/")
    page.get_by_role("link", name="Revoke… tests").click()
    with page.expect_response(lambda answer: answer.status == 302) as moved:
        page.evaluate("fetch(document.querySelector('#content form').action, {method: 'POST', "
                      "body: new FormData(document.querySelector('#content form')), "
                      "redirect: 'manual'})")  # fmt: skip
    assert moved.value.ok is False
    refreshed = page.evaluate(
        "fetch('/admin/', {headers: {'X-Desk-Refresh': '1'}}).then(one => one.text())"
    )
    assert "The token is revoked" not in refreshed
    page.goto("/admin/tokens/")
    expect(page.get_by_role("status").filter(has_text="The token is revoked")).to_be_visible()
