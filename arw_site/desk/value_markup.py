"""JSON values as markup. In Python and no template: a record has a thousand of them."""

from __future__ import annotations

import re
from typing import Any

from django.utils.formats import localize
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arw_site.desk.visible_text import look_alike, visible
from arw_site.templatetags.desk import field_label, json_kind, json_text, plain_array

_READS_AS_JSON = re.compile(
    r'\s*(true|false|null|-?\d+(\.\d+)?([eE][+-]?\d+)?|\{\}|\[\]|"")\s*', re.ASCII
)


def value_markup(value: Any, *, exact: bool = False) -> SafeString:
    """The value as a person reads it: a list of terms, chips, text, or JSON for all others.

    ``exact`` is for a value that looks like the one beside it: it says what kind it is of, and
    names what else tells them apart.
    """
    return mark_safe(_value(value, exact=exact))  # noqa: S308  every text is escaped below


def values_alike(one: Any, other: Any) -> bool:
    """Whether two values that differ are drawn the same unless they are drawn exactly."""
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return False
    return look_alike(_read(one), _read(other))


def _read(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


def _value(value: Any, *, exact: bool = False) -> str:
    kind = json_kind(value)
    if kind == "text":
        return _text(value, exact=exact)
    if kind == "object":
        return f'<dl class="record">{"".join(_member(*one) for one in value.items())}</dl>'
    if kind == "array":
        return _array(value)
    code = f"<code>{escape(json_text(value))}</code>"
    if kind == "empty":
        return f'<span class="quiet">{escape(_("empty"))} {code}</span>'
    return code + _quiet(_kind_of(value)) if exact else code


def _text(value: str, *, exact: bool) -> str:
    if value.isspace():
        return _blank(value)
    shown = escape(visible(value, exact=exact))
    named = exact or _READS_AS_JSON.fullmatch(value)
    return f'<span class="value-text" dir="auto">{shown}</span>{_quiet(_("text")) if named else ""}'


def _blank(value: str) -> str:
    count = len(value)
    words = ngettext("blank, %(n)d character", "blank, %(n)d characters", count) % {"n": count}
    code = escape(visible(json_text(value), exact=True))
    return f'<span class="quiet">{escape(words)} <code>{code}</code></span>'


def _kind_of(value: Any) -> str:
    return _("true or false") if isinstance(value, bool) else _("number")


def _quiet(text: str) -> str:
    return f' <span class="quiet">{escape(text)}</span>'


def _member(key: str, value: Any) -> str:
    label = escape(visible(field_label(key)))
    return f"<div><dt><bdi>{label}</bdi></dt><dd>{_value(value)}</dd></div>"


def _array(value: list[Any]) -> str:
    if plain_array(value):
        return f'<ul class="chips">{"".join(_chip(one) for one in value)}</ul>'
    return f'<ul class="plainlist">{"".join(f"<li>{_value(one)}</li>" for one in value)}</ul>'


def _chip(value: Any) -> str:
    """An element beside others: a text as it is, a number as people write it, JSON for others."""
    if isinstance(value, str) and value and not value.isspace():
        named = _quiet(_("text")) if _READS_AS_JSON.fullmatch(value) else ""
        return f'<li dir="auto">{escape(visible(value))}{named}</li>'
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"<li>{escape(localize(value))}</li>"
    return f"<li>{_value(value)}</li>"
