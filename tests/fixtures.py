"""Fixtures for the people of the tests; see tests/people.py."""

from collections.abc import Callable

import pytest
from django.core.cache import cache

from leases.models import Lease, User
from personas.models import Persona
from tests.people import Api, grant, make_persona, someone

ApiFor = Callable[[User | None], Api]


@pytest.fixture
def alice(db: None) -> User:
    """A member: owns and proposes."""
    return someone("alice")


@pytest.fixture
def bob(db: None) -> User:
    """An approver."""
    return someone("bob")


@pytest.fixture
def charlie(db: None) -> User:
    """A stranger: signed in, without a role."""
    return someone("charlie")


@pytest.fixture
def dana(db: None) -> User:
    """An admin."""
    return someone("dana")


@pytest.fixture
def persona(db: None) -> Persona:
    """persona.alpha at version 1, without consent."""
    return make_persona()


@pytest.fixture
def manage_lease(db: None) -> Lease:
    """persona:manage for anyone signed in, for an hour."""
    return grant()


@pytest.fixture
def api(db: None) -> ApiFor:
    """The JSON API as a principal: `api(alice).get("/state/persona")`."""
    cache.clear()
    return Api
