"""What the tests of the change workflow share: addresses, diffs, decisions, and proofs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from leases.models import User
from personas.documents.chain import verify_chain
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.decisions import Decided, proposal_approve
from tests.people import lent, propose


def route(proposal: Proposal, name: str) -> str:
    """Where a decision on the proposal is posted: `route(proposal, "approve")`."""
    return f"/admin/persona/proposals/{proposal.pk}/{name}"


def shown(proposal: Proposal) -> str:
    """Where the proposal is read."""
    return f"/state/proposals/{proposal.pk}"


def replace(place: str, value: Any) -> list[dict[str, Any]]:
    return [{"op": "replace", "path": place, "value": value}]


def add(place: str, value: Any = 1) -> list[dict[str, Any]]:
    return [{"op": "add", "path": place, "value": value}]


def approver(name: str) -> User:
    """One more approver, beside bob."""
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get(name="approvers"))
    return user


def approve(actor: User, proposal: Proposal, **more: Any) -> Decided:
    """An approval now. The lease that it takes is gone afterwards."""
    now = more.pop("now", None) or timezone.now()
    with lent(now=now):
        return proposal_approve(actor=actor, proposal_id=proposal.pk, now=now, **more)


def move_on(actor: User, persona: Persona, diff: Any) -> Persona:
    """The record after another change was proposed and approved."""
    approve(actor, propose(persona, diff))
    return Persona.objects.get(pk=persona.pk)


def is_sound(persona_id: str) -> Persona:
    """The persona, once its versions have no gap and its chain is proved."""
    persona = Persona.objects.get(pk=persona_id)
    entries = list(HistoryEntry.objects.filter(persona=persona).oldest_first())
    assert [entry.version for entry in entries] == list(range(1, persona.version + 1))
    report = verify_chain([entry.as_row() for entry in entries], persona.document)
    assert report.ok, report
    return persona
