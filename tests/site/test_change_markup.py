"""Changed paths and values as markup: nothing unescaped, nothing left out, in every language."""

from __future__ import annotations

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from arw_site.desk.change_markup import ChangeList
from arw_site.desk.value_markup import value_markup
from arw_site.templatetags.desk import pointer
from leases.models import Lease
from personas.admin.change_rows import ChangeRow, change_rows
from personas.documents.compare import compare
from personas.models import Persona
from personas.services.discussion import proposal_comment
from tests.people import propose, someone
from tests.personas.test_review_page import page_of, signed_in

EVIL = "<b title='x'>&\"</b>"
SAFE = "&lt;b title=&#x27;x&#x27;&gt;&amp;&quot;&lt;/b&gt;"
MEMBER = f"<div><dt><bdi>{SAFE}</bdi></dt><dd><code>true</code></dd></div>"
A_KEY = "<div><dt><bdi>A key</bdi></dt><dd><code>1</code></dd></div>"
LONG = " ".join(f"word{number}" for number in range(200))


def rows_of(before: object, after: object) -> list[ChangeRow]:
    return change_rows(compare(before, after), before=before, after=after)


def drawn(before: object, after: object) -> str:
    return ChangeList().markup(rows_of(before, after))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", '<span class="value-text" dir="auto">text</span>'),
        (EVIL, f'<span class="value-text" dir="auto">{SAFE}</span>'),
        (0, "<code>0</code>"),
        (False, "<code>false</code>"),
        (1234.5, "<code>1234.5</code>"),
        (None, '<span class="quiet">empty <code>null</code></span>'),
        ("", '<span class="quiet">empty <code>&quot;&quot;</code></span>'),
        ({}, '<span class="quiet">empty <code>{}</code></span>'),
        (
            ["a", EVIL, 2],
            f'<ul class="chips"><li dir="auto">a</li><li dir="auto">{SAFE}</li><li>2</li></ul>',
        ),
        ([[1]], '<ul class="plainlist"><li><ul class="chips"><li>1</li></ul></li></ul>'),
        (
            {"a_key": 1, EVIL: True},
            f'<dl class="record">{A_KEY}{MEMBER}</dl>',
        ),
    ],
)
def test_it_draws_each_kind_of_value(value: object, shown: str) -> None:
    markup = value_markup(value)
    assert markup == shown
    assert isinstance(markup, SafeString)
    part = Template('{% include "desk/parts/value.html" %}')
    assert part.render(Context({"value": value})) == shown


def test_it_writes_chips_as_the_language_does() -> None:
    with translation.override("de"):
        assert "<li>1,5</li>" in value_markup([1.5, 2])


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("", "/"),
        ("/a", "/<b>a</b>"),
        ("/a/b/c", "/a<wbr>/b<wbr>/<b>c</b>"),
        ("/a~1b/", "/a~1b<wbr>/<b></b>"),
        (f"/{EVIL.replace('/', '~1')}", f"/<b>{SAFE.replace('/', '~1')}</b>"),
    ],
)
def test_it_draws_pointers(path: str, shown: str) -> None:
    assert pointer(path) == f'<code class="path">{shown}</code>'


def test_it_draws_both_sides_of_a_change() -> None:
    text = drawn({"a": 1, "gone": EVIL}, {"a": 2, "new": [EVIL]})
    assert text.count('<li class="change ') == 3
    assert '<div class="removed-value"><code>1</code></div>' in text
    assert '<div class="added-value"><code>2</code></div>' in text
    assert (
        f'<div class="removed-value"><span class="value-text" dir="auto">{SAFE}</span></div>'
        in text
    )
    assert f'<ul class="chips"><li dir="auto">{SAFE}</li></ul>' in text
    assert '<p class="quiet">was not there</p>' in text
    assert '<p class="quiet">is gone</p>' in text
    assert EVIL not in text


