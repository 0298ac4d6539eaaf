"""Who is asking: bearer tokens for programs, passwords for people (contract §1)."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from leases.models import ApiToken, User
from leases.pseudonyms import keyed_digest
from leases.tokens import token_use_note

FAILURES_PER_MINUTE = 30
_TOKEN = re.compile(r"[\x21-\x7e]{1,512}")


class PeopleBackend(ModelBackend):
    """Passwords are for people: an automation cannot sign in with one."""

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(super().user_can_authenticate(user) and user.interactive)


def principal_for_token(token: str) -> tuple[User, ApiToken | None]:
    """The principal that ``token`` stands for; raises ``AuthenticationFailed``.

    ``ARW_ADMIN_TOKEN`` stands for the service principal, anything else is looked up among the
    hashed tokens. A token that expired or was revoked is refused.
    """
    if not _TOKEN.fullmatch(token):
        raise AuthenticationFailed("the token is malformed")
    if _is_admin_token(token):
        return User.objects.service_principal(), None
    user, found = TokenAuthentication().authenticate_credentials(token.encode())
    token_use_note(found, now=timezone.now())
    return user, found


def _is_admin_token(token: str) -> bool:
    expected = settings.ARW_ADMIN_TOKEN_SHA256
    given = hashlib.sha256(token.encode()).hexdigest()
    return bool(expected) and hmac.compare_digest(given, expected)


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``, or ``X-ARW-Admin: <token>`` as older clients send it.

    Failures are counted per client. Past the limit a wrong token is answered with 429, while a
    right one still passes: guessing must not lock anybody out.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken | None] | None:
        token = presented_token(request.META)
        if token is None:
            return None
        try:
            return principal_for_token(token)
        except AuthenticationFailed:
            _count_failure(request._request)
            raise

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="arw"'


def presented_token(meta: dict[str, Any]) -> str | None:
    """The token of the request's headers, or None when it presents none."""
    scheme, _, token = str(meta.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    admin = meta.get("HTTP_X_ARW_ADMIN")
    return None if admin is None else str(admin).strip()


def client_key(request: HttpRequest) -> str:
    """A keyed digest of the client's address: addresses themselves are never stored."""
    return keyed_digest("client:" + str(request.META.get("REMOTE_ADDR", "")))


def _count_failure(request: HttpRequest) -> None:
    # A counter for each minute: counting on may move the time at which a cache forgets a key.
    minute, second = divmod(int(time.time()), 60)
    key = f"arw:failed-tokens:{minute}:{client_key(request)}"
    cache.add(key, 0, timeout=120)
    try:
        failures = cache.incr(key)
    except ValueError:
        # Whoever cleared the cache between the two calls, this is the first failure after that.
        cache.set(key, 1, timeout=120)
        failures = 1
    if failures > FAILURES_PER_MINUTE:
        raise Throttled(wait=60 - second, detail="too many failed sign-ins from this client")
