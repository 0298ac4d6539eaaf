"""API tokens on the desk: one's own to make and revoke, everybody's to see for admins."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leases.admin.page_doors import sent_only
from leases.admin.viewer import viewer_of
from leases.errors import DomainError, TokenNotFound
from leases.models import ApiToken, User
from leases.page_errors import page_status, sentence
from leases.roles import Right
from leases.tokens import token_create, token_revoke

OTHERS = 100
LIVES = (
    (7, gettext_lazy("a week")),
    (30, gettext_lazy("30 days")),
    (90, gettext_lazy("90 days")),
    (366, gettext_lazy("a year")),
)


class TokenForm(forms.Form):
    """What a new token is called, and how long it lives."""

    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=100,
        help_text=gettext_lazy("A name to know it by, such as the program that holds it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("It expires after"), choices=LIVES, coerce=int, initial=30
    )


def tokens_view(request: HttpRequest) -> HttpResponse:
    """GET lists the tokens, ``?revoke=ID`` asks about one; POST makes one and shows it once."""
    if request.method != "POST":
        return _page(request, TokenForm())
    form, now = TokenForm(request.POST), timezone.now()
    if not form.is_valid():
        return _page(request, form, status=400)
    expires = now + timedelta(days=form.cleaned_data["days"])
    try:
        token, secret = token_create(
            user=viewer_of(request), name=form.cleaned_data["name"], now=now, expires=expires
        )
    except DomainError as error:
        form.add_error(None, sentence(error))
        return _page(request, form, status=int(page_status(error)))
    return _page(request, TokenForm(), status=201, made=token, secret=secret)


def _question_about(token_id: uuid.UUID) -> str:
    """The page that asks whether the token is to end."""
    return f"{reverse('admin:desk_tokens')}?revoke={token_id}"


@sent_only(_question_about)
def token_revoke_view(request: HttpRequest, token_id: uuid.UUID) -> HttpResponse:
    """Ends one of the viewer's own tokens, after ``tokens_view`` has asked."""
    try:
        token_revoke(user=viewer_of(request), public_id=token_id)
    except TokenNotFound as error:
        raise Http404 from error
    messages.success(request, _("The token is revoked: it is refused from now on."))
    return HttpResponseRedirect(reverse("admin:desk_tokens"))


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200, **more: Any) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    own = ApiToken.objects.filter(user=viewer)
    context = {
        **admin.site.each_context(request),
        "title": _("API tokens"),
        "form": form,
        "tokens": [(one, one.is_live(now)) for one in own],
        "asked": _asked(request.GET.get("revoke", ""), viewer),
        "roles": ", ".join(group.name for group in viewer.groups.order_by("name")),
        **_everybodys(viewer, now),
        **more,
    }
    return TemplateResponse(request, "desk/tokens.html", context, status=status)


def _asked(wanted: str, viewer: User) -> ApiToken | None:
    """The own token that is about to be revoked."""
    try:
        return ApiToken.objects.filter(user=viewer, public_id=uuid.UUID(wanted)).first()
    except ValueError:
        return None


def _everybodys(viewer: User, now: datetime) -> dict[str, Any]:
    """Tokens of all others, for who manages leases; they can be seen there and not revoked."""
    if not viewer.has_right(Right.MANAGE_LEASES):
        return {"sees_all": False}
    found = ApiToken.objects.exclude(user=viewer).select_related("user")
    return {
        "sees_all": True,
        "others": [(one, one.is_live(now)) for one in found[:OTHERS]],
        "others_count": found.count(),
    }
