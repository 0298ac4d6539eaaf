"""The main job in one go, in Chromium: propose, review, decide, consent, feedback, live."""

import re

import httpx
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import notices
from tests.services.server import RunningServer

NAME = "Ines Calder"
PERSONA = "persona.ines"
PAGES = (
    "/admin/",
    "/admin/personas/proposal/queue/",
    f"/admin/personas/persona/{PERSONA}/page/",
    f"/admin/personas/persona/{PERSONA}/propose/",
    "/admin/telemetry/consentreceipt/consent/",
    "/admin/leases/lease/grant/",
    "/admin/live/",
    "/admin/personas/persona/",
    "/admin/personas/historyentry/",
)


def signed_in(server: RunningServer, new_page: NewPage, name: str, **options: object) -> Page:
    """A page of ``name``, who came in through the sign-in form."""
    page = new_page(server, **options)
    page.goto("/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(server.passwords[name])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def test_it_walks_from_a_proposal_to_live_feedback(
    server: RunningServer, new_page: NewPage
) -> None:
    server.manage("demo")
    dana = signed_in(server, new_page, "dana")
    turn_off_consent(dana)

    alice = signed_in(server, new_page, "alice")
    review = propose(alice)
    expect(alice.get_by_role("button", name="Approve…")).to_be_disabled()
    refused(server, new_page, review)

    bob = signed_in(server, new_page, "bob")
    watch_live(bob)
    approve(bob, review)
    events = bob.locator("[data-live-list] > li")

    grant_consent_and_lease(dana)
    watch_live(bob)
    given = feedback(server, "alice", {"signal": "warmer", "strength": 0.7, "note": "closer"})
    assert (given.status_code, given.json()) == (202, {"status": "accepted", "count": 1})
    expect(events.filter(has_text="persona.feedback")).to_have_count(1)
    expect(events.filter(has_text="persona.feedback")).to_contain_text("warmer")

    turn_off_consent(dana)
    assert feedback(server, "alice", {"signal": "warmer"}).status_code == 412
    expect(events.filter(has_text="persona.telemetry.updated")).to_have_count(1)
    expect(events.filter(has_text="persona.feedback")).to_have_count(1)


def propose(alice: Page) -> str:
    """Alice proposes a name in the browser; the address of its review."""
    alice.goto(f"/admin/personas/persona/{PERSONA}/page/")
    alice.get_by_role("link", name="Propose a change").click()
    alice.get_by_role("tab", name="Patch").click()
    alice.get_by_label("Change, as JSON").fill('{"archetype": "Reading companion"}')
    alice.get_by_label("Why?").fill("It is what she does.")
    alice.get_by_role("button", name="Submit the proposal").click()
    alice.wait_for_url(re.compile("/review/$"))
    return alice.url


def refused(server: RunningServer, new_page: NewPage, review: str) -> None:
    """Charlie is signed in and in no group: every page and every route refuses him."""
    charlie = signed_in(server, new_page, "charlie", expect=("status of 403",))
    for address in (*PAGES, review):
        answer = charlie.goto(address)
        assert answer is not None
        assert answer.status == 403, address
        expect(charlie.get_by_role("heading", level=1)).not_to_contain_text(NAME)
    assert feedback(server, "charlie", {"signal": "warmer"}).status_code == 403
    with client(server, "charlie") as charlie_api:
        for route in ("/state/persona", f"/state/persona/{PERSONA}", "/state/proposals", "/events"):
            assert charlie_api.get(route).status_code == 403, route


def approve(bob: Page, review: str) -> None:
    tab = bob.context.new_page()
    tab.goto(review)
    expect(tab.locator(".change")).to_have_count(1)
    tab.get_by_role("button", name="Approve…").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_role("button", name=f"Approve the change to {NAME}").click()
    expect(tab.locator("#outcome")).to_have_text("Approved by Bob")
    events = bob.locator("[data-live-list] > li")
    expect(events.filter(has_text="persona.proposal.approved")).to_have_count(1)
    tab.close()


def watch_live(page: Page) -> None:
    page.goto("/admin/live/")
    expect(page.locator("[data-live-state]")).to_have_text("Connected")


def turn_off_consent(dana: Page) -> None:
    dana.goto("/admin/telemetry/consentreceipt/consent/")
    dana.get_by_role("button", name=f"Turn off for {NAME}").click()
    expect(notices(dana)).to_have_text(f"Telemetry of {NAME} is off.")


def grant_consent_and_lease(dana: Page) -> None:
    dana.goto("/admin/telemetry/consentreceipt/consent/")
    dana.get_by_role("link", name=f"Turn on… for {NAME}").click()
    dana.get_by_label("I have read the notice").check()
    dana.get_by_role("button", name="Turn telemetry on").click()
    expect(notices(dana)).to_have_text(f"Telemetry of {NAME} is on.")
    dana.goto("/admin/leases/lease/grant/")
    dana.get_by_label("Capability").fill("telemetry:persona:workspace")
    dana.get_by_label("Reason").fill("The walk")
    dana.get_by_role("button", name="Grant").click()
    expect(notices(dana)).to_contain_text("telemetry:persona:workspace")


def client(server: RunningServer, name: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {server.tokens[name]}"}
    return httpx.Client(base_url=server.base, headers=headers, timeout=60)


def feedback(server: RunningServer, name: str, sample: dict[str, object]) -> httpx.Response:
    with client(server, name) as api:
        return api.post(f"/persona/{PERSONA}/feedback", json=sample)


def test_it_shows_the_api_reference_under_the_same_policy(
    server: RunningServer, new_page: NewPage
) -> None:
    page = signed_in(server, new_page, "alice")
    page.goto("/api/docs")
    expect(page.get_by_role("heading", name="ARW Personas")).to_be_visible()
    expect(page.get_by_text("Propose a change", exact=True).first).to_be_visible()
