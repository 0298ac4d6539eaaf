"""A process with its ingestor, and both doors of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.core.cache import cache
from django.utils import timezone

from arw_site.api_errors import door_refusal
from arw_site.body_bound import BodyBound
from arw_site.request_id import sane_or_new
from leases.models import User
from leases.tokens import token_create
from personas.models import Persona
from telemetry.door.feedback import FeedbackDoor
from telemetry.ingestion.ingestor import Ingestor, start_ingestor, stop_ingestor
from tests.people import make_persona


@pytest.fixture
def ingestor(transactional_db: None) -> Iterator[Ingestor]:
    """The process's ingestor, drained when the test is over."""
    yield start_ingestor()
    stop_ingestor()


class Doors:
    """The DRF viewset behind Django's handler, and the thin door in front of the same."""

    def __init__(self) -> None:
        cache.clear()
        self.passed_on = 0
        self.drf = BodyBound(get_asgi_application())
        self.thin = FeedbackDoor(self._counted, request_id=sane_or_new, refusal=door_refusal)

    async def _counted(self, scope: Any, receive: Any, send: Any) -> None:
        self.passed_on += 1
        await self.drf(scope, receive, send)


@pytest.fixture
def doors(ingestor: Ingestor) -> Doors:
    return Doors()


Consenting = Callable[..., Persona]


@pytest.fixture
def consenting(transactional_db: None) -> Consenting:
    """`consenting("persona.one")`: a persona whose telemetry is on."""

    def make(persona_id: str = "persona.alpha", **vibe: Any) -> Persona:
        settings = {"enabled": True, "scope": "workspace", **vibe}
        return make_persona(persona_id, preferences={"telemetry": {"vibe": settings}})

    return make


@pytest.fixture
def bearer(transactional_db: None) -> Callable[[User], tuple[str, str]]:
    """`bearer(alice)`: the header that presents a new token of hers."""

    def header(user: User) -> tuple[str, str]:
        _, secret = token_create(user=user, name="doors", now=timezone.now())
        return "Authorization", f"Bearer {secret}"

    return header
