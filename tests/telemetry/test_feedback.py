"""Giving feedback: taken, refused, malformed (contract §2, §7)."""

from typing import Any

import pytest

from leases.models import Lease, User
from personas.models import Persona
from telemetry.models import VibeSample
from tests.fixtures import ApiFor
from tests.people import grant, make_persona, pointers, problem
from tests.telemetry.conftest import Committing
from tests.telemetry.samples import FEEDBACK, HISTORY, METRICS, everything, signals


def test_it_stores_what_was_given(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    body = {
        "kind": "vibe",
        "signal": "warmer",
        "strength": 0.7,
        "note": "felt closer",
        "metadata": {"run": "r1"},
    }
    answer = api(alice).post(FEEDBACK, body)
    assert answer.status_code == 202
    assert answer.json() == {"status": "accepted", "count": 1}
    (sample,) = VibeSample.objects.all()
    assert {name: getattr(sample, name) for name in body} == body
    assert sample.principal == alice
    assert sample.persona == consented


def test_it_fills_in_what_was_left_out(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    nothing = {"kind": None, "signal": None, "strength": None, "note": None, "metadata": None}
    for body in ({}, nothing, {"unknown": 1}):
        assert api(alice).post(FEEDBACK, body).status_code == 202
    for sample in VibeSample.objects.all():
        assert sample.signal == "unspecified"
        assert (sample.kind, sample.strength, sample.note, sample.metadata) == (None,) * 4


def test_it_takes_the_kind_from_the_query_unless_the_body_has_one(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    batch = [{"kind": "b"}, {}, {"kind": None}]
    assert api(alice).post(f"{FEEDBACK}?kind=q", batch).json()["count"] == 3
    kinds = list(VibeSample.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["b", "q", "q"]


def test_it_counts_after_the_commit(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, committing: Committing
) -> None:
    with committing():
        api(alice).post(FEEDBACK, [{"signal": "warmer", "strength": 1}, {"signal": "cooler"}])
        assert api(alice).get(METRICS).json()["total_feedback"] == 0
    metrics = api(alice).get(METRICS).json()
    assert metrics["signal_counts"] == {"warmer": 1, "cooler": 1}
    assert metrics["last_signal"] == "cooler"


def test_it_takes_secrets_out_before_anything_is_kept(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, committing: Committing
) -> None:
    secret = "sk-" + "aB3x" * 12
    with committing():
        body = {
            "signal": secret,
            "kind": secret,
            "note": f"use {secret}",
            "metadata": {"k": secret},
        }
        assert api(alice).post(FEEDBACK, body).status_code == 202
    (sample,) = VibeSample.objects.all()
    assert (sample.signal, sample.kind) == ("[redacted]", "[redacted]")
    assert secret not in f"{sample.note}{sample.metadata}"
    shown = api(alice).get(HISTORY).content + api(alice).get(METRICS).content
    assert secret.encode() not in shown


@pytest.mark.parametrize("body", [{"signal": "x"}, [], b"{", b"", {"strength": 7}])
def test_it_refuses_before_it_looks_at_the_body(
    api: ApiFor, alice: User, charlie: User, body: Any
) -> None:
    make_persona()
    before = everything()
    problem(api(None).post(FEEDBACK, body), 401, "Unauthorized")
    problem(api(alice).post("/persona/nobody/feedback", body), 404, "Persona Not Found")
    problem(api(charlie).post(FEEDBACK, body), 403, "Persona Telemetry Forbidden")
    problem(api(alice).post(FEEDBACK, body), 412, "Telemetry Disabled")
    assert everything() == before


@pytest.mark.parametrize("body", [{"signal": "x"}, [], b"{", {"strength": 7}])
def test_it_needs_a_lease_for_the_scope(
    api: ApiFor, alice: User, consented: Persona, body: Any
) -> None:
    grant("telemetry:persona:project")
    grant("telemetry:persona:workspace", scope="persona:another")
    before = everything()
    document = problem(api(alice).post(FEEDBACK, body), 403, "Persona Telemetry Forbidden")
    assert document["required_capability"] == "telemetry:persona:workspace"
    assert everything() == before


def test_it_says_which_right_is_missing(api: ApiFor, charlie: User, consented: Persona) -> None:
    grant("telemetry:persona:workspace")
    assert problem(api(charlie).post(FEEDBACK, {}), 403)["code"] == "role_required"
    assert not VibeSample.objects.exists()


def test_it_finds_no_persona_behind_an_odd_id(api: ApiFor, alice: User, consented: Persona) -> None:
    for odd in ("%00", "%ff", "a%2Fb", "x" * 500, "'", "persona.alph%C3%A4"):
        assert problem(api(alice).post(f"/persona/{odd}/feedback", {}), 404)


DEEP = {"a": {"b": {"c": {"d": {"e": {"f": {}}}}}}}
MALFORMED: list[tuple[Any, str]] = [
    (b"", ""),
    (b"  ", ""),
    (b"nonsense", ""),
    (b"\xff", ""),
    (b'{"signal":"a","signal":"b"}', "/signal"),
    (b'{"strength":NaN}', "/strength"),
    (b'{"strength":1e400}', "/strength"),
    (b"[" * 5000, ""),
    (b'{"signal":"\\u0000"}', "/signal"),
    (b'{"note":"\\ud800"}', "/note"),
    ("text", ""),
    (17, ""),
    (["vibe", "x", 0.5], "/0"),
    ([[]], "/0"),
    ({"signal": ""}, "/signal"),
    ({"signal": "  "}, "/signal"),
    ({"signal": "x" * 65}, "/signal"),
    ({"signal": 1}, "/signal"),
    ({"kind": "x" * 65}, "/kind"),
    ({"kind": []}, "/kind"),
    ({"strength": 1.5}, "/strength"),
    ({"strength": -0.2}, "/strength"),
    ({"strength": 1e39}, "/strength"),
    ({"strength": "0.5"}, "/strength"),
    ({"strength": True}, "/strength"),
    ({"note": "x" * 2001}, "/note"),
    ({"note": {}}, "/note"),
    ({"metadata": []}, "/metadata"),
    ({"metadata": "x"}, "/metadata"),
    ({"metadata": {"text": "x" * 8192}}, "/metadata"),
    ({"metadata": DEEP}, "/metadata/a/b/c/d/e/f"),
    ({"id": ""}, "/id"),
    ({"id": "x" * 201}, "/id"),
    ({"id": 7}, "/id"),
    ([{}, {}, {}, {"strength": 2}], "/3/strength"),
    ([{} for _ in range(1001)], ""),
]


@pytest.mark.parametrize(("body", "pointer"), MALFORMED)
def test_it_points_at_what_is_malformed_and_stores_nothing(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, body: Any, pointer: str
) -> None:
    before = everything()
    document = problem(api(alice).post(FEEDBACK, body), 400)
    assert document["detail"]
    assert pointer in (pointers(document) or [""])
    assert everything() == before


def test_it_names_every_fault_up_to_twenty(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    batch = [{"strength": 2, "note": 1}, {"signal": "fine"}, {"kind": 3}]
    document = problem(api(alice).post(FEEDBACK, batch), 400, "Invalid Feedback")
    assert sorted(pointers(document)) == ["/0/note", "/0/strength", "/2/kind"]
    document = problem(api(alice).post(FEEDBACK, [{"strength": 2}] * 500), 400)
    assert len(document["errors"]) == 20
    assert not VibeSample.objects.exists()


def test_it_refuses_an_empty_batch(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    problem(api(alice).post(FEEDBACK, []), 400, "Empty Feedback Batch")


def test_it_refuses_a_whole_batch_for_one_bad_sample(
    api: ApiFor, alice: User, consented: Persona, committing: Committing
) -> None:
    grant("telemetry:persona:workspace", budget=5)
    before = everything()
    with committing():
        batch: list[Any] = [{"signal": "warmer", "id": str(n)} for n in range(999)]
        document = problem(api(alice).post(FEEDBACK, [*batch, {"strength": 9}]), 400)
    assert pointers(document) == ["/999/strength"]
    assert everything() == before


def test_it_takes_a_thousand_at_once_and_keeps_the_newest(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, committing: Committing
) -> None:
    with committing():
        batch = [{"signal": f"s{n}"} for n in range(1000)]
        assert api(alice).post(FEEDBACK, batch).json()["count"] == 1000
    assert signals() == [f"s{n}" for n in range(950, 1000)]
    assert api(alice).get(METRICS).json()["total_feedback"] == 1000


def test_it_takes_one_use_of_the_lease_for_a_batch_and_none_for_a_refusal(
    api: ApiFor, alice: User, consented: Persona
) -> None:
    lease = grant("telemetry:persona:workspace", budget=2)
    problem(api(alice).post(FEEDBACK, [{"strength": 3}]), 400)
    assert api(alice).post(FEEDBACK, [{}, {}, {}]).status_code == 202
    assert api(alice).get(METRICS).status_code == 200
    lease.refresh_from_db()
    assert lease.used == 1
    assert api(alice).post(FEEDBACK, {}).status_code == 202
    document = problem(api(alice).post(FEEDBACK, {}), 403, "Persona Telemetry Forbidden")
    assert document["code"] == "lease_exhausted"
    assert VibeSample.objects.count() == 4


def test_it_is_not_there_while_the_feature_is_off(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, settings: Any
) -> None:
    settings.ARW_PERSONA_ENABLE = False
    problem(api(alice).post(FEEDBACK, b"{"), 501, "Persona Disabled")
    problem(api(alice).get(METRICS), 501, "Persona Disabled")
    assert not VibeSample.objects.exists()


def test_it_refuses_other_media_types_and_too_much(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    problem(api(alice).post(FEEDBACK, b"a=b", Content_Type="text/plain"), 415)
    problem(api(alice).send("GET", FEEDBACK), 405)
    assert not VibeSample.objects.exists()
