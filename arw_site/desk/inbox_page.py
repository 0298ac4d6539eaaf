"""The inbox: what happened to the proposals and requests that concern the viewer, newest first."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leases.admin.viewer import viewer_of
from personas.services.inbox import inbox_of, inbox_unread_count, notifications_mark_read

PAGE_SIZE = 30


def inbox_view(request: HttpRequest) -> HttpResponse:
    """GET lists the news, ``?show=unread`` only what is unread; POST marks it as read.

    POST takes ``news``, the id of one piece, or nothing for all of it.
    """
    viewer = viewer_of(request)
    if request.method == "POST":
        return _mark_read(request)
    unread_only = request.GET.get("show") == "unread"
    news = inbox_of(viewer)
    found = news.filter(read_at__isnull=True) if unread_only else news
    context = {
        **admin.site.each_context(request),
        "title": _("Inbox"),
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "unread": inbox_unread_count(viewer),
        "unread_only": unread_only,
        "query": "show=unread" if unread_only else "",
    }
    return TemplateResponse(request, "desk/inbox.html", context)


def _mark_read(request: HttpRequest) -> HttpResponse:
    asked = request.POST.getlist("news")
    # What is no id is nobody's news; the service passes over other people's.
    ids = [int(one) for one in asked if one.isascii() and one.isdigit() and len(one) < 16]
    marked = notifications_mark_read(
        actor=viewer_of(request), now=timezone.now(), ids=ids if asked else None
    )
    said = ngettext("%(n)d piece of news is read.", "%(n)d pieces of news are read.", marked)
    messages.success(request, said % {"n": marked})
    back = "?show=unread" if request.POST.get("show") == "unread" else ""
    return HttpResponseRedirect(f"{reverse('admin:desk_inbox')}{back}")
