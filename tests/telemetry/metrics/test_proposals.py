"""Prometheus on proposals: how many by status, and how long deciding took (contract §12)."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client import REGISTRY, CollectorRegistry

from leases.models import Lease, User
from personas.models import Persona, Proposal
from personas.services.decisions import proposal_reject
from personas.services.proposals import proposal_submit
from telemetry.metrics.proposals import ProposalGauges
from tests.people import grant, make_persona
from tests.telemetry.conftest import Committing

DIFF = [{"op": "add", "path": "/traits/tone", "value": "warm"}]
SUM = "arw_persona_proposal_decision_seconds_sum"
COUNT = "arw_persona_proposal_decision_seconds_count"


@pytest.fixture
def manage_lease(db: None) -> Lease:
    return grant("persona:manage")


@pytest.fixture
def persona(db: None) -> Persona:
    return make_persona()


def counts() -> dict[str, float | None]:
    registry = CollectorRegistry()
    registry.register(ProposalGauges())
    name = "arw_persona_proposals"
    return {
        status.value: registry.get_sample_value(name, {"status": status.value})
        for status in Proposal.Status
    }


def test_it_counts_proposals_by_what_they_are_now(
    alice: User, bob: User, persona: Persona, manage_lease: Lease, committing: Committing
) -> None:
    nobody = dict.fromkeys(Proposal.Status.values, 0.0)
    assert counts() == nobody
    now = timezone.now()
    asked = [
        proposal_submit(actor=alice, persona_id=persona.pk, diff=DIFF, now=now - timedelta(hours=2))
        for _ in range(3)
    ]
    assert counts() == {**nobody, "pending": 3}
    rejected = {"decision": "rejected"}
    before = REGISTRY.get_sample_value(SUM, rejected), REGISTRY.get_sample_value(COUNT, rejected)
    with committing():
        proposal_reject(actor=bob, proposal_id=asked[0].pk, rationale="no", now=now)
    Proposal.objects.filter(pk=asked[1].pk).update(expires_at=now - timedelta(seconds=1))
    assert counts() == {**nobody, "pending": 1, "rejected": 1, "expired": 1}
    after = REGISTRY.get_sample_value(SUM, rejected), REGISTRY.get_sample_value(COUNT, rejected)
    assert after == (pytest.approx(before[0] + 7200, abs=0.01), before[1] + 1)


def test_it_does_without_the_database(db: None) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        assert set(counts().values()) == {None}
    assert set(counts().values()) == {0.0}
