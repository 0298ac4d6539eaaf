"""The page that turns many switches, and the page of receipts."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from leases.models import Lease
from personas.models import Persona
from telemetry.models import ConsentReceipt
from telemetry.notices import current_notice
from telemetry.services.bulk_consent import BULK_MAX
from tests.people import grant, make_persona, state_of
from tests.telemetry.test_consent_page import SWITCHES, client_of

IDS = ["persona.a", "persona.b", "persona.c"]
BULK = "admin:telemetry_consent_bulk"
RECEIPTS = "admin:telemetry_receipts"
YES = {"to": "on", "agreed": "yes"}


@pytest.fixture
def three(db: None) -> list[Persona]:
    return [make_persona(one, name=one[-1].upper() * 3) for one in IDS]


def shown(**instead: str) -> dict[str, str]:
    """What the page carries of what it shows: the notice, and the scope of each persona."""
    scopes = {f"scope-{one.id}": one.consent.scope for one in Persona.objects.all()}
    return {"notice": current_notice().sha256, **scopes, **instead}


def send(**form: Any) -> Any:
    return client_of("dana").post(reverse(BULK), {**shown(), "persona": IDS, **form})


def test_it_counts_before_it_asks(three: list[Persona]) -> None:
    grant(scope="persona:persona.a")
    page = client_of("dana").get(reverse(BULK), {"to": "on", "persona": [*IDS, "nobody"]})
    assert page.status_code == 200
    assert page.context["title"] == "Turn telemetry on for 3 personas"
    assert [len(page.context[name]) for name in ("rows", "changing", "able")] == [3, 3, 1]
    assert page.context["unable"] == 2
    text = page.content.decode()
    assert page.context["notice"].title in text
    assert all(f'name="{name}" value="{value}"' in text for name, value in shown().items())
    assert ConsentReceipt.objects.count() == 0


def test_it_binds_what_is_typed_to_the_selection(three: list[Persona]) -> None:
    def about(to: str, *ids: str) -> str:
        page = client_of("dana").get(reverse(BULK), {"to": to, "persona": ids})
        digest: str = page.context["draft_about"]
        assert to == "off" or f'data-draft-about="{digest}"' in page.content.decode()
        return digest

    same = about("on", *IDS)
    assert same == about("on", *reversed(IDS))
    refused = send(to="on")
    assert refused.status_code == 400
    assert refused.context["draft_about"] == same
    others = [about("on", *IDS[:2]), about("on", IDS[0]), about("off", *IDS)]
    assert len({same, *others}) == 4


def promised(to: str) -> str:
    page = client_of("dana").get(reverse(BULK), {"to": to, "persona": IDS}).content.decode()
    return page.partition('class="afterwards"')[2].partition("</section>")[0]


def test_it_promises_nothing_where_no_lease_is_held(three: list[Persona]) -> None:
    assert "3 cannot be changed: a lease is missing." in promised("on")
    assert "Feedback about" not in promised("on")
    assert "new version" not in promised("on")
    assert "3 are so already and stay as they are." in promised("off")
    grant(scope="persona:persona.a")
    assert "Feedback about 1 more persona is taken" in promised("on")
    assert "1 record has a new version" in promised("on")
    assert "2 cannot be changed" in promised("on")
    assert ConsentReceipt.objects.count() == 0


def test_it_needs_a_deliberate_yes_to_turn_on(three: list[Persona], manage_lease: Lease) -> None:
    before = [state_of(one) for one in IDS]
    page = send(to="on", scope="team")
    assert page.status_code == 400
    assert page.context["form"].agreed_error
    assert page.context["form"].scope == "team"
    assert [state_of(one) for one in IDS] == before


def test_it_turns_all_on_and_off_again(three: list[Persona], manage_lease: Lease) -> None:
    assert send(**YES, scope="team").status_code == 302
    assert {one.consent.scope for one in Persona.objects.all() if one.consent.enabled} == {"team"}
    assert send(to="off").status_code == 302
    assert not any(one.consent.enabled for one in Persona.objects.all())
    assert ConsentReceipt.objects.count() == 6


def test_it_says_which_stayed_and_why(three: list[Persona]) -> None:
    grant(scope="persona:persona.a")
    page = send(**YES)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Telemetry of 1 persona is on." in text
    assert [name for name, _url, _why in page.context["refused"]] == ["BBB", "CCC"]
    assert all(why in text and why for _name, _url, why in page.context["refused"])
    assert [one.id for one in Persona.objects.all() if one.consent.enabled] == ["persona.a"]


def test_it_refuses_those_whose_scope_is_another_by_now(
    three: list[Persona], manage_lease: Lease
) -> None:
    make_persona("persona.d", name="DDD", owner_kind="project")
    untouched = state_of("persona.d")
    page = send(**YES, **{"scope-persona.d": "workspace"}, persona=[*IDS, "persona.d"])
    assert page.status_code == 200
    assert [(name, why) for name, _url, why in page.context["refused"]] == [
        ("DDD", "The scope of the record is project by now; workspace was shown.")
    ]
    assert [one.id for one in Persona.objects.all() if one.consent.enabled] == IDS
    assert state_of("persona.d") == untouched


def test_it_refuses_all_where_another_notice_was_shown(
    three: list[Persona], manage_lease: Lease
) -> None:
    before = [state_of(one) for one in IDS]
    page = send(**YES, notice="0" * 64)
    assert page.status_code == 409
    assert len(page.context["refused"]) == 3
    assert "The notice is another one than the one that was shown." in page.content.decode()
    assert [state_of(one) for one in IDS] == before
    assert ConsentReceipt.objects.count() == 0


def test_it_answers_403_where_nothing_could_be_done(three: list[Persona]) -> None:
    before = [state_of(one) for one in IDS]
    assert send(**YES).status_code == 403
    assert [state_of(one) for one in IDS] == before


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_it_refuses_who_may_not(three: list[Persona], manage_lease: Lease, name: str) -> None:
    before = [state_of(one) for one in IDS]
    page = client_of(name).post(reverse(BULK), {**YES, "persona": IDS})
    assert page.status_code == 403
    assert [state_of(one) for one in IDS] == before


def test_it_takes_all_of_the_filter_that_differ(three: list[Persona], manage_lease: Lease) -> None:
    send(to="on", agreed="yes", persona=["persona.a"])
    page = client_of("dana").get(reverse(BULK), {"to": "on", "all": "1"})
    assert [row.persona.id for row in page.context["rows"]] == ["persona.b", "persona.c"]
    page = client_of("dana").get(reverse(BULK), {"to": "on", "all": "1", "q": "ccc"})
    assert [row.persona.id for row in page.context["rows"]] == ["persona.c"]
    page = client_of("dana").get(reverse(BULK), {"to": "off", "all": "1"})
    assert [row.persona.id for row in page.context["rows"]] == ["persona.a"]


def test_it_leaves_what_is_too_much_for_the_next_time(manage_lease: Lease) -> None:
    for number in range(BULK_MAX + 3):
        make_persona(f"persona.n{number:03}")
    page = client_of("dana").get(reverse(BULK), {"to": "on", "all": "1"})
    assert len(page.context["rows"]) == BULK_MAX
    assert page.context["bulk"].left_out == 3


def test_it_filters_the_switches(three: list[Persona], manage_lease: Lease) -> None:
    make_persona("persona.list", name="List", preferences=["no object"])
    send(to="on", agreed="yes", persona=["persona.a"])

    def listed(**query: str) -> list[str]:
        page = client_of("bob").get(reverse(SWITCHES), query)
        return [row.persona.id for row in page.context["rows"]]

    assert listed(state="on") == ["persona.a"]
    assert listed(state="off") == ["persona.b", "persona.c", "persona.list"]
    assert listed(q="bb") == ["persona.b"]
    assert listed(q="nobody") == []


def test_it_lists_receipts_by_filter_and_page(three: list[Persona], manage_lease: Lease) -> None:
    for _ in range(6):
        send(**YES)
        send(to="off")

    def page(**query: str) -> Any:
        return client_of("bob").get(reverse(RECEIPTS), query)

    assert page().context["page"].paginator.count == 36
    assert [len(page(page=number).context["receipts"]) for number in ("1", "2")] == [25, 11]
    of_one = page(persona="persona.a", move="grant", principal="dana", method="switch")
    assert of_one.context["page"].paginator.count == 6
    query = "persona=persona.a&move=grant&method=switch&principal=dana"
    assert of_one.context["query"] == query
    assert page(principal="nobody").context["page"].paginator.count == 0
    make_persona("persona.quiet", name="Quiet")
    none = page(persona="persona.quiet")
    assert none.context["page"].paginator.count == 0
    assert '<option value="persona.quiet" selected>Quiet</option>' in none.content.decode()
    assert "persona.quiet" not in page().content.decode()


def test_it_says_which_grant_was_withdrawn(three: list[Persona], manage_lease: Lease) -> None:
    send(**YES, persona=["persona.a"])
    send(to="off", persona=["persona.a"])
    send(**YES, persona=["persona.a"])
    newest, withdrawal, first = client_of("bob").get(reverse(RECEIPTS)).context["receipts"]
    assert newest.withdrawn_at is None
    assert first.withdrawn_at == withdrawal.recorded_at
    text = client_of("bob").get(reverse(RECEIPTS)).content.decode()
    assert first.notice_sha256 in text
    assert "in force" in text
