"""Changes as rows: folded words, moves, the name of the element, addresses of single paths."""

import pytest
from django.test import Client
from django.urls import reverse

from leases.models import Lease
from personas.admin.change_rows import ChangeRow, change_rows
from personas.admin.deep_links import link_rows
from personas.documents.compare import compare
from personas.models import Persona
from tests.people import WARMER, propose, someone
from tests.personas.test_review_page import page_of, repaint, signed_in

LONG = " ".join(f"word{number}" for number in range(200))


def rows_of(before: object, after: object) -> list[ChangeRow]:
    return change_rows(compare(before, after), before=before, after=after)


def test_it_folds_what_is_far_from_a_change_and_loses_nothing() -> None:
    after = LONG.replace("word100", "another word")
    (row,) = rows_of({"text": LONG}, {"text": after})
    for words, whole in ((row.before_words, LONG), (row.after_words, after)):
        assert "".join(text for _, text in words) == whole
        assert [mark for mark, _ in words].count("folded") == 2
    folds = [
        [text for mark, text in words if mark == "folded"]
        for words in (row.before_words, row.after_words)
    ]
    assert folds[0] == folds[1]


def test_it_folds_the_same_on_both_sides_of_an_addition() -> None:
    after = LONG.replace("word100", "word100 more")
    (row,) = rows_of({"text": LONG}, {"text": after})
    folds = [
        [text for mark, text in words if mark == "folded"]
        for words in (row.before_words, row.after_words)
    ]
    assert len(folds[0]) == 2
    assert folds[0] == folds[1]


def test_it_folds_texts_that_are_written_without_spaces() -> None:
    text = "東京の朝は静かで人々はゆっくり歩く" * 12
    before, after = text + "冷", text + "暖"
    (row,) = rows_of({"text": before}, {"text": after})
    for words, whole in ((row.before_words, before), (row.after_words, after)):
        assert "".join(run for _, run in words) == whole
        assert [mark for mark, _ in words].count("folded") == 1
    short = "東京の朝は静かだ"
    (row,) = rows_of({"text": short + "冷"}, {"text": short + "暖"})
    assert "folded" not in [mark for mark, _ in row.before_words]


def test_it_names_the_element_that_a_path_leads_into() -> None:
    before = {"beliefs": [{"label": "Tea helps.", "sure": 1}, {"label": "Rain falls.", "gone": 2}]}
    after = {"beliefs": [{"label": "Rain falls."}, {"label": "Tea helps.", "sure": 2}]}
    found = {(row.kind, row.path): row.item for row in rows_of(before, after)}
    assert found == {
        ("moved", "/beliefs/1"): "",
        ("removed", "/beliefs/1/gone"): "Rain falls.",
        ("changed", "/beliefs/1/sure"): "Tea helps.",
    }


def test_it_counts_the_places_of_a_move_from_one() -> None:
    moved, changed = rows_of(["a b c", "one", "two"], ["one", "two", "a b d"])
    assert (moved.from_place, moved.place, moved.edited) == (1, 3, True)
    assert changed.kind == "changed"


@pytest.mark.parametrize(
    ("asked", "number", "missing"),
    [
        ("/a", 1, ""),
        ("/b/c", 2, ""),
        ("/b/c/deeper", 2, ""),
        ("/b", 2, ""),
        ("/list/2", 3, ""),
        ("/gone", 0, "/gone"),
        ("no pointer", 0, "no pointer"),
        ("/~", 0, "/~"),
        ("", 0, ""),
    ],
)
def test_it_finds_the_row_of_a_path(asked: str, number: int, missing: str) -> None:
    before = {"a": 1, "b": {"c": 1}, "list": [1, 2, 3]}
    after = {"a": 2, "b": {"c": 2}, "list": [3, 1, 2]}
    found = link_rows(rows_of(before, after), {"path": asked})
    assert [row.number for row in found.rows if row.target] == ([number] if number else [])
    assert found.missing == missing


def test_it_carries_on_what_the_page_needs_and_escapes_the_rest() -> None:
    rows = rows_of({"a/b": 1, "c d&e": 1}, {"a/b": 2, "c d&e": 2})
    linked = link_rows(rows, {"from": "1", "to": "3", "view": "side"}, keep=("from", "to")).rows
    assert [row.link for row in linked] == [
        "?from=1&to=3&path=%2Fa~1b#at",
        "?from=1&to=3&path=%2Fc+d%26e#at",
    ]


def test_it_shows_the_row_that_an_address_leads_to(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona, [*WARMER, {"op": "replace", "path": "/traits/pace", "value": 4}])
    client = signed_in(someone("bob"))
    text = client.get(page_of(proposal), {"path": "/traits/tone"}).content.decode()
    assert text.count('id="at"') == 1
    linked = text.partition("is-linked")[2].partition("</li>")[0]
    assert "/traits/tone" in linked
    lost = client.get(page_of(proposal), {"path": "/traits/x"}).content.decode()
    assert "Nothing changes here any more" in lost
    assert lost.count('id="at"') == 1
    assert "is-linked" not in lost


def test_it_leads_to_a_path_between_two_versions(persona: Persona) -> None:
    repaint(persona, "/traits/pace", "slow")
    client = signed_in(someone("bob"))
    address = reverse("admin:personas_persona_compare", args=[persona.id])
    page = client.get(address, {"from": "2", "to": "1", "path": "/traits/pace"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "/traits/pace" in text.partition("is-linked")[2].partition("</li>")[0]
    assert 'href="?from=2&amp;to=1&amp;path=%2Ftraits%2Fpace#at"' in text
    assert text.count('id="at"') == 1


def test_it_says_what_stays_as_it_is(persona: Persona, manage_lease: Lease) -> None:
    text = signed_in(someone("bob")).get(page_of(propose(persona))).content.decode()
    assert "Unchanged: Id, Owner kind, Owner ref, Name, Archetype, Preferences" in text


def queue(client: Client, **query: str) -> str:
    return client.get(reverse("admin:personas_proposal_queue"), query).content.decode()


def test_it_filters_the_queue_by_who_proposed(persona: Persona, manage_lease: Lease) -> None:
    bob = someone("bob")
    of_alice = propose(persona)
    of_bob = propose(persona, [{**WARMER[0], "value": "kind"}], actor=bob)
    text = queue(signed_in(bob), who=str(bob.pk))
    assert f'id="proposal-{of_bob.pk}"' in text
    assert f'id="proposal-{of_alice.pk}"' not in text
    everybody = queue(signed_in(bob), who="nobody at all")
    assert f'id="proposal-{of_alice.pk}"' in everybody
    assert "1 change<br>" in everybody


def test_it_says_which_is_first_only_of_several(persona: Persona, manage_lease: Lease) -> None:
    bob = signed_in(someone("bob"))
    assert "the oldest first" not in queue(bob)
    first = propose(persona)
    one = queue(bob)
    assert "1 proposal" in one
    assert "the oldest first" not in one
    propose(persona, [{**WARMER[0], "value": "kind"}])
    several = queue(bob)
    assert "2 proposals, the oldest first" in several
    assert f'id="proposal-{first.pk}"' in several
