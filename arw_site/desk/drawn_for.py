"""Whom an open page was drawn for: what one person opened is never carried out as another.

Signing in renews the token against forgery, so a form that is older is refused. The desk's scripts
put the new token into open forms, to spare people that refusal; so they say for whom the page was
drawn as well, and the server compares.
"""

from __future__ import annotations

from django.http import HttpRequest

FIELD = "drawn_for"
HEADER = "X-Desk-Drawn-For"


def drawn_for_another(request: HttpRequest) -> bool:
    """Whether the page that asks says that it was drawn for somebody who is not signed in now."""
    if not request.user.is_authenticated:
        return False
    said = (request.POST.get(FIELD), request.headers.get(HEADER))
    return any(owner and owner != str(request.user.pk) for owner in said)
