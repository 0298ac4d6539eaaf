"""Changed paths as markup.

In Python and no template: a large change has five hundred rows, and each would be some fifty nodes
of a template and a dozen look-ups of the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arw_site.desk.value_markup import value_markup, values_alike
from arw_site.desk.visible_text import look_alike, visible
from arw_site.templatetags.desk import pointer
from personas.admin.change_rows import ChangeRow
from personas.documents.words import character_count, is_spaceless, word_places

ITEM_CHARACTERS = 80
_TAGS = {"removed": "del", "added": "ins"}
_ARROW = '<span class="turn">→</span>'


@dataclass(frozen=True, slots=True)
class ChangeList:
    """How the rows of one list are drawn.

    ``prefix`` is what their ids begin with, ``commenting`` whether a comment is offered. ``said``
    draws the comments beside a row. ``replaced`` says that those may be put into an open page.
    """

    prefix: str = "change"
    commenting: bool = False
    said: Callable[[ChangeRow], str] = lambda _row: ""
    replaced: bool = True

    def markup(self, rows: Iterable[ChangeRow]) -> SafeString:
        """One ``<li>`` for each row."""
        words = _Words()
        drawn = "".join(self._row(row, words) for row in rows)
        return mark_safe(drawn)  # noqa: S308  every text is escaped where it is put in

    def _row(self, row: ChangeRow, words: _Words) -> str:
        body = _moved(row, words) if row.kind == "moved" else _sides(row, words)
        linked = " is-linked" if row.target else ""
        at = '<span class="at" id="at"></span>' if row.target else ""
        return (
            f'<li class="change change-{row.kind}{linked}" id="{self._id(row)}" tabindex="-1">{at}'
            f"{self._head(row, words)}{body}{self._comments(row)}</li>\n"
        )

    def _head(self, row: ChangeRow, words: _Words) -> str:
        path, item = escape(visible(row.path)), ""
        if row.item:
            shown = escape(visible(Truncator(row.item).chars(ITEM_CHARACTERS)))
            item = f' <span class="change-item">{words.inside} “<bdi>{shown}</bdi>”</span>'
        links = ""
        if self.commenting:
            address = f"?about={quote(row.path, safe='')}#comment"
            links += _link(address, words.comment, f"{words.on} {path}")
        if row.link:
            links += _link(escape(row.link), words.link, f"{words.to} {path}", "change-link")
        return (
            f'<div class="change-head"><span class="{_sign(row)}" aria-hidden="true">{row.sign}</span> '
            f'<h3>{pointer(row.path)} <span class="change-label">{escape(row.label)}</span>{item}'
            f'</h3><p class="change-links">{links}<a class="anchor" href="#{self._id(row)}">'
            f'<span class="visually-hidden">{words.change} </span>{row.number}</a></p></div>'
        )

    def _comments(self, row: ChangeRow) -> str:
        if not (self.commenting or row.comments):
            return ""
        swap = ' hx-swap-oob="morph"' if row.comments and self.replaced else ""
        said = f'<ol class="comments change-comments">{self.said(row)}</ol>' if row.comments else ""
        return f'<div id="said-{row.number}" hx-ext="morph"{swap}>{said}</div>'

    def _id(self, row: ChangeRow) -> str:
        return f"{self.prefix}-{row.number}"


class _Words:
    """What every row says, in the language of the page: looked up once for a whole list."""

    def __init__(self) -> None:
        self.inside = escape(_("in"))
        self.comment, self.on = escape(_("Comment")), escape(_("on"))
        self.link, self.to = escape(_("Link")), escape(_("to"))
        self.change = escape(_("Change"))
        self.before, self.after = escape(_("Before")), escape(_("After"))
        self.absent, self.gone = escape(_("was not there")), escape(_("is gone"))
        self.moved_here = _("From place %(old)s to place <strong>%(new)s</strong>")
        self.edited = escape(_("It was changed too; that is in rows of its own."))
        self.what_moved = escape(_("What moved"))


def _link(address: str, label: str, more: str, css: str = "") -> str:
    named = f' class="{css}"' if css else ""
    return f'<a{named} href="{address}">{label}<span class="visually-hidden"> {more}</span></a> '


def _sign(row: ChangeRow) -> str:
    """Its classes: an arrow is turned where one reads from the right, a plus or minus is not."""
    return "sign turn" if row.kind == "moved" else "sign"


def _moved(row: ChangeRow, words: _Words) -> str:
    places = words.moved_here % {"old": row.from_place, "new": row.place}
    way = f'<span class="quiet">{pointer(row.from_path)} {_ARROW} {pointer(row.path)}</span>'
    value = f'<div class="text">{value_markup(row.after)}</div>'
    if row.edited:
        value = f'<p class="quiet">{words.edited}</p>'
    elif row.is_long:
        value = f"<details><summary>{words.what_moved}</summary>{value}</details>"
    return f'<div class="change-moved-body"><p>{places} {way}</p>{value}</div>'


def _sides(row: ChangeRow, words: _Words) -> str:
    exact = row.has_before and row.has_after and _alike(row)
    before = _side(row.before, row.before_words, "removed", exact) if row.has_before else ""
    after = _side(row.after, row.after_words, "added", exact) if row.has_after else ""
    return (
        f'<div class="change-sides"><div class="side side-before"><p class="side-label">'
        f'{words.before}</p>{before or _quiet(words.absent)}</div> <div class="side side-after">'
        f'<p class="side-label">{words.after}</p>{after or _quiet(words.gone)}</div></div>'
    )


def _alike(row: ChangeRow) -> bool:
    """Whether the two sides would be drawn the same."""
    if row.before_words or row.after_words:
        removed, added = _marked(row.before_words), _marked(row.after_words)
        return bool(removed and added) and look_alike(removed, added)
    return values_alike(row.before, row.after)


def _marked(words: list[tuple[str, str]]) -> str:
    return "".join(text for mark, text in words if mark in _TAGS)


def _quiet(text: str) -> str:
    return f'<p class="quiet">{text}</p>'


def _side(value: Any, marked: list[tuple[str, str]], mark: str, exact: bool) -> str:
    if marked:
        drawn = "".join(_run(*run, exact) for run in marked)
        return f'<div class="text words" dir="auto">{drawn}</div>'
    shown = value_markup(value, exact=exact)
    return f'<div class="text"><div class="{mark}-value">{shown}</div></div>'


def _run(mark: str, text: str, exact: bool) -> str:
    """A run of words: ``<del>``, ``<ins>``, or a fold that opens without a script."""
    safe = escape(visible(text, exact=exact and mark in _TAGS))
    if mark in _TAGS:
        return f"<{_TAGS[mark]}>{safe}</{_TAGS[mark]}>"
    if mark != "folded":
        return safe
    head = f"<summary>⋯ {escape(_fold_note(text))} ⋯</summary>"
    return f'<details class="fold">{head}<span class="fold-text">{safe}</span></details>'


def _fold_note(text: str) -> str:
    """How much is folded: in words, or in characters where words have no spaces between them."""
    if is_spaceless(text):
        count = character_count(text)
        said = ngettext("%(n)d character the same", "%(n)d characters the same", count)
    else:
        count = len(word_places(text))
        said = ngettext("%(n)d word the same", "%(n)d words the same", count)
    return said % {"n": count}
