"""What a route declares that it needs (contract §1), and the check that nobody passed without it.

The table itself belongs to the composition root: the setting ``ROUTE_ACCESS`` names it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.module_loading import import_string
from rest_framework.request import Request

from leases.capabilities import Action
from leases.errors import Forbidden
from leases.models import User
from leases.roles import Right

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


class Door(StrEnum):
    """Who passes where no role is asked for."""

    PUBLIC = "anybody"
    SIGNED_IN = "anyone signed in"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Access:
    """What one method of one route needs.

    ``needs`` is the right that the role must carry, ``action`` what policy or a lease must allow
    besides, ``refusal`` the error that both are refused with. ``owner`` is the right that is
    enough for the author of what the request is about; ``owner_is_free`` spares them the action.
    ``more`` says in a sentence what else decides.
    """

    needs: Right | Door
    action: Action | None = None
    refusal: type[Forbidden] = Forbidden
    owner: Right | None = None
    owner_is_free: bool = False
    more: str = ""

    def may_pass(self, user: User | AnonymousUser, *, as_owner: bool = True) -> bool:
        """Whether the role of ``user`` opens the door; ``as_owner`` supposes the author."""
        if self.needs is Door.PUBLIC:
            return True
        if not isinstance(user, User) or self.needs is Door.NOBODY:
            return False
        if self.needs is Door.SIGNED_IN or user.has_right(Right(self.needs)):
            return True
        return as_owner and self.owner is not None and user.has_right(self.owner)


def route_key(method: str, route: str) -> str:
    """How the table names a route: ``GET /state/persona/{persona_id}``; HEAD is GET's shadow."""
    path = _PARAMETER.sub(r"{\1}", route)
    return f"{'GET' if method == 'HEAD' else method} /{path}"


def require_declared(request: Request) -> None:
    """Raise what the route's entry names unless the role carries the right that is declared there.

    A route without an entry lets nobody pass.
    """
    match = request._request.resolver_match
    access = _table(settings.ROUTE_ACCESS).get(
        route_key(request.method or "", match.route if match else "")
    )
    if access is None:
        raise Forbidden("the route declares no access", code="undeclared_route")
    if not access.may_pass(request.user):
        raise access.refusal(code="role_required")


@cache
def _table(dotted_name: str) -> Mapping[str, Access]:
    found: Mapping[str, Access] = import_string(dotted_name)
    return found
