"""A persona whose telemetry is on, and counters that begin at zero for each test."""

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from leases.models import Lease
from personas.models import Persona
from telemetry.metrics.store import store
from tests.people import grant, make_persona

Committing = Callable[..., object]


@pytest.fixture(autouse=True)
def counters_at_zero() -> Iterator[None]:
    store.clear(timezone.now())
    yield
    store.clear(timezone.now())


@pytest.fixture
def consented(db: None) -> Persona:
    """persona.alpha with consent for the scope workspace; no lease yet."""
    vibe = {"enabled": True, "scope": "workspace"}
    return make_persona(preferences={"telemetry": {"vibe": vibe}})


@pytest.fixture
def telemetry_lease(db: None) -> Lease:
    """telemetry:persona:workspace for anyone signed in, for an hour."""
    return grant("telemetry:persona:workspace")


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Committing) -> Committing:
    """`with committing(): ...` does what a commit at the end of the block would."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
