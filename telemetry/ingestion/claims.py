"""Who a request says it comes from, in a form that can be judged again at any time."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from django.conf import settings
from knox.settings import knox_settings

from leases.models import ApiToken, User
from leases.models.principal import SERVICE_PRINCIPAL


class Claim(NamedTuple):
    """Who a request says it comes from.

    ``kind`` is ``token`` (``value`` the digest under which it is stored), ``service``
    (``ARW_ADMIN_TOKEN``), or ``principal`` (an id that the caller has authenticated).
    """

    kind: str
    value: str


_digest = knox_settings.SECURE_HASH_ALGORITHM
SERVICE = Claim("service", SERVICE_PRINCIPAL)


def token_claim(token: str) -> Claim:
    """The claim of a bearer token, not judged yet."""
    expected = settings.ARW_ADMIN_TOKEN_SHA256
    if expected:
        given = hashlib.sha256(token.encode()).hexdigest()
        if hmac.compare_digest(given, expected):
            return SERVICE
    return Claim("token", _digest(token.encode()).hexdigest())


def principal_claim(user: User, token: ApiToken | None = None) -> Claim:
    """The claim of a principal that was authenticated before, by a token or otherwise."""
    return Claim("principal", str(user.pk)) if token is None else Claim("token", token.pk)
