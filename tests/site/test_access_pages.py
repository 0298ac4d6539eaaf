"""All pages of the desk as everybody, by session: as the table of access says (contract §1)."""

import pytest
from django.http import HttpResponse

from arw_site.access.pages import PAGES
from leases.api.access import Access
from tests.site.access_forms import address, form, furnish
from tests.site.access_walk import SIGNED_IN, Stage, expected, undone, with_and_without

pytestmark = pytest.mark.django_db
ASKS_ITSELF = {"login", "logout"}
ELSEWHERE = {
    "desk_token_revoke",
    "desk_journal_answer",
    "desk_journal_rhythm",
    "desk_journal_erase",
    "memory_suggest",
    "personas_proposal_comment",
    "leases_leaserequest_cancel",
    "leases_leaserequest_deny",
    "leases_policy_reload",
    "telemetry_feedback_give",
}
"""Forms of another page: whoever opens their address is led to it."""


@pytest.fixture
def stage(db: None) -> Stage:
    made = Stage()
    furnish(made)
    return made


def judged(answer: HttpResponse) -> str:
    """``sign-in``, ``403``, or ``passes``."""
    assert answer.status_code < 500, answer.content[:500]
    if answer.get("Location", "").startswith("/admin/login/"):
        return "sign-in"
    return "403" if answer.status_code == 403 else "passes"


def said(access: Access, stage: Stage, who: str, *, leased: bool) -> str:
    """What the table says; a stranger sees no page at all but the one that lets them leave."""
    if who == "anonymous":
        return "sign-in"
    return expected(access, stage, who, leased=leased).partition(" ")[0]


@pytest.mark.parametrize("name", sorted(PAGES.keys() - ASKS_ITSELF))
def test_it_shows_a_page_to_whom_the_table_names(stage: Stage, name: str) -> None:
    page = address(name, stage)
    for who in ("anonymous", *SIGNED_IN):
        browser = stage.browser(who)
        answer, moved = undone(lambda: browser.get(page))  # noqa: B023  called at once
        assert judged(answer) == said(PAGES[name].seen, stage, who, leased=False), who
        assert not moved, who
        if judged(answer) == "passes":
            shown = 302 if name in ELSEWHERE else 200
            assert answer.status_code == shown, answer


@pytest.mark.parametrize(
    ("name", "leased"),
    [
        (name, leased)
        for name in sorted(PAGES.keys() - ASKS_ITSELF)
        for leased in with_and_without(PAGES[name].sent)
    ],
)
def test_it_takes_a_form_from_whom_the_table_names(stage: Stage, name: str, leased: bool) -> None:
    page, access, sent = address(name, stage), PAGES[name].sent, form(name, stage)
    if leased:
        stage.lend(access)
    for who in ("anonymous", *SIGNED_IN):
        browser = stage.browser(who)
        answer, moved = undone(lambda: browser.post(page, sent))  # noqa: B023  called at once
        told = said(access, stage, who, leased=leased)
        assert judged(answer) == told, who
        assert not moved or told == "passes", who
        assert moved or told != "passes" or not sent, who


def test_it_lets_everybody_in_and_out(stage: Stage) -> None:
    for who in ("anonymous", *SIGNED_IN):
        browser = stage.browser(who)
        assert browser.get("/admin/login/").status_code in {200, 302}
        left = browser.post("/admin/logout/")
        assert left.status_code == (302 if who == "anonymous" else 200), who
        assert browser.get("/admin/").status_code == 302


def test_it_shows_the_api_reference_to_the_signed_in(stage: Stage) -> None:
    for who in ("anonymous", *SIGNED_IN):
        passes = "sign-in" if who == "anonymous" else "passes"
        assert judged(stage.browser(who).get("/api/docs")) == passes


@pytest.mark.parametrize("where", ["/admin/personas/persona/persona.alpha/", "/admin/elsewhere/"])
def test_it_tells_a_stranger_nothing_of_addresses_without_a_name(stage: Stage, where: str) -> None:
    nobody = stage.browser("anonymous").get(where, headers={"Accept": "text/html"})
    assert judged(nobody) == "sign-in"
    assert stage.browser("stranger").get(where).status_code == 403
    assert stage.browser("member").get(where).status_code in {302, 404}
