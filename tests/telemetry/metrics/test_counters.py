"""The Prometheus counters of feedback (contract §12)."""

from prometheus_client import REGISTRY

from leases.models import Lease, User
from personas.models import Persona
from tests.fixtures import ApiFor
from tests.people import problem
from tests.telemetry.conftest import Committing
from tests.telemetry.samples import FEEDBACK


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


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
    with committing():
        api(alice).post(FEEDBACK, [{"signal": f'odd"\n\\{n}'} for n in range(200)])
    seen = {
        sample.labels["signal"]
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "arw_persona_feedback_signal_total"
        and sample.labels["persona"] == "persona.alpha"
        and sample.labels["signal"].startswith(("odd", "other"))
    }
    assert len(seen) == 51
