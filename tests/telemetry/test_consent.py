"""Turning telemetry on and off (contract §7)."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from leases.models import Lease, User
from personas.errors import VersionMoved
from personas.models import HistoryEntry, Persona
from personas.services.records import record_apply
from telemetry.errors import AccessibilityCheckRequired, InvalidConsent
from telemetry.models import ConsentReceipt
from telemetry.services.consent import consent_set
from tests.fixtures import ApiFor
from tests.people import grant, make_persona, pointers, problem, someone, state_of
from tests.telemetry.samples import FEEDBACK, HISTORY, METRICS, TOGGLE

VIBE = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}


def test_it_turns_on_and_writes_the_owner_kind(
    api: ApiFor, dana: User, persona: Persona, manage_lease: Lease
) -> None:
    answer = api(dana).post(TOGGLE, {"enabled": True})
    assert answer.status_code == 200
    assert answer.json() == {"persona_id": "persona.alpha", "preferences": VIBE}
    persona.refresh_from_db()
    assert persona.version == 2
    entry = HistoryEntry.objects.get(version=2)
    assert (entry.kind, entry.applied_by) == ("consent", dana)


def test_it_keeps_the_scope_when_it_turns_off_and_on_again(
    api: ApiFor, dana: User, persona: Persona, manage_lease: Lease
) -> None:
    api(dana).post(TOGGLE, {"enabled": True, "scope": "team room"})
    off = api(dana).post(TOGGLE, {"enabled": False}).json()["preferences"]
    assert off == {"telemetry": {"vibe": {"enabled": False, "scope": "team room"}}}
    on = api(dana).post(TOGGLE, {"enabled": True, "scope": None}).json()["preferences"]
    assert on == {"telemetry": {"vibe": {"enabled": True, "scope": "team room"}}}


def test_it_leaves_everything_else_in_the_preferences(dana: User, manage_lease: Lease) -> None:
    others = {"context": {"min_score_bias": 0.1}, "telemetry": {"other": 1, "vibe": {"x": [1]}}}
    make_persona(preferences=others)
    persona = consent_set(actor=dana, persona_id="persona.alpha", enabled=True, now=timezone.now())
    vibe = {"x": [1], "enabled": True, "scope": "workspace"}
    assert persona.preferences == {**others, "telemetry": {"other": 1, "vibe": vibe}}


@pytest.mark.parametrize(
    ("preferences", "body"),
    [
        (VIBE, {"enabled": True}),
        (VIBE, {"enabled": True, "scope": "workspace"}),
        ({}, {"enabled": False}),
        ({"telemetry": {"vibe": {"enabled": True}}}, {"enabled": True}),
        ({"telemetry": {"vibe": {"enabled": False, "scope": "s"}}}, {"enabled": False}),
    ],
)
def test_it_changes_nothing_when_it_is_so_already(
    api: ApiFor, dana: User, preferences: Any, body: Any
) -> None:
    persona = make_persona(preferences=preferences)
    grant(budget=3)
    before, receipts = state_of(persona), ConsentReceipt.objects.count()
    answer = api(dana).post(TOGGLE, body)
    assert answer.status_code == 200
    assert answer.json()["preferences"] == preferences
    assert state_of(persona) == before
    assert ConsentReceipt.objects.count() == receipts


def test_it_stops_feedback_and_reading_with_the_next_request(
    api: ApiFor, alice: User, dana: User, consented: Persona, telemetry_lease: Lease
) -> None:
    grant()
    assert api(alice).post(FEEDBACK, {}).status_code == 202
    assert api(dana).post(TOGGLE, {"enabled": False}).status_code == 200
    problem(api(alice).post(FEEDBACK, {}), 412, "Telemetry Disabled")
    problem(api(alice).get(HISTORY), 412, "Telemetry Disabled")
    problem(api(alice).get(METRICS), 412, "Telemetry Disabled")
    detail = api(alice).get("/state/persona/persona.alpha").json()
    assert not {"context_bias_preview", "vibe_metrics_preview"} & detail.keys()


def test_it_asks_for_the_lease_of_the_new_scope(
    api: ApiFor, alice: User, dana: User, consented: Persona, telemetry_lease: Lease
) -> None:
    grant()
    api(dana).post(TOGGLE, {"enabled": True, "scope": "elsewhere"})
    problem(api(alice).post(FEEDBACK, {}), 403, "Persona Telemetry Forbidden")
    grant("telemetry:persona:elsewhere")
    assert api(alice).post(FEEDBACK, {}).status_code == 202


@pytest.mark.parametrize("body", [{"enabled": True}, {"enabled": "yes"}, b"{", b""])
def test_it_refuses_before_it_looks_at_the_body(
    api: ApiFor, alice: User, bob: User, charlie: User, dana: User, persona: Persona, body: Any
) -> None:
    before = state_of(persona)
    problem(api(None).post(TOGGLE, body), 401)
    problem(api(dana).post("/admin/persona/nobody/telemetry", body), 404, "Persona Not Found")
    problem(api(dana).post(TOGGLE, body), 403, "Persona Manage Forbidden")
    lease = grant()
    for member in (alice, bob, charlie):
        document = problem(api(member).post(TOGGLE, body), 403, "Persona Manage Forbidden")
        assert document["code"] == "role_required"
    lease.delete()
    assert state_of(persona) == before
    assert not ConsentReceipt.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/enabled"),
        ({"scope": "workspace"}, "/enabled"),
        ({"enabled": None}, "/enabled"),
        ({"enabled": "yes"}, "/enabled"),
        ({"enabled": 1}, "/enabled"),
        ({"enabled": True, "scope": 5}, "/scope"),
        ({"enabled": True, "scope": ""}, "/scope"),
        ({"enabled": True, "scope": " "}, "/scope"),
        ({"enabled": True, "scope": "x" * 129}, "/scope"),
        ({"enabled": True, "scope": "a\nb"}, "/scope"),
        ({"enabled": False, "scope": "a\x7f"}, "/scope"),
        ({"enabled": True, "accessibility_attested": "true"}, "/accessibility_attested"),
        ([], ""),
        (None, "/enabled"),
        (b'{"enabled":true,"enabled":false}', "/enabled"),
    ],
)
def test_it_points_at_what_is_malformed(
    api: ApiFor, dana: User, persona: Persona, manage_lease: Lease, body: Any, pointer: str
) -> None:
    before = state_of(persona)
    document = problem(api(dana).post(TOGGLE, body), 400)
    assert pointer in pointers(document)
    assert state_of(persona) == before


@pytest.mark.parametrize("preferences", [[], ["x"]])
def test_it_says_so_when_the_record_has_no_place_for_consent(
    api: ApiFor, dana: User, manage_lease: Lease, preferences: Any
) -> None:
    persona = make_persona(preferences=preferences)
    before = state_of(persona)
    document = problem(api(dana).post(TOGGLE, {"enabled": True}), 400, "Invalid Telemetry Toggle")
    assert "/preferences" in document["detail"]
    assert state_of(persona) == before


def test_it_needs_the_attestation_where_the_server_asks_for_it(
    api: ApiFor, dana: User, persona: Persona, manage_lease: Lease, settings: Any
) -> None:
    settings.ARW_PERSONA_ACCESSIBILITY = "attest"
    before = state_of(persona)
    for body in ({"enabled": True}, {"enabled": True, "accessibility_attested": False}):
        problem(api(dana).post(TOGGLE, body), 412, "Accessibility Check Required")
    assert state_of(persona) == before
    attested = {"enabled": True, "accessibility_attested": True}
    assert api(dana).post(TOGGLE, attested).status_code == 200
    assert api(dana).post(TOGGLE, {"enabled": True}).status_code == 200
    moved = {"enabled": True, "scope": "team"}
    problem(api(dana).post(TOGGLE, moved), 412, "Accessibility Check Required")
    assert api(dana).post(TOGGLE, {"enabled": False}).status_code == 200
    with pytest.raises(AccessibilityCheckRequired):
        consent_set(actor=dana, persona_id=persona.id, enabled=True, now=timezone.now())


def test_it_holds_scopes_from_other_callers_to_the_same_rules(
    dana: User, persona: Persona, manage_lease: Lease
) -> None:
    with pytest.raises(InvalidConsent):
        consent_set(actor=dana, persona_id=persona.id, enabled=True, scope="\t", now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_it_goes_together_with_other_edits_at_the_same_moment() -> None:
    dana, persona = someone("dana"), make_persona()
    grant()
    start, edits = threading.Barrier(2), 20

    def edit() -> None:
        start.wait()
        done = 0
        while done < edits:
            version = Persona.objects.get(pk=persona.id).version
            ops = [{"op": "add", "path": "/traits/n", "value": f"{done}-{version}"}]
            try:
                record_apply(
                    persona_id=persona.id,
                    base_version=version,
                    ops=ops,
                    kind=HistoryEntry.Kind.PROPOSAL,
                    actor=dana,
                    now=timezone.now(),
                )
            except VersionMoved:
                continue
            done += 1
        connection.close()

    other = threading.Thread(target=edit)
    other.start()
    start.wait()
    for turn in range(edits):
        consent_set(actor=dana, persona_id=persona.id, enabled=turn % 2 == 0, now=timezone.now())
    other.join()
    persona.refresh_from_db()
    assert persona.version == 1 + 2 * edits
    assert HistoryEntry.objects.filter(kind="consent").count() == edits
    assert ConsentReceipt.objects.count() == edits
