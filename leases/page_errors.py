"""How a page answers a refusal: with the status that the API would send (contract §2)."""

from __future__ import annotations

import re
from http import HTTPStatus

from django.utils.translation import gettext as _

from leases.errors import Conflict, DomainError, Forbidden, TooMany

_STATUS: tuple[tuple[type[DomainError], HTTPStatus], ...] = (
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Conflict, HTTPStatus.CONFLICT),
    (TooMany, HTTPStatus.TOO_MANY_REQUESTS),
)
_LEASE = re.compile(r"([a-z_]+(?::[a-z_]+)+) lease required(.*)", re.DOTALL)


def page_status(error: DomainError) -> HTTPStatus:
    """The status of the page that shows ``error``: 403, 409, 429, and 400 for other faults."""
    for known, status in _STATUS:
        if isinstance(error, known):
            return status
    return HTTPStatus.BAD_REQUEST


def sentence(error: DomainError) -> str:
    """The refusal as one sentence that starts with a capital and ends with a full stop."""
    text = error.detail or error.title
    lease = _LEASE.fullmatch(text)
    if lease:
        # The API names the capability first, for programs; a capital would make it another one.
        wanted = _("A lease for %(capability)s is required") % {"capability": lease[1]}
        text = f"{wanted}{lease[2]}"
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"