def test_it_marks_words_and_folds_what_is_the_same() -> None:
    text = drawn({"t": f"{LONG} {EVIL}"}, {"t": f"{LONG} other".replace("word100", EVIL)})
    assert "<del>word100</del>" in text
    assert f"<ins>{SAFE}</ins>" in text
    assert '<details class="fold"><summary>⋯ 72 words the same ⋯</summary>' in text
    assert EVIL not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("静かに話す。" * 40, "211 characters the same"),
        ("พูดช้าและสั้น" * 20, "232 characters the same"),
        ("彼女は Kubernetes に詳しい。" * 20, "295 characters the same"),
        ("조용히 말한다. " * 60, "92 words the same"),
        (f"{LONG} 静かに話す。", "177 words the same"),
    ],
)
def test_it_counts_what_is_folded_as_it_is_told_apart(text: str, said: str) -> None:
    shown = drawn({"t": f"{text}warm"}, {"t": f"{text}cold"})
    assert shown.count(f"<summary>⋯ {said} ⋯</summary>") == 2


def test_it_draws_a_move_by_its_places() -> None:
    text = drawn(["one two", "b", "c"], ["b", "c", "one two"])
    assert "From place 1 to place <strong>3</strong>" in text
    arrow = '<span class="turn">→</span>'
    assert f'<span class="quiet">{pointer("/0")} {arrow} {pointer("/2")}</span>' in text
    assert '<span class="sign turn" aria-hidden="true">→</span>' in text
    assert '<span class="sign" aria-hidden="true">+</span>' in drawn({}, {"a": 1})
    assert '<div class="text"><span class="value-text" dir="auto">one two</span></div>' in text
    long = drawn(["w " * 300, "b", "c"], ["b", "c", "w " * 300])
    assert "<details><summary>What moved</summary>" in long


def test_it_speaks_the_language_of_the_page() -> None:
    with translation.override("de"):
        assert f'<p class="side-label">{_("After")}</p>' in drawn({"a": 1}, {"a": 2})


def test_it_offers_comments_only_where_they_can_be_made() -> None:
    rows = rows_of({"a b": 1}, {"a b": 2})
    assert "#comment" not in ChangeList().markup(rows)
    assert "said-1" not in ChangeList().markup(rows)
    offered = ChangeList("x", commenting=True).markup(rows)
    assert '<a href="?about=%2Fa%20b#comment">' in offered
    assert '<div id="said-1" hx-ext="morph"></div>' in offered
    assert 'id="x-1"' in offered
    assert 'href="#x-1"' in offered


def comments_on(persona: Persona, count: int) -> str:
    paths = [f"/traits/t{number}" for number in range(count)]
    proposal = propose(persona, [{"op": "add", "path": path, "value": "new"} for path in paths])
    for path in paths:
        proposal_comment(
            actor=someone("alice"),
            proposal_id=proposal.pk,
            text=f"On {path} {EVIL}",
            path=f"{path}/deeper",
            now=timezone.now(),
        )
    return page_of(proposal)


def test_it_puts_comments_beside_their_rows(persona: Persona, manage_lease: Lease) -> None:
    client, page = signed_in(someone("bob")), comments_on(persona, 2)
    text = client.get(page).content.decode()
    row = text.partition('id="change-2"')[2].partition('aria-labelledby="q-impact"')[0]
    assert '<div id="said-2" hx-ext="morph" hx-swap-oob="morph"><ol class="comments' in row
    assert f"On /traits/t1 {SAFE}" in row
    assert "On /traits/t0" not in row
    assert text.count('class="comment-text"') == 2
    moved = client.get(page, {"seen": "pending.1.9.0"}).content.decode()
    assert '<div id="said-2" hx-ext="morph"><ol class="comments' in moved


def test_it_asks_the_database_no_more_for_a_large_change(
    persona: Persona, manage_lease: Lease
) -> None:
    client = signed_in(someone("bob"))
    asked = []
    for count in (1, 40):
        page = comments_on(persona, count)
        client.get(page)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        asked.append(len(captured))
        persona.proposals.all().delete()
    assert asked[0] == asked[1]
