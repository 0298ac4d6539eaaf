"""The pulse on home: samples per minute, of the personas whose telemetry the viewer may read."""

from datetime import UTC, datetime, timedelta

import pytest

from arw_site.desk.pulse import MINUTES, pulse_for
from leases.models import User
from telemetry.models import VibeSample
from tests.people import grant, make_persona

pytestmark = pytest.mark.django_db
CONSENT = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}


def test_it_counts_the_last_half_hour_by_minutes(alice: User, bob: User) -> None:
    now = datetime.now(UTC).replace(second=30, microsecond=0)
    persona = make_persona(preferences=CONSENT)
    for minutes in (0, 0, 1, 29, 30, 300):
        VibeSample.objects.create(
            persona=persona,
            signal="warmer",
            principal=alice,
            recorded_at=now - timedelta(minutes=minutes),
        )
    assert pulse_for(bob, now=now).total == 0
    grant("telemetry:persona:workspace")
    pulse = pulse_for(bob, now=now)
    assert len(pulse.counts) == MINUTES
    assert (pulse.counts[-1], pulse.counts[-2], pulse.counts[0]) == (2, 1, 1)
    assert (pulse.total, pulse.newest, len(pulse.bars)) == (4, 3, 3)
    assert VibeSample.objects.count() == 6


def test_it_shows_nothing_to_whom_may_not_read(charlie: User) -> None:
    grant("telemetry:persona:workspace")
    make_persona(preferences=CONSENT)
    assert pulse_for(charlie, now=datetime.now(UTC)).counts == (0,) * MINUTES
