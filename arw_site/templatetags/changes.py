"""The rows of a change, the values in them, and the choice of a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context, Engine
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from arw_site.desk.change_markup import ChangeList
from arw_site.desk.value_markup import value_markup
from arw_site.desk.visible_text import visible
from personas.admin.change_rows import ChangeRow
from personas.models import Proposal
from telemetry.memory.bridge_principal import BRIDGE_ID
from telemetry.memory.suggestion import worded

register = template.Library()


@register.simple_tag(takes_context=True)
def change_rows(
    context: Context,
    rows: Iterable[ChangeRow],
    *,
    prefix: str = "change",
    commenting: bool = False,
    moved: bool = False,
) -> SafeString:
    """The rows of a change, for an ``<ol class="changes">``.

    ``prefix`` is what their ids begin with, ``commenting`` whether to offer comments. ``moved``: an
    open page shows other rows than these, so that no comment may be put beside one there.
    """

    def said(row: ChangeRow) -> str:
        part = Engine.get_default().get_template("desk/parts/comment.html")
        drawn = []
        for comment in row.comments:
            with context.push(comment=comment, about=comment.path):
                drawn.append(part.render(context))
        return "".join(drawn)

    return ChangeList(prefix, bool(commenting), said, replaced=not moved).markup(rows)


@register.simple_tag
def json_value(value: Any) -> SafeString:
    """A JSON value as a person reads it."""
    return value_markup(value)


@register.filter
def seen(text: str) -> str:
    """The text with characters that draw nothing named: ``‹U+200B›``."""
    return visible(text)


@register.filter
def blanked(text: str) -> str:
    """As much room as ``seen`` gives the text, so that a mark stands below what it points at."""
    return "".join(one if one == "\t" else " " for one in visible(text))


@register.simple_tag
def worded_rationale(proposal: Proposal) -> dict[str, str]:
    """``words`` for people, and ``record``: what a suggestion from memory holds for machines."""
    words, record = proposal.rationale, ""
    if proposal.submitted_by_id == BRIDGE_ID:
        words, record = worded(proposal.rationale, proposal.diff)
    return {"words": words, "record": record}


@register.simple_tag
def options(choices: Iterable[tuple[str, str]], chosen: str) -> SafeString:
    """``(value, label)`` as the options of a ``<select>``; one of them may be ``chosen``."""
    drawn = (
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(label)}</option>"
        for value, label in choices
    )
    return mark_safe("".join(drawn))  # noqa: S308  both are escaped
