"""A deployment's own summariser: a real package on the path, checked like the built-in one."""

import pytest
from django.utils import timezone

from leases.models import User
from personas.models import Persona, Proposal
from telemetry.errors import BeliefRefused, SummariserFailed
from telemetry.memory.bridge import worldview_suggest
from tests.people import state_of
from tests.telemetry.memory.memories import remember, share

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("manage_lease")]
ADDS = "    return [BeliefChange(Kind.ADD, 'seen', 'Seen by a model', 0.7, {ids}, 'It said so.')]\n"


def suggest(alice: User, persona: Persona) -> Proposal | None:
    return worldview_suggest(actor=alice, persona_id=persona.pk, now=timezone.now())


def test_it_takes_the_place_of_the_formula(alice: User, persona: Persona, plug) -> None:  # type: ignore[no-untyped-def]
    share()
    item = remember(alice, "for: Something else")
    plug(ADDS.format(ids="tuple(one.id for one in view.items)"), "plugged_adds")
    proposal = suggest(alice, persona)
    assert proposal is not None
    (belief,) = proposal.diff[0]["value"]
    assert belief == {"id": "seen", "statement": "Seen by a model", "confidence": 0.7, "citations": [str(item.pk)]}  # fmt: skip
    assert "It said so." in proposal.rationale


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        (ADDS.format(ids="()"), BeliefRefused, "cites no memory item"),
        (ADDS.format(ids="('no-such-item',)"), BeliefRefused, "no memory item that is shared"),
        ("    raise RuntimeError('inside')\n", SummariserFailed, "failed (RuntimeError)"),
        ("    return 7\n", SummariserFailed, "failed (TypeError)"),
        ("    return ['belief']\n", SummariserFailed, "failed (AttributeError)"),
    ],
)
def test_it_suggests_nothing_when_it_fails(  # type: ignore[no-untyped-def]
    body: str, error: type[Exception], said: str, alice: User, persona: Persona, plug
) -> None:
    share()
    remember(alice, "for: Something")
    plug(body, f"plugged_{abs(hash(body))}")
    before = state_of(persona)
    with pytest.raises(error) as failed:
        suggest(alice, persona)
    assert said in str(failed.value)
    assert state_of(persona) == before


def test_it_sees_shared_items_alone(alice: User, bob: User, persona: Persona, plug) -> None:  # type: ignore[no-untyped-def]
    share(subject=str(alice.pk))
    remember(bob, "for: Hidden")
    plug(ADDS.format(ids="tuple(one.id for one in view.items)"), "plugged_sees")
    with pytest.raises(BeliefRefused):
        suggest(alice, persona)


def test_it_takes_one_and_not_two(alice: User, persona: Persona, plug) -> None:  # type: ignore[no-untyped-def]
    plug("    return []\n", "plugged_one")
    plug("    return []\n", "plugged_two")
    with pytest.raises(SummariserFailed, match="plugged_one, plugged_two"):
        suggest(alice, persona)
    assert not Proposal.objects.exists()


def test_it_may_say_nothing(alice: User, persona: Persona, plug) -> None:  # type: ignore[no-untyped-def]
    share()
    remember(alice, "for: Something")
    plug("    return None\n", "plugged_quiet")
    assert suggest(alice, persona) is None
