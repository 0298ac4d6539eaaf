"""``/metrics`` for Prometheus, with a token unless it is made public (contract §1, §12)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.request import Request

from arw_site.api_errors import exception_response
from arw_site.scraping import metrics_page
from leases.authentication import BearerAuthentication


def metrics(request: HttpRequest) -> HttpResponse:
    """The node's metrics in the text format, and what is looked up as of now."""
    if not settings.ARW_METRICS_PUBLIC and not request.user.is_authenticated:
        try:
            if BearerAuthentication().authenticate(Request(request)) is None:
                raise NotAuthenticated
        except APIException as error:
            if error.status_code == NotAuthenticated.status_code:
                error.auth_header = 'Bearer realm="arw"'  # type: ignore[attr-defined]
            answer = exception_response(request, error)
            assert answer is not None  # noqa: S101  every APIException has a response
            return answer
    return HttpResponse(metrics_page(), content_type=CONTENT_TYPE_LATEST)
