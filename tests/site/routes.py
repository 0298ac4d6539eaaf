"""Every route of the API, found in the URL configuration, so that a new one is tested unasked."""

from __future__ import annotations

import re
from dataclasses import dataclass

import leases.api.urls
import personas.api.urls
import telemetry.api.urls
from leases.api.access import route_key

MODULES = (leases.api.urls, personas.api.urls, telemetry.api.urls)
WRITING = {"post", "put", "patch", "delete"}


@dataclass(frozen=True)
class Route:
    """One method of one path; ``pattern`` is written as in the URL configuration."""

    method: str
    pattern: str

    @property
    def writes(self) -> bool:
        return self.method.lower() in WRITING

    def path(self, **values: object) -> str:
        """The path, with each parameter replaced by its value."""
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), self.pattern)
        return "/" + filled

    @property
    def key(self) -> str:
        """How the table of what routes need names it."""
        return route_key(self.method, self.pattern)

    def __str__(self) -> str:
        return f"{self.method} /{self.pattern}"


def api_routes() -> list[Route]:
    """All of them; a view that is no viewset would be missed, so there may be none."""
    found = []
    for module in MODULES:
        for pattern in module.urlpatterns:
            actions: dict[str, str] = getattr(pattern.callback, "actions", {})
            assert actions, f"{pattern} is no viewset"
            # HEAD is GET's shadow: Django adds it when a view is first asked.
            methods = [method.upper() for method in actions if method != "head"]
            found += [Route(method, str(pattern.pattern)) for method in methods]
    return found


def writing_routes() -> list[Route]:
    return [route for route in api_routes() if route.writes]
