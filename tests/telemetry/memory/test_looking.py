"""What the bridge looks at is read before anything is locked, and judged again when it writes."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from leases.models import User
from personas.models import Persona, Proposal
from telemetry.actions.running import action_run
from telemetry.actions.table import KINDS
from telemetry.errors import SuggestionMoved
from telemetry.memory.bridge import worldview_suggest
from telemetry.models import ActionRecord, DriftState, MemoryItem
from tests.people import state_of
from tests.telemetry.memory.memories import remember, share

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("manage_lease"),
]
Plug = Callable[[str, str], None]
Asking = Callable[[User, Persona], str | None]

ADD = (
    "    return [BeliefChange(Kind.ADD, 'seen', f'Seen {len(view.items)}', 0.7, "
    "tuple(one.id for one in view.items), 'It said so.')]\n"
)
FREE = """\
    from django.db import connection
    assert not connection.in_atomic_block, "a transaction is open"
"""
# Changes an item that is cited, as somebody at another place might: the first time, or each time.
MOVES = """\
    from telemetry.models import MemoryItem
    from django.utils import timezone
    global looks
    looks = globals().get("looks", 0) + 1
    if looks <= {times}:
        MemoryItem.objects.filter(pk=view.items[0].id).update(updated_at=timezone.now())
"""
LOSES = """\
    from django.utils import timezone
    from leases.models import User
    from telemetry.memory.items import item_erase
    if len(view.items) == 2:
        alice = User.objects.get(username="alice")
        item_erase(actor=alice, item_id=view.items[0].id, now=timezone.now())
"""


def by_service(actor: User, persona: Persona) -> str | None:
    made = worldview_suggest(actor=actor, persona_id=persona.pk, now=timezone.now())
    return None if made is None else str(made.pk)


def by_action(actor: User, persona: Persona) -> str | None:
    answer = action_run(
        actor=actor,
        kind=KINDS["worldview.suggest"],
        given={"persona_id": persona.pk},
        now=timezone.now(),
        key="once",
    )
    made: str | None = answer.output["proposal_id"]
    return made


both = pytest.mark.parametrize("ask", [by_service, by_action], ids=["service", "action"])


@both
def test_it_holds_nothing_while_a_summariser_thinks(
    ask: Asking, alice: User, persona: Persona, plug: Plug
) -> None:
    share()
    remember(alice, "for: Something")
    plug(FREE + ADD, f"plugged_free_{ask.__name__}")
    made = ask(alice, persona)
    assert made == str(Proposal.objects.get().pk)
    assert DriftState.objects.get().outside is False


@both
def test_it_looks_again_when_what_it_cites_has_moved(
    ask: Asking, alice: User, persona: Persona, plug: Plug
) -> None:
    share()
    remember(alice, "for: Something")
    plug(MOVES.format(times=2) + ADD, f"plugged_moves_{ask.__name__}")
    made = ask(alice, persona)
    assert made == str(Proposal.objects.get().pk)


@both
def test_it_suggests_nothing_when_it_moves_each_time(
    ask: Asking, alice: User, persona: Persona, plug: Plug
) -> None:
    share()
    remember(alice, "for: Something")
    plug(MOVES.format(times=99) + ADD, f"plugged_restless_{ask.__name__}")
    before = state_of(persona)
    with pytest.raises(SuggestionMoved):
        ask(alice, persona)
    assert state_of(persona) == before
    assert not Proposal.objects.exists()
    assert not ActionRecord.objects.exists()


@both
def test_it_cites_nothing_that_was_erased_meanwhile(
    ask: Asking, alice: User, persona: Persona, plug: Plug
) -> None:
    share()
    for text in ("for: Something", "for: Something else"):
        remember(alice, text)
    plug(LOSES + ADD, f"plugged_loses_{ask.__name__}")
    ask(alice, persona)
    kept = MemoryItem.objects.present().get()
    (belief,) = Proposal.objects.get().diff[0]["value"]
    assert belief["citations"] == [str(kept.pk)]
    assert belief["statement"] == "Seen 1"


def test_it_says_nothing_over_what_was_said_meanwhile(
    alice: User, persona: Persona, plug: Plug
) -> None:
    """Another asker was quicker, and knew more: the slower one looks again."""
    share()
    remember(alice, "for: Something")
    meanwhile = """\
    from django.utils import timezone
    from leases.models import User
    from telemetry.memory.bridge import worldview_suggest
    from tests.telemetry.memory.memories import remember
    if len(view.items) == 1:
        alice = User.objects.get(username="alice")
        remember(alice, "for: Something new")
        worldview_suggest(actor=alice, persona_id=view.persona_id, now=timezone.now())
"""
    plug(meanwhile + ADD, "plugged_quicker")
    by_service(alice, persona)
    (belief,) = Proposal.objects.get().diff[0]["value"]
    assert belief["statement"] == "Seen 2"
    assert len(belief["citations"]) == 2
