"""API tokens of a principal (contract §1, §13). Hashing and lookup are django-rest-knox's."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q

from leases.errors import Fault, InvalidInput, TokenForbidden, TokenNotFound
from leases.models import ApiToken, User

logger = logging.getLogger(__name__)

DEFAULT_LIFE = timedelta(days=30)
MAX_LIFE = timedelta(days=366)
NOTED_EVERY = timedelta(hours=1)


def token_create(
    *, user: User, name: str, now: datetime, expires: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token for ``user``; the second value is the token itself, never to be read again.

    Without ``expires`` it lives 30 days; at most 366. Raises ``InvalidInput``, and
    ``TokenForbidden`` for whom nobody is to act as.
    """
    if user.is_internal:
        raise TokenForbidden(f"{user.username} is the server's own: it holds no token")
    expires = expires or now + DEFAULT_LIFE
    faults = []
    if not name.strip():
        faults.append(Fault("/name", "a token needs a name", "required"))
    if expires <= now:
        faults.append(Fault("/expires", "expires must be in the future"))
    elif expires - now > MAX_LIFE:
        faults.append(Fault("/expires", f"a token lives at most {MAX_LIFE.days} days"))
    if faults:
        raise InvalidInput(faults[0].message, errors=faults)
    with transaction.atomic():
        # Knox counts from its own clock; here ``now`` decides.
        token, secret = ApiToken.objects.create(user=user, expiry=None, name=name.strip())
        token.expiry = expires
        token.save(update_fields=["expiry"])
    return token, secret


def token_revoke(*, user: User, public_id: uuid.UUID) -> None:
    """End one of the user's own tokens; it is refused from the next request on."""
    deleted, _ = ApiToken.objects.filter(user=user, public_id=public_id).delete()
    if not deleted:
        raise TokenNotFound


def token_use_note(token: ApiToken, *, now: datetime) -> bool:
    """Note that ``token`` has been used; True where that was written.

    At most once an hour for each token, whoever else notes it. A database that does not take it
    keeps nobody out. What is answered without Django (feedback and reads at the thin doors) is not
    noted, so that it costs nothing there.
    """
    before = now - NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at > before:
        return False
    due = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    try:
        with transaction.atomic():
            return bool(ApiToken.objects.filter(due, pk=token.pk).update(last_used_at=now))
    except DatabaseError as error:
        logger.warning("token_use_not_noted", exc_info=error)
        return False
