"""What differs is drawn differently: unseen characters, blank texts, kinds that look alike."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.template import Context, Template

from arw_site.desk.change_markup import ChangeList
from arw_site.desk.value_markup import value_markup
from arw_site.desk.visible_text import look_alike, unseen_for_scripts, visible, visible_json
from leases.admin.policy_refusal import Refusal, RefusedLine
from personas.admin.change_rows import change_rows
from personas.admin.side_by_side import aligned_lines
from personas.documents.compare import compare

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"


def sides(before: object, after: object) -> list[str]:
    """What a reader sees on the left and on the right of one change."""
    one, other = {"a": before}, {"a": after}
    (row,) = change_rows(compare(one, other), before=one, after=other)
    drawn = ChangeList().markup([row]).partition('<p class="side-label">Before</p>')[2]
    both = drawn.split('<p class="side-label">After</p>')
    return [unescape(re.sub(r"<[^>]+>", "", side)).strip(" \n") for side in both]


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("true", True, "true text", "true true or false"),
        (5, "5", "5 number", "5 text"),
        ("null", None, "null text", "empty null"),
        ("{}", {}, "{} text", "empty {}"),
        ("", " ", 'empty ""', 'blank, 1 character " "'),
        ("paypal", "pay\u200bpal", "paypal text", "pay‹U+200B›pal text"),
        ("evil", "\u202eevil", "evil text", "‹U+202E›evil text"),
        ("Zo\u00eb", "Zoe\u0308", "Zoë text", "Zoe‹U+0308› text"),
        ("one two", "one\u00a0two", "one two", "one‹U+00A0›two"),
        ("one two", "one\u200b two", "one two", "one‹U+200B› two"),
        ("a\r\nb", "a\nb", "a‹U+000D›‹U+000A›\nb", "a‹U+000A›\nb"),
        ("warm", "cool", "warm", "cool"),
        (1, 2, "1", "2"),
    ],
)
def test_it_draws_no_change_the_same_on_both_sides(
    before: object, after: object, left: str, right: str
) -> None:
    assert sides(before, after) == [left, right]
    assert sides(after, before) == [right, left]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text\n\twith lines\r\n", "plain text\n\twith lines\r\n"),
        ("Zoë, 東京, שלום", "Zoë, 東京, שלום"),
        (FAMILY, FAMILY),
        (PERSIAN, PERSIAN),
        ("a\u200db", "a‹U+200D›b"),
        ("\x00\x1b\x7f", "‹U+0000›‹U+001B›‹U+007F›"),
        ("\U000e0041", "‹U+E0041›"),
        ("soft\u00adhyphen", "soft‹U+00AD›hyphen"),
        ("\u2066x\u2069", "‹U+2066›x‹U+2069›"),
    ],
)
def test_it_names_what_is_not_seen_and_leaves_the_rest(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_it_tells_spellings_apart_only_where_it_is_asked_to() -> None:
    assert visible("Zoe\u0308") == "Zoe\u0308"
    assert visible("Zoe\u0308", exact=True) == "Zoe‹U+0308›"
    assert look_alike("Zo\u00eb", "Zoe\u0308")
    assert not look_alike("Zoë", "Zoe")


def test_it_writes_json_words_in_chips_for_what_is_no_text() -> None:
    quiet = '<span class="quiet">'
    assert value_markup([True, None, "", "true", " ", 2]) == (
        f'<ul class="chips"><li><code>true</code></li><li>{quiet}empty <code>null</code></span>'
        f"</li><li>{quiet}empty <code>&quot;&quot;</code></span></li>"
        f'<li dir="auto">true {quiet}text</span></li>'
        f"<li>{quiet}blank, 1 character <code>&quot; &quot;</code></span></li><li>2</li></ul>"
    )


def test_it_names_what_is_not_seen_in_names_and_pointers_too() -> None:
    before, after = {"a\u202eb": {"c\u200bd": 1}}, {"a\u202eb": {"c\u200bd": 2}}
    text = ChangeList().markup(change_rows(compare(before, after), before=before, after=after))
    assert "a‹U+202E›b" in text
    assert "\u202e" not in text
    assert "\u200b" not in text
    assert "C‹U+200B›d" in value_markup({"c\u200bd": 1})


def test_it_names_what_is_not_seen_side_by_side_too() -> None:
    lines = aligned_lines({"a": "paypal"}, {"a": "pay\u200bpal"})
    part = Template('{% include "desk/parts/lines.html" %}')
    text = part.render(Context({"lines": lines, "label": "A"}))
    assert "&quot;paypal&quot;" in text
    assert "&quot;pay‹U+200B›pal&quot;" in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a\u202eb": "c\u200bd"}, '{"a\\u202eb": "c\\u200bd"}'),
        ("\\\u2066\x7f", '"\\\\\\u2066\\u007f"'),
        ("\U000e0041\x1b", '"\\udb40\\udc41\\u001b"'),
        (["a\u200db", FAMILY, PERSIAN, "Zoë"], f'["a\\u200db", "{FAMILY}", "{PERSIAN}", "Zoë"]'),
    ],
)
def test_it_escapes_what_is_not_seen_in_json_and_keeps_the_value(value: object, shown: str) -> None:
    text = visible_json(json.dumps(value, ensure_ascii=False))
    assert text == shown
    assert json.loads(text) == value


def test_it_names_what_is_not_seen_in_a_refused_policy_and_marks_the_same_place() -> None:
    line = '\t"a\u200b": "perhaps\u202e"'
    excerpt = (RefusedLine(2, line, is_refused=True, before=line[: line.index('"perhaps')]),)
    part = Template('{% include "desk/parts/policy_refusal.html" %}')
    text = unescape(part.render(Context({"refusal": [Refusal("no", line=2, excerpt=excerpt)]})))
    shown, mark = re.findall("<code>(\t.*?)</code>", text)
    assert shown == '\t"a‹U+200B›": "perhaps‹U+202E›"'
    assert mark == "\t" + " " * (shown.index('"perhaps') - 1) + "^"


def test_it_escapes_what_is_not_seen_wherever_json_is_printed() -> None:
    value = {"a": "pay\u200bpal", "b": [1, "\u202eevil"]}
    part = Template("{% load desk %}{{ value|json_block }}\n{{ text|json_seen }}")
    text = unescape(part.render(Context({"value": value, "text": '["\u2067"]'})))
    laid_out, _, typed = text.rpartition("\n")
    assert '"pay\\u200bpal"' in laid_out
    assert '"\\u202eevil"' in laid_out
    assert json.loads(laid_out) == value
    assert typed == '["\\u2067"]'


def test_it_hands_the_pattern_to_scripts_in_characters_that_no_page_changes() -> None:
    source = unseen_for_scripts()
    assert re.fullmatch(r"[\x20-\x7e]+", source)
    assert "\\u{e0000}-\\u{e007f}" in source
    page = Template('<div data-unseen="{{ unseen }}"></div>').render(Context({"unseen": source}))
    assert unescape(page) == f'<div data-unseen="{source}"></div>'
