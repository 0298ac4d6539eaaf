"""The worldview bridge: what shared memory suggests becomes an ordinary proposal (contract §10).

It never writes a record. What it proposes is reviewed with its evidence, and applied by approval.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from personas.changes import change_on_current
from personas.documents.canonical import Op, json_equal
from personas.documents.patch import preview
from personas.errors import PersonaNotFound
from personas.models import Persona, Proposal
from personas.selectors import persona_get, stored_limits
from personas.services.proposals import proposal_revise, proposal_submit, proposal_withdraw
from personas.services.rights import require_manage, require_role
from telemetry.errors import SuggestionMoved
from telemetry.memory.bridge_principal import bridge_principal
from telemetry.memory.drift_watch import drift_hold, drift_keep
from telemetry.memory.looking import FIELD, Seen, looked_again, still_seen, worldview_look
from telemetry.memory.pending import pending_suggestion
from telemetry.memory.suggestion import is_untouched

OVER = "Shared memory no longer supports what was suggested."


@refusals_kept
def worldview_suggest(*, actor: User, persona_id: str, now: datetime) -> Proposal | None:
    """Propose what the memory shared with the persona says about its beliefs.

    The proposal is the bridge's; rights and lease are the asker's, who may not approve it alone.
    None when there is nothing to say. A pending suggestion that says the same is left and given
    back; one that says something else is revised, and one that nothing speaks for any more is
    withdrawn. One that somebody else revised is theirs: it is given back as it is.

    Raises ``PersonaNotFound``, ``PersonaManageForbidden``, ``BeliefRefused``,
    ``SummariserFailed``, ``SuggestionMoved`` when record or memory changed each time while it was
    made, and what ``proposal_submit`` raises; then nothing has changed.
    """
    suggestion_admit(actor=actor, persona_id=persona_id, now=now)
    return looked_again(
        lambda: worldview_propose(actor=actor, seen=worldview_look(persona_id, now), now=now)
    )


def worldview_propose(*, actor: User, seen: Seen, now: datetime) -> Proposal | None:
    """Propose what was seen, as ``worldview_suggest`` does, for whoever was admitted.

    Raises ``SuggestionMoved`` when what it was made of is not as it was; then nothing has changed.
    """

    def make(persona: Persona, pending: Proposal | None) -> tuple[list[Op], str]:
        if not still_seen(seen, persona, pending, now):
            raise SuggestionMoved
        return seen.ops, seen.rationale

    with transaction.atomic():
        state = drift_hold(seen.persona_id, now)
        made = bridge_propose(
            actor=actor, persona_id=seen.persona_id, field=FIELD, make=make, now=now
        )
        drift_keep(state, persona_get(seen.persona_id), seen.drifted, now=now, actor=actor)
    return made


def suggestion_admit(*, actor: User, persona_id: str, now: datetime) -> Persona:
    """What is judged before the bridge looks at anything."""
    persona = persona_get(persona_id)
    require_role(actor, Right.PROPOSE)
    require_manage(actor=actor, resource=persona.resource, now=now)
    return persona


def bridge_propose(
    *,
    actor: User,
    persona_id: str,
    field: str,
    make: Callable[[Persona, Proposal | None], tuple[list[Op], str]],
    now: datetime,
) -> Proposal | None:
    """Have the bridge propose what ``make`` says: operations with their rationale.

    It is given the record and the suggestion that waits, and called inside the transaction: what
    takes long is done before. ``field`` is the part of the record that all operations are about.
    Two who ask at once come one after the other, and the second is given what the first one got.
    """
    bridge = bridge_principal()
    with transaction.atomic():
        drift_hold(persona_id, now)
        persona = Persona.objects.filter(pk=persona_id).first()
        if persona is None:
            raise PersonaNotFound
        pending = pending_suggestion(persona, field, now)
        ops, rationale = make(persona, pending)
        if pending is None and not ops:
            return None
        if pending is None:
            return proposal_submit(
                actor=actor,
                author=bridge,
                persona_id=persona.pk,
                diff=ops,
                rationale=rationale,
                now=now,
            )
        return _renewed(actor, bridge, pending, ops, rationale, now)


def _renewed(
    actor: User, bridge: User, pending: Proposal, ops: list[Op], rationale: str, now: datetime
) -> Proposal | None:
    if not is_untouched(pending.rationale, pending.diff):
        return pending
    if not ops:
        proposal_withdraw(actor=bridge, proposal_id=pending.pk, rationale=OVER, now=now)
        return None
    if _says_the_same(pending, ops):
        return pending
    return proposal_revise(
        actor=actor,
        author=bridge,
        proposal_id=pending.pk,
        diff=ops,
        rationale=rationale,
        digest=pending.digest,
        now=now,
    )


def _says_the_same(pending: Proposal, ops: list[Op]) -> bool:
    """Whether approving the pending proposal would do to the record of now what ``ops`` do."""
    if not json_equal(list(pending.diff), ops):
        return False
    persona = persona_get(pending.persona_id)
    if persona.version == pending.base_version:
        return True
    merged = change_on_current(pending, persona).preview
    wanted = preview(persona.document, ops, stored_limits())
    return merged is not None and json_equal(merged.result, wanted.result)
