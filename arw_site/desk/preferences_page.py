"""How the desk looks and behaves in this browser. Nothing of it is kept on the server."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arw_site.desk.times import COOKIE, shown_times

YEAR = 366 * 24 * 3600
# What is kept, what it is called, and what a time looks like then.
WAYS = (
    ("relative", gettext_lazy("In words:"), gettext_lazy("3 minutes ago")),
    ("utc", gettext_lazy("As the exact instant:"), "2026-01-31 12:00:00 UTC"),
)


class TimesForm(forms.Form):
    """How times are written."""

    times = forms.ChoiceField(choices=[(value, label) for value, label, _example in WAYS])


def preferences_view(request: HttpRequest) -> HttpResponse:
    """GET shows what can be chosen; POST ``times`` keeps how times are written, in a cookie.

    Keys and colours are a matter of scripts, and kept by them.
    """
    if request.method == "POST":
        return _keep(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Preferences"),
        "times": WAYS,
        "current": shown_times(request),
    }
    return TemplateResponse(request, "desk/preferences.html", context)


def _keep(request: HttpRequest) -> HttpResponse:
    answer = HttpResponseRedirect(reverse("admin:desk_preferences"))
    form = TimesForm(request.POST)
    if form.is_valid():
        wanted = form.cleaned_data["times"]
        answer.set_cookie(
            COOKIE,
            wanted,
            max_age=YEAR,
            path=reverse("admin:index"),
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
        messages.success(request, _("Kept in this browser."))
    return answer
