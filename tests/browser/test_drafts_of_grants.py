"""Names and numbers of the forms about leases outlive a lost session, as sentences do."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import CONSENT, GRANT_CONSENT, LEASES, Desk
from tests.browser.test_drafts import BACK, kept, lose_session, sign_in
from tests.services.server import RunningServer

UNTOUCHED = {"For whom": "local", "For how many minutes": "60"}


@pytest.fixture
def desk(server: RunningServer, new_page: NewPage) -> Desk:
    return Desk(server, new_page)


def test_it_keeps_every_field_of_a_grant_through_a_lost_session(desk: Desk) -> None:
    typed = {
        "Capability": "share:drafts",
        "Scope": "workspace:atelier",
        "For whom": "alice",
        "For how many minutes": "45",
        "How many uses": "3",
        "Reason": "For the audit.",
    }
    page = desk.page_as("dana")
    page.goto(LEASES)
    for label, text in typed.items():
        page.get_by_label(label, exact=True).fill(text)
    lose_session(page)
    page.get_by_role("button", name="Grant", exact=True).click()
    page.wait_for_url(re.compile("/login/"))
    sign_in(page, desk, "dana")
    page.wait_for_url(re.compile(LEASES))
    expect(page.get_by_text(BACK)).to_have_count(1)
    for label, text in typed.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(text)
    page.get_by_role("button", name="Grant", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Granted: share:drafts.")
    for label, text in {**dict.fromkeys(typed, ""), **UNTOUCHED}.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(text)
    assert kept(page) == []


def test_it_keeps_no_short_field_of_other_forms(desk: Desk) -> None:
    page = desk.page_as("dana")
    page.goto("/admin/tokens/")
    page.locator("form input[name=name]").fill("nightly")
    assert kept(page) == []
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/logout/")
    page.goto("/admin/login/")
    page.get_by_label("Username").fill("dana")
    assert kept(page) == []


@pytest.mark.parametrize(
    ("address", "label", "button", "said"),
    [
        (GRANT_CONSENT, "Scope", "Turn telemetry on", "Telemetry of Mara Lindqvist is on."),
        (
            f"{CONSENT}bulk/?to=on&persona=persona.mara&persona=persona.ilse",
            "One scope for all of them",
            "Turn telemetry on",
            "Telemetry of 2 personas is on.",
        ),
    ],
)
def test_it_keeps_the_scope_of_consent_through_a_lost_session(
    desk: Desk, address: str, label: str, button: str, said: str
) -> None:
    page = desk.page_as("dana")
    page.goto(address)
    page.get_by_label(label, exact=True).fill("night-watch")
    page.get_by_label("I have read the notice").check()
    lose_session(page)
    page.get_by_role("button", name=re.compile(f"^{button}")).click()
    page.wait_for_url(re.compile("/login/"))
    sign_in(page, desk, "dana")
    page.wait_for_url(re.compile(CONSENT))
    page.goto(address)
    expect(page.get_by_text(BACK)).to_have_count(1)
    expect(page.get_by_label(label, exact=True)).to_have_value("night-watch")
    # What was confirmed has to be confirmed anew.
    expect(page.get_by_label("I have read the notice")).not_to_be_checked()
    page.get_by_label("I have read the notice").check()
    page.get_by_role("button", name=re.compile(f"^{button}")).click()
    expect(page.get_by_text(said)).to_have_count(1)
    assert kept(page) == []
