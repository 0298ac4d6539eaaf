"""Times as a person reads them, with the exact instant beside them."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leases.instants import rfc3339, to_unix_ms

_instants_first: ContextVar[bool] = ContextVar("instants_first", default=False)


def relative(moment: datetime, now: datetime) -> str:
    """``3 minutes ago``, ``in 2 days``; ``just now`` within ten seconds either way."""
    distance = abs(now - moment)
    if distance < timedelta(seconds=10):
        return _("just now")
    span = _span(distance)
    return _("in %(span)s") % {"span": span} if moment > now else _("%(span)s ago") % {"span": span}


def exact(moment: datetime) -> str:
    """``2026-01-31 12:00:00 UTC``, in every language: what logs and other people's screens say."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def show_instants_first(first: bool) -> None:
    """Whether ``time_element`` writes the instant and keeps the words for the tooltip.

    Holds for what the present request draws: whoever answers one says it each time.
    """
    _instants_first.set(first)


def time_element(moment: datetime, now: datetime) -> SafeString:
    """The time in words, with the exact UTC instant in ``datetime`` and as a tooltip.

    The other way round after ``show_instants_first``.
    """
    shown, beside = relative(moment, now), exact(moment)
    if _instants_first.get():
        shown, beside = beside, shown
    return format_html('<time datetime="{}" title="{}">{}</time>', rfc3339(moment), beside, shown)


def words_element(now: datetime) -> SafeString:
    """What ``countdown.js`` keeps the words of ``time_element`` fresh with: the server's clock as
    unix milliseconds, since a browser's own may be wrong, and the words that no browser has."""
    return format_html(
        '<template data-time-words data-now="{}" data-just-now="{}"></template>',
        to_unix_ms(now),
        _("just now"),
    )


def _span(distance: timedelta) -> str:
    seconds = int(distance.total_seconds())
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if seconds < 3570:
        minutes = round(seconds / 60)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if seconds < 2 * 86_400:
        hours = round(seconds / 3600)
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = round(seconds / 86_400)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
