"""JSON values as markup. In Python and no template: a record has a thousand of them."""

from __future__ import annotations

from typing import Any

from django.utils.formats import localize
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from arw_site.templatetags.desk import field_label, json_kind, json_text, plain_array


def value_markup(value: Any) -> SafeString:
    """The value as a person reads it: a list of terms, chips, text, or JSON for all others."""
    return mark_safe(_value(value))  # noqa: S308  every text is escaped below


def _value(value: Any) -> str:
    kind = json_kind(value)
    if kind == "text":
        return f'<span class="value-text">{escape(value)}</span>'
    if kind == "object":
        return f'<dl class="record">{"".join(_member(*one) for one in value.items())}</dl>'
    if kind == "array":
        return _array(value)
    code = f"<code>{escape(json_text(value))}</code>"
    return f'<span class="quiet">{escape(_("empty"))} {code}</span>' if kind == "empty" else code


def _member(key: str, value: Any) -> str:
    return f"<div><dt>{escape(field_label(key))}</dt><dd>{_value(value)}</dd></div>"


def _array(value: list[Any]) -> str:
    if plain_array(value):
        chips = "".join(f"<li>{escape(localize(one))}</li>" for one in value)
        return f'<ul class="chips">{chips}</ul>'
    return f'<ul class="plainlist">{"".join(f"<li>{_value(one)}</li>" for one in value)}</ul>'
