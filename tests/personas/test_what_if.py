"""What is shown before an approval is what is true after it, whatever the syntax (contract §4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leases.models import User
from personas.documents.canonical import canonical_bytes
from personas.documents.context_bias import compute_context_bias
from personas.errors import ImmutableField, InvalidDiff, InvalidPersona
from personas.models import Persona
from personas.review import review_of
from personas.services.proposals import proposal_submit
from tests.fixtures import ApiFor
from tests.people import grant, make_persona, propose
from tests.personas.documents.strategies import VALUES, patches
from tests.personas.workflow import approve, shown

pytestmark = pytest.mark.django_db
VIBE = "/preferences/telemetry/vibe"
SPELLINGS: list[Any] = [
    [{"op": "add", "path": f"{VIBE}/enabled", "value": True}],
    [{"op": "replace", "path": f"{VIBE}/enabled", "value": True}],
    [{"op": "replace", "path": VIBE, "value": {"enabled": True, "note": 1}}],
    [
        {
            "op": "replace",
            "path": "/preferences",
            "value": {"telemetry": {"vibe": {"enabled": True, "note": 1}}, "spare": True},
        }
    ],
    [
        {"op": "move", "from": "/preferences/spare", "path": f"{VIBE}/enabled"},
        {"op": "add", "path": "/preferences/spare", "value": True},
    ],
    [{"op": "copy", "from": "/preferences/spare", "path": f"{VIBE}/enabled"}],
    [
        {"op": "remove", "path": f"{VIBE}/enabled"},
        {"op": "add", "path": f"{VIBE}/enabled", "value": True},
    ],
    {"preferences": {"telemetry": {"vibe": {"enabled": True}}}},
]
BEFORE = {"telemetry": {"vibe": {"enabled": False, "note": 1}}, "spare": True}


@pytest.mark.parametrize("diff", SPELLINGS, ids=range(len(SPELLINGS)))
def test_it_says_the_same_of_every_spelling(api: ApiFor, bob: User, diff: Any) -> None:
    persona = make_persona(preferences=BEFORE)
    detail = api(bob).get(shown(propose(persona, diff))).json()
    assert [(one["kind"], one["severity"], one["path"]) for one in detail["impact"]] == [
        ("telemetry_on", "high", f"{VIBE}/enabled")
    ]
    assert (detail["impact"][0]["before"], detail["impact"][0]["after"]) == (False, True)


def test_it_says_the_same_when_it_is_an_opt_in(api: ApiFor, bob: User) -> None:
    persona = make_persona(preferences=BEFORE)
    scope = {"vibe": {"enabled": True}}
    detail = api(bob).get(shown(propose(persona, [], telemetry_scope=scope))).json()
    assert [one["kind"] for one in detail["impact"]] == ["telemetry_on"]


# Values that context bias and consent read, so that a random patch moves them often.
NUMBERS = st.sampled_from([0, 0.25, 0.5, 1, -1, 2])
LANES = st.dictionaries(st.sampled_from(["episodic", "semantic", "profile"]), NUMBERS, max_size=3)
SLOTS = st.dictionaries(st.sampled_from(["goals", "recent"]), st.integers(0, 9), max_size=2)
CONTEXT = st.fixed_dictionaries(
    {}, optional={"lane_priorities": LANES, "slot_overrides": SLOTS, "min_score_delta": NUMBERS}
)
CONSENT = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans(),
        "scope": st.sampled_from(["workspace", "agent", "project"]),
    },
)
PREFERENCES = st.fixed_dictionaries(
    {},
    optional={
        "context": CONTEXT,
        "telemetry": st.fixed_dictionaries({"vibe": CONSENT}),
        "cite_sources": st.booleans(),
    },
)
FIELDS = st.fixed_dictionaries(
    {"preferences": PREFERENCES},
    optional={
        "traits": st.dictionaries(st.sampled_from(["tone", "pace", "a"]), VALUES, max_size=3),
        "calibration": st.fixed_dictionaries({"confidence": st.sampled_from([0, 0.3, 0.9, 1])}),
    },
)


@given(data=st.data())
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_it_shows_what_will_be_true(alice: User, bob: User, data: st.DataObject) -> None:
    with transaction.atomic():
        tried(alice, bob, data)
        transaction.set_rollback(True)


def tried(alice: User, bob: User, data: st.DataObject) -> None:
    now = timezone.now()
    grant(now=now)
    try:
        persona = make_persona(**data.draw(FIELDS), now=now)
    except InvalidPersona:
        return
    grant(now=now)
    diff = data.draw(FIELDS | patches(persona.document, max_ops=3), label="diff")
    scope = data.draw(st.sampled_from([{}, {}, {"vibe": {"enabled": True}}]), label="opt-ins")
    try:
        proposal = proposal_submit(
            actor=alice, persona_id=persona.id, diff=diff, telemetry_scope=scope, now=now
        )
    except (InvalidDiff, ImmutableField):
        return
    review = review_of(proposal, viewer=bob, now=now)
    approve(bob, proposal, now=now)
    after = Persona.objects.get(pk=persona.pk)
    assert canonical_bytes(after.document) == canonical_bytes(review.after)
    assert after.consent == review.consent_after
    assert compute_context_bias(after.document) == compute_context_bias(review.after)
    kinds = {one.kind for one in review.impacts}
    assert ("telemetry_on" in kinds) is (after.consent.enabled and not persona.consent.enabled)
    assert ("telemetry_off" in kinds) is (persona.consent.enabled and not after.consent.enabled)
    moved = compute_context_bias(persona.document) != compute_context_bias(after.document)
    assert ("context_bias_changed" in kinds) is moved
    # The same two documents say the same, as one replacement a field.
    whole = [
        {"op": "replace", "path": f"/{name}", "value": review.after[name]}
        for name in ("name", "archetype", "traits", "preferences", "worldview", "calibration")
        if name in review.after
    ]
    again = make_persona("persona.again", **fields_of(review.before), now=now)
    grant(now=now)
    other = proposal_submit(actor=alice, persona_id=again.id, diff=whole, now=now)
    said = [(one.kind, one.severity, one.path) for one in review.impacts]
    respelled = review_of(other, viewer=bob, now=now).impacts
    assert [(one.kind, one.severity, one.path) for one in respelled] == said


def fields_of(document: Any) -> dict[str, Any]:
    names = ("name", "archetype", "traits", "preferences", "worldview", "calibration")
    return {name: document[name] for name in names}
