"""Time that runs out: drawn by the server, kept fresh by ``countdown.js``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leases.instants import rfc3339, to_unix_ms

register = template.Library()

SOON = timedelta(minutes=5)
DAY, HOUR, MINUTE = 86_400, 3_600, 60


def clock(left: timedelta) -> str:
    """``59:58``, ``23:59:58`` or ``3 d 04:12``: whole seconds, rounded up; empty at zero."""
    seconds = -(-left // timedelta(seconds=1))
    if seconds <= 0:
        return ""
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, seconds = divmod(rest, MINUTE)
    if days:
        return _("%(days)s d") % {"days": days} + f" {hours:02}:{minutes:02}"
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.simple_tag
def countdown(until: datetime) -> SafeString:
    """How much time is left until ``until``, with the exact UTC instant in ``datetime``.

    ``data-now`` is the server's clock, so that a browser whose own is wrong counts right.
    """
    now = timezone.now()
    left = until - now
    over = _("run out")
    # As wide under an hour as above, where it is drawn above one: nothing moves when that is gone.
    length = " is-long" if left >= timedelta(hours=1) else ""
    return format_html(
        '<time class="countdown{}{}" datetime="{}" title="{}" data-countdown data-now="{}" '
        'data-over="{}" data-day="{}">{}</time>',
        length,
        " is-soon" if left <= SOON else "",
        rfc3339(until),
        until.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        to_unix_ms(now),
        over,
        _("%(days)s d") % {"days": "#"},
        clock(left) or over,
    )


@register.filter
def ttl_words(seconds: int) -> str:
    """A length of time as a person says it: ``90 minutes``, ``2 hours``, ``1 day``."""
    if seconds and seconds % DAY == 0:
        return ngettext("%(n)d day", "%(n)d days", seconds // DAY) % {"n": seconds // DAY}
    if seconds and seconds % HOUR == 0:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // HOUR) % {"n": seconds // HOUR}
    if seconds >= MINUTE:
        minutes = round(seconds / MINUTE)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}


@register.simple_tag
def life_bar(share: float, kind: str = "life") -> SafeString:
    """A thin bar of what is left, ``share`` in 0..1; for the eye only."""
    return format_html(
        '<svg class="lifebar lifebar-{}" viewBox="0 0 100 4" preserveAspectRatio="none" '
        'aria-hidden="true" focusable="false" data-share="{}"><rect class="lifebar-track" '
        'width="100" height="4"/><rect class="lifebar-left" width="{}" height="4"/></svg>',
        kind,
        round(share, 4),
        round(share * 100, 2),
    )
