"""Marked words of a changed text. A tag and no template: a large change has a thousand of them."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

register = template.Library()

_TAGS = {"removed": "del", "added": "ins"}


@register.simple_tag
def marked_words(words: Iterable[tuple[str, str]]) -> SafeString:
    """``(mark, text)`` as text with ``<del>``, ``<ins>``, and folds that open without a script."""
    return mark_safe("".join(_run(mark, text) for mark, text in words))  # noqa: S308  escaped


def _run(mark: str, text: str) -> str:
    safe = escape(text)
    if mark in _TAGS:
        return f"<{_TAGS[mark]}>{safe}</{_TAGS[mark]}>"
    if mark != "folded":
        return safe
    count = len(text.split())
    note = ngettext("%(n)d word the same", "%(n)d words the same", count) % {"n": count}
    head = f"<summary>⋯ {escape(note)} ⋯</summary>"
    return f'<details class="fold">{head}<span class="fold-text">{safe}</span></details>'
