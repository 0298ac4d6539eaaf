"""Streams judge on threads of their own, so these tests commit."""

from collections.abc import Iterator

import pytest

from leases.models import User
from personas.models import Persona
from telemetry.ingestion.ingestor import stop_ingestor
from tests.people import Api, grant, make_persona, someone
from tests.telemetry.events.streams import the_application

VIBE = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}


class World:
    """The four people, a persona with consent, and leases for everyone."""

    def __init__(self) -> None:
        self.alice: User = someone("alice")
        self.bob: User = someone("bob")
        self.charlie: User = someone("charlie")
        self.dana: User = someone("dana")
        self.persona: Persona = make_persona(preferences=VIBE)
        self.manage = grant()
        self.telemetry = grant("telemetry:persona:workspace")
        people = (self.alice, self.bob, self.charlie, self.dana)
        self.apis = {person.pk: Api(person) for person in people}

    def api(self, person: User) -> Api:
        return self.apis[person.pk]


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    the_application()
    yield World()
    # The application starts one, whose thread would stay in the database of the test.
    stop_ingestor()
