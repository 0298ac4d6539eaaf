"""What the desk's templates draw with: instants, JSON values, pointers, bars."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from arw_site.desk.vibe_words import signal_words
from arw_site.desk.visible_text import visible, visible_json
from arw_site.desk.written_numbers import signed_places
from leases.instants import from_unix_ms
from leases.relative_time import time_element, words_element
from telemetry.notices import Notice, current_notice

register = template.Library()


@register.simple_tag
def instant(moment: datetime | int | None) -> SafeString | str:
    """A time in words, with the exact UTC instant in ``datetime`` and as a tooltip.

    ``moment`` is an aware datetime or unix milliseconds.
    """
    if moment is None:
        return "—"
    if isinstance(moment, int):
        moment = from_unix_ms(moment)
    return time_element(moment, timezone.now())


@register.simple_tag
def time_words() -> SafeString:
    """Once a page: what its script keeps the words of every ``instant`` fresh with."""
    return words_element(timezone.now())


@register.filter
def json_kind(value: Any) -> str:
    """``object``, ``array``, ``text``, ``empty``, or ``atom`` for all other JSON values."""
    if value in ({}, [], "", None) and not isinstance(value, bool):
        return "empty"
    for kind, types in (("object", dict), ("array", list), ("text", str)):
        if isinstance(value, types):
            return kind
    return "atom"


@register.filter
def members(value: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """The members of an object, whatever its keys are called."""
    return value.items()


@register.filter
def json_text(value: Any) -> str:
    """JSON on one line, as it would be written by hand."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def json_block(value: Any) -> str:
    """JSON laid out over lines; what draws nothing stands in it as an escape."""
    return visible_json(json.dumps(value, indent=2, ensure_ascii=False))


@register.filter
def json_seen(text: str) -> str:
    """JSON that is laid out already, with what draws nothing as escapes."""
    return visible_json(text)


@register.filter
def plain_array(value: list[Any]) -> bool:
    """Whether the elements are short enough to stand beside each other."""
    short = all(not isinstance(one, dict | list) and len(str(one)) <= 28 for one in value)
    return short and len(value) <= 24


@register.filter
def pointer(path: str) -> SafeString:
    """A JSON pointer that may break before each slash and shows its last token the strongest."""
    *parents, last = escape(visible(path) or "/").split("/")[1:]
    lead = "".join(f"/{one}<wbr>" for one in parents)
    shown = f"{lead}/<b>{last}</b>" if path else "/"
    return mark_safe(f'<code class="path">{shown}</code>')  # noqa: S308  escaped, slashes stay


@register.filter
def grouped(number: int) -> str:
    """The number as people write it in their language: ``12,345``, ``12.345``."""
    return number_format(number, force_grouping=True)


@register.filter
def signed(number: float) -> str:
    """Two digits after the point, and the sign before: ``+0.20``, ``−0,20``."""
    return signed_places(number, minus="−")


@register.filter
def machine(number: float) -> str:
    """The number as markup wants it: a point and no grouping, in every language."""
    return format(number, ".6g")


@register.filter
def field_label(name: str) -> str:
    """``vibe_profile`` as ``Vibe profile``; for keys of records."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:] if text else name


register.filter("signal_words", signal_words)


@register.simple_tag
def consent_notice() -> Notice:
    """The notice that a grant of consent has to show."""
    return current_notice()


@register.simple_tag
def lean_bar(value: float, kind: str) -> SafeString:
    """A bar from the middle: to the right above zero, to the left below; ``value`` in -1..1."""
    reach = round(min(abs(value), 1.0) * 50, 2)
    left = 50 - reach if value < 0 else 50
    return format_html(
        '<svg class="lean lean-{}" viewBox="0 0 100 8" preserveAspectRatio="none" '
        'aria-hidden="true" focusable="false">{}<rect class="lean-fill" x="{}" y="1" width="{}" '
        'height="6"/><rect class="lean-zero" x="49.7" y="0" width="0.6" height="8"/></svg>',
        kind,
        mark_safe('<rect class="lean-track" x="0" y="3.5" width="100" height="1"/>'),
        left,
        reach,
    )


@register.simple_tag
def labelled_cells(cells: Iterable[SafeString], headers: Iterable[dict[str, Any]]) -> SafeString:
    """The cells of a row of the admin's table, each with its column's name for narrow windows.

    The cell that names the row needs none, nor the box by which a row is chosen.
    """
    return mark_safe(  # noqa: S308 - cells come drawn and escaped from the admin
        "".join(_labelled(cell, header) for cell, header in zip(cells, headers, strict=False))
    )


def _labelled(cell: SafeString, header: dict[str, Any]) -> str:
    if not cell.startswith("<td") or "action-checkbox" in header.get("class_attrib", ""):
        return cell
    label = format_html(' data-label="{}"', capfirst(header["text"]))
    return f"<td{label}{cell.removeprefix('<td')}"
