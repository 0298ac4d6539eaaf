"""Prometheus' gauges that are what the metrics amount to (contract §12)."""

from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from leases.models import Lease, User
from personas.models import Persona
from telemetry.metrics.gauges import PersonaGauges
from telemetry.metrics.memory import MemoryMetrics
from tests.fixtures import ApiFor
from tests.people import make_persona
from tests.telemetry.conftest import Committing
from tests.telemetry.metrics.requests import given, record
from tests.telemetry.samples import FEEDBACK, METRICS

GAUGES = (
    "arw_persona_signal_strength_avg",
    "arw_persona_lane_priority",
    "arw_persona_slot_override",
)
ON = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}


def lines(page: str) -> dict[tuple[str, str], float]:
    """The gauges of the metrics on a page: by name, less the prefix, and by lane, slot or signal."""
    gauges = "".join(f"{line}\n" for line in page.splitlines() if line.startswith(GAUGES))
    return {
        (sample.name.removeprefix("arw_persona_"), label): sample.value
        for family in text_string_to_metric_families(gauges)
        for sample in family.samples
        for name, label in sample.labels.items()
        if name != "persona"
    }


def registry_of(metrics: MemoryMetrics) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(PersonaGauges(metrics))
    return registry


def page(metrics: MemoryMetrics) -> dict[tuple[str, str], float]:
    return lines(generate_latest(registry_of(metrics)).decode())


def test_it_says_what_the_metrics_amount_to(
    api: ApiFor,
    alice: User,
    dana: User,
    consented: Persona,
    telemetry_lease: Lease,
    committing: Committing,
) -> None:
    batch = [
        {"signal": "lane+:semantic", "strength": 0.8},
        {"signal": "slot+:evidence", "strength": 1},
        {"signal": "quiet"},
    ]
    with committing():
        assert api(alice).post(FEEDBACK, batch).status_code == 202
    scraped = lines(api(dana).get("/metrics").content.decode())
    bias = api(alice).get("/state/persona/persona.alpha").json()["context_bias_preview"]
    assert bias["lane_priorities"].keys() == {"semantic"}
    assert scraped == {
        ("signal_strength_avg", "lane+:semantic"): 0.8,
        ("signal_strength_avg", "slot+:evidence"): 1.0,
        ("lane_priority", "semantic"): bias["lane_priorities"]["semantic"],
        ("slot_override", "evidence"): bias["slot_overrides"]["evidence"],
    }
    assert api(alice).get(METRICS).json()["signal_strength"]["lane+:semantic"] == 0.8


def test_it_says_nothing_of_a_persona_without_consent(db: None) -> None:
    make_persona(id="persona.beta", preferences=ON)
    make_persona()
    metrics, now = MemoryMetrics(None, timezone.now()), timezone.now()
    record(metrics, [given(now, ("warmer", 0.5)), given(now, ("warmer", 0.5), persona="gone")])
    assert page(metrics) == {}
    record(metrics, [given(now, ("warmer", 0.5), persona="persona.beta")])
    assert page(metrics) == {("signal_strength_avg", "warmer"): 0.5, ("lane_priority", "*"): 0.35}
    Persona.objects.filter(pk="persona.beta").update(preferences={})
    assert page(metrics) == {}


def test_it_bounds_the_labels(db: None) -> None:
    make_persona(preferences=ON)
    metrics, now = MemoryMetrics(None, timezone.now()), timezone.now()
    record(metrics, [given(now, *((f"lane+:{n}", 0.5) for n in range(200)))])
    record(metrics, [given(now, *((f'odd"\n\\{n}', 0.5) for n in range(200)))])
    shown = page(metrics)
    assert sum(name == "signal_strength_avg" for name, _ in shown) == 51
    assert sum(name == "lane_priority" for name, _ in shown) <= 51


def test_it_does_without_the_database(db: None) -> None:
    make_persona(preferences=ON)
    metrics, now = MemoryMetrics(None, timezone.now()), timezone.now()
    record(metrics, [given(now, ("warmer", 0.5))])

    def refuse(*_: object) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        assert page(metrics) == {}
    assert len(page(metrics)) == 2
