"""The order of checks in front of every route (contract §2).

401, then 501, then 413 and 415, then what ``admit`` asks for (404, role, 412, policy or lease,
rate), and only then the body: nobody learns anything from a body that they may not send.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.conf import settings
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from leases.api.access import require_declared
from leases.api.errors import BodyTooLarge, FeatureDisabled, MediaTypeNotSupported
from leases.errors import DomainError
from leases.models import User
from leases.services.decision_log import refusal_keep

DEFAULT_MAX_BODY = 1_048_576
_WITH_BODY = {"POST", "PUT", "PATCH", "DELETE"}


class GuardedViewSet(ViewSet):
    """A viewset whose ``admit`` runs before the handler and before the body is read.

    ``max_body`` bounds the body in bytes; ``feature_flagged`` routes answer 501 while the
    feature is off.
    """

    max_body: ClassVar[int] = DEFAULT_MAX_BODY
    feature_flagged: ClassVar[bool] = True
    kwargs: dict[str, Any]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not request.user.is_authenticated:
            raise NotAuthenticated
        if self.feature_flagged and not settings.ARW_PERSONA_ENABLE:
            raise FeatureDisabled
        if getattr(self, "action", None) in {None, "metadata"}:
            # A method that no route maps, or OPTIONS: told before anybody is judged for what they
            # cannot do.
            self.http_method_not_allowed(request)
        self._check_body(request)
        try:
            self.admit(request)
            # Whatever ``admit`` asked for: nobody passes without the right that the route declares.
            require_declared(request)
        except DomainError as error:
            refusal_keep(error, actor=self.actor, persona_id=self.kwargs.get("persona_id"))
            raise

    def admit(self, request: Request) -> None:
        """Refuse before the body is read; ``self.action`` and ``self.kwargs`` say what is asked."""

    @property
    def actor(self) -> User:
        """The authenticated principal."""
        return cast(User, self.request.user)

    def _check_body(self, request: Request) -> None:
        if request.method not in _WITH_BODY:
            return
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            # Sent in chunks and whole by now; DRF goes by the declared length, and would take a
            # body without one for empty.
            request.META["CONTENT_LENGTH"] = str(len(request._request.body))
        length = content_length(request.META)
        if length > self.max_body:
            raise BodyTooLarge(f"the body is larger than {self.max_body} bytes")
        if length and not is_json(request.META.get("CONTENT_TYPE", "")):
            raise MediaTypeNotSupported


def content_length(meta: dict[str, Any]) -> int:
    """The declared length of the body; 0 where none is declared."""
    declared = str(meta.get("CONTENT_LENGTH") or "0")
    return int(declared) if declared.isascii() and declared.isdigit() else 0


def is_json(content_type: str) -> bool:
    """Whether the media type is ``application/json`` or any ``+json``."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
