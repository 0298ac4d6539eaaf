"""How pages about leases and policy answer refusals (contract §2)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)

from leases.admin.viewer import viewer_of
from leases.errors import DomainError, Forbidden
from leases.models import Lease
from leases.page_errors import page_status
from leases.services.decision_log import refusal_keep

Answer = TypeVar("Answer", bound=HttpResponseBase)


def refusing(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """``view``, where what the role does not carry is logged and answered by the page of a 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
        try:
            return view(request, *args, **kwargs)
        except Forbidden as error:
            refusal_keep(error, actor=viewer_of(request))
            raise PermissionDenied from error

    return guarded


def sent_only(
    page: Callable[..., str],
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """The view of a form that stands on another page: whoever opens its address is led there.

    ``page`` is called with what the address holds. That is where people come back to who sign in
    again, or reload, after a form was refused.
    """

    def lead(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def judged(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in {"GET", "HEAD"}:
                return HttpResponseRedirect(page(**kwargs))
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            return view(request, *args, **kwargs)

        return judged

    return lead


def refused(form: Any, error: DomainError) -> int:
    """Put ``error`` into ``form``, and say the status of the page that shows it.

    What the role forbids is not for a form: it is raised on.
    """
    if isinstance(error, Forbidden):
        raise error
    form.refuse(error)
    return int(page_status(error))


def lease_or_404(lease_id: uuid.UUID) -> Lease:
    """The lease with that id, or the page that says that there is none."""
    found = Lease.objects.select_related("granted_by", "revoked_by").filter(pk=lease_id).first()
    if found is None:
        raise Http404
    return found
