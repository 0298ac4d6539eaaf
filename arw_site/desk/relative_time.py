"""How long ago, or how soon, in words. Pure but for the translation."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def relative(moment: datetime, now: datetime) -> str:
    """``3 minutes ago``, ``in 2 days``; ``just now`` within ten seconds either way."""
    distance = abs(now - moment)
    if distance < timedelta(seconds=10):
        return _("just now")
    span = _span(distance)
    return _("in %(span)s") % {"span": span} if moment > now else _("%(span)s ago") % {"span": span}


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
