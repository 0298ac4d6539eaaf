"""The worldview bridge: what shared memory suggests becomes an ordinary proposal (contract §10).

It never writes a record. What it proposes is reviewed with its evidence, and applied by approval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from telemetry.memory.bridge_principal import BRIDGE_ID, bridge_principal
from telemetry.memory.drift_watch import drift_hold, worldview_watch
from telemetry.memory.gathering import view_of
from telemetry.memory.suggestion import is_untouched, operations, rationale_of
from telemetry.memory.summarisers import suggested_changes

OVER = "Shared memory no longer supports what was suggested."


@refusals_kept
def worldview_suggest(*, actor: User, persona_id: str, now: datetime) -> Proposal | None:
    """Propose what the memory shared with the persona says about its beliefs.

    The proposal is the bridge's; rights and lease are the asker's, who may not approve it alone.
    None when there is nothing to say. A pending suggestion that says the same is left and given
    back; one that says something else is revised, and one that nothing speaks for any more is
    withdrawn. One that somebody else revised is theirs: it is given back as it is.

    Raises ``PersonaNotFound``, ``PersonaManageForbidden``, ``BeliefRefused``,
    ``SummariserFailed``, and what ``proposal_submit`` raises; then nothing has changed.
    """
    suggestion_admit(actor=actor, persona_id=persona_id, now=now)

    def make(persona: Persona) -> tuple[list[Op], str]:
        view = view_of(persona, now)
        changes = suggested_changes(view)
        ops = operations(persona.worldview, view, changes) if changes else []
        return ops, rationale_of(changes, ops)

    made = bridge_propose(actor=actor, persona_id=persona_id, field="worldview", make=make, now=now)
    worldview_watch(persona_id=persona_id, actor=actor, now=now)
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
    make: Callable[[Persona], tuple[list[Op], str]],
    now: datetime,
) -> Proposal | None:
    """Have the bridge propose what ``make`` says of the record: operations with their rationale.

    ``field`` is the part of the record that all of them are about. Two who ask at once come one
    after the other, and the second is given what the first one got.
    """
    bridge = bridge_principal()
    with transaction.atomic():
        drift_hold(persona_id, now)
        persona = Persona.objects.filter(pk=persona_id).first()
        if persona is None:
            raise PersonaNotFound
        ops, rationale = make(persona)
        pending = pending_suggestion(persona, field, now)
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


def pending_suggestion(persona: Persona, field: str, now: datetime) -> Proposal | None:
    """The bridge's pending proposal about that field of the record, the newest."""
    own = persona.proposals.pending_at(now).filter(submitted_by=BRIDGE_ID)
    about = (one for one in own.newest_first() if is_about(one.diff, field))
    return next(about, None)


def is_about(diff: Sequence[Op], field: str) -> bool:
    """Whether every operation is about that field of the record."""
    place = f"/{field}"
    return all(f"{op['path']}/".startswith(f"{place}/") for op in diff)


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
