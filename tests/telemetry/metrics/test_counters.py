"""The Prometheus counters of feedback (contract §12)."""

from django.utils import timezone
from prometheus_client import REGISTRY

from leases.models import Lease, User
from personas.models import Persona
from telemetry.metrics.counters import FeedbackCounters, counters
from telemetry.metrics.tally import tallies
from tests.fixtures import ApiFor
from tests.people import problem
from tests.telemetry.conftest import Committing
from tests.telemetry.metrics.requests import given
from tests.telemetry.samples import FEEDBACK


def value(name: str, **labels: str) -> float:
    return shown(name, **labels) or 0.0


def shown(name: str, **labels: str) -> float | None:
    # Of this series alone: others ask the database.
    found = REGISTRY.restricted_registry([name]).collect()
    rows = (row for family in found for row in family.samples)
    return next((row.value for row in rows if (row.name, row.labels) == (name, labels)), None)


def test_it_counts_what_was_committed(
    api: ApiFor,
    alice: User,
    dana: User,
    consented: Persona,
    telemetry_lease: Lease,
    committing: Committing,
) -> None:
    everywhere = value("arw_persona_feedback_global_total")
    here = value("arw_persona_feedback_total", persona="persona.alpha")
    label = {"persona": "persona.alpha", "signal": "counted"}
    under = value("arw_persona_feedback_signal_total", **label)
    with committing():
        batch = [{"signal": "counted", "id": "1"}, {"signal": "counted", "id": "2"}, {}]
        assert api(alice).post(FEEDBACK, batch).status_code == 202
        assert api(alice).post(FEEDBACK, batch[:2]).status_code == 202
        problem(api(alice).post(FEEDBACK, [{"signal": "counted"}, {"strength": 2}]), 400)
    assert value("arw_persona_feedback_global_total") == everywhere + 3
    assert value("arw_persona_feedback_total", persona="persona.alpha") == here + 3
    assert value("arw_persona_feedback_signal_total", **label) == under + 2
    page = api(dana).get("/metrics").content.decode()
    assert 'arw_persona_feedback_signal_total{persona="persona.alpha",signal="counted"}' in page


def test_it_bounds_the_labels(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, committing: Committing
) -> None:
    counters.forget("persona.alpha")
    with committing():
        api(alice).post(FEEDBACK, [{"signal": f'odd"\n\\{n}'} for n in range(200)])
    seen = {
        sample.labels["signal"]
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "arw_persona_feedback_signal_total"
        and sample.labels["persona"] == "persona.alpha"
    }
    assert len(seen) == 51
    assert "other" in seen


def test_it_bounds_the_series_of_all_personas_together() -> None:
    counted = FeedbackCounters(series_max=5)
    now = timezone.now()
    for n in range(4):
        rows = [given(now, (f"s{i}", None), persona=f"bounded-{n}").entry for i in range(3)]
        counted.count(tallies(rows))
    label = "arw_persona_feedback_signal_total"
    assert value(label, persona="bounded-0", signal="s2") == 1
    assert value(label, persona="bounded-1", signal="s2") == 0
    assert value(label, persona="bounded-1", signal="other") == 1
    assert value(label, persona="bounded-3", signal="other") == 3
    assert value("arw_persona_feedback_total", persona="bounded-3") == 3
    for n in range(4):
        counted.forget(f"bounded-{n}")
    assert shown(label, persona="bounded-3", signal="other") is None
    counted.count(tallies([given(now, ("s9", None), persona="bounded-4").entry]))
    assert value(label, persona="bounded-4", signal="s9") == 1
