"""On whose behalf a stream is open, and whether that still holds (contract §1, §8)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, cast

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from leases.authentication import BearerAuthentication
from leases.models import ApiToken, User
from leases.roles import Right


@dataclass(frozen=True, slots=True)
class Credential:
    """A principal, with the token or the session that it came with.

    Neither of the two: ``ARW_ADMIN_TOKEN``, which lives as long as the process.
    """

    principal_id: uuid.UUID
    token: str | None = None
    session: str | None = None
    expires: datetime | None = None

    def __hash__(self) -> int:
        # Looked up for every delivery: a text remembers its hash, the other members do not.
        return hash(self.token or self.session or self.principal_id)

    def reader(self, now: datetime) -> User | None:
        """The principal, while the credential lives and the role may read; else None."""
        principal = self._session_user() if self.session else self._user(now)
        if principal is None or not principal.is_active or not principal.has_right(Right.READ):
            return None
        return principal

    def _user(self, now: datetime) -> User | None:
        if self.token is not None:
            token = ApiToken.objects.filter(pk=self.token).first()
            if token is None or not token.is_live(now):
                return None
        return User.objects.filter(pk=self.principal_id).first()

    def _session_user(self) -> User | None:
        # As for a request of its own: a sign-out, a changed password and an end of time count.
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self.session)
        user = get_user(request)
        return user if isinstance(user, User) and user.pk == self.principal_id else None


def credential_of(request: Request) -> Credential:
    """The credential of an authenticated API request."""
    user = cast(User, request.user)
    if isinstance(request.auth, ApiToken):
        return _with_token(user, request.auth)
    if isinstance(request.successful_authenticator, BearerAuthentication):
        return Credential(user.pk)
    return Credential(user.pk, session=request._request.session.session_key)


async def credential_of_scope(scope: dict[str, Any]) -> Credential | None:
    """The credential of a WebSocket: its token, else its session; None for a stranger."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = (scope.get("client") or ("",))[0]
    for name in (b"authorization", b"x-arw-admin"):
        if name in headers:
            request.META["HTTP_" + name.decode().upper().replace("-", "_")] = headers[name]
    try:
        found = await database_sync_to_async(BearerAuthentication().authenticate)(Request(request))
    except APIException:
        return None
    if found is not None:
        user, token = found
        return Credential(user.pk) if token is None else _with_token(user, token)
    user = scope.get("user")
    if user is None or not user.is_authenticated:
        return None
    return Credential(user.pk, session=scope["session"].session_key)


def _with_token(user: User, token: ApiToken) -> Credential:
    return Credential(user.pk, token=token.pk, expires=token.expiry)
