"""Which memory may influence which persona, right now (contract §10).

One rule, decided here and nowhere else: the item's owner is the persona's, and a live lease for
``memory.share.persona`` covers the item's principal and the persona, and policy does not forbid
it. What policy allows without a lease is not enough: somebody has to have shared. Nor is a lease
that was lent for something else, before a lease rule made its capability the one that shares:
whoever lent it was shown no notice. While the kill switch is engaged nothing is shared.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from leases.capabilities import SHARE_PERSONA, Resource
from leases.decisions import LOCAL_SUBJECT, LeaseFacts, lease_decision
from leases.models import Lease, User
from leases.policy.compiled import Policy
from leases.policy.judgement import judge, needed_capability
from leases.policy.question import question_of
from leases.services.policy_loading import control_now
from personas.models import Persona
from telemetry.models import MemoryItem, SharingReceipt
from telemetry.models.memory import MemoryItemQuerySet


def sharing_capability() -> str:
    """What a lease must lend to share: ``share:persona``, unless a lease rule names another."""
    return needed_capability(SHARE_PERSONA, control_now()[0])


def noticed_leases(lease_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the leases that were lent in order to share, after the notice: receipts tell."""
    receipts = SharingReceipt.objects.filter(lease_id__in=lease_ids)
    return set(receipts.order_by().values_list("lease_id", flat=True))


def sharing_principals(
    persona: Persona, principal_ids: Iterable[uuid.UUID], now: datetime
) -> set[uuid.UUID]:
    """Those of the principals whose items may influence ``persona`` at ``now``."""
    return Sharing.at(now, principal_ids).principals(persona.resource)


def shared_items(persona: Persona, now: datetime) -> MemoryItemQuerySet:
    """The items, without the erased, that may influence ``persona`` at ``now``."""
    items = MemoryItem.objects.present().of_owner(persona.owner_kind, persona.owner_ref)
    writers = items.order_by().values_list("principal_id", flat=True).distinct()
    return items.filter(principal__in=sharing_principals(persona, writers, now))


@dataclass(slots=True)
class Sharing:
    """Policy, leases and principals of one moment, read once for any number of questions."""

    now: datetime
    policy: Policy
    halted: bool
    leases: dict[str, list[LeaseFacts]]
    lent: dict[str, list[LeaseFacts]]  # all those among them that may share
    groups: dict[uuid.UUID, tuple[str, ...]]
    _answers: dict[tuple[Resource, uuid.UUID], bool] = field(default_factory=dict)

    @classmethod
    def at(cls, now: datetime, principal_ids: Iterable[uuid.UUID]) -> Sharing:
        """What decides for those principals at ``now``. Who may not sign in shares nothing."""
        policy, halted = control_now()
        people = User.objects.filter(pk__in=set(principal_ids), is_active=True)
        groups = {
            person.pk: tuple(group.name for group in person.groups.all())
            for person in people.only("pk").prefetch_related("groups")
        }
        subjects = [LOCAL_SUBJECT, *map(str, groups)]
        rows = list(Lease.objects.active_at(now).filter(subject__in=subjects))
        leases = _by_subject(rows)
        needed, lent = needed_capability(SHARE_PERSONA, policy), leases
        if needed != SHARE_PERSONA.capability:  # before its own name the notice always stands
            named = [row for row in rows if row.capability == needed]
            noticed = noticed_leases([row.pk for row in named])
            lent = _by_subject(row for row in named if row.pk in noticed)
        return cls(now, policy, halted, leases, lent, groups)

    def principals(self, resource: Resource) -> set[uuid.UUID]:
        """Those who share with the persona ``resource``."""
        return {one for one in self.groups if self.allows(resource, one)}

    def allows(self, resource: Resource, principal_id: uuid.UUID) -> bool:
        """Whether what ``principal_id`` keeps may influence the persona ``resource``."""
        asked = (resource, principal_id)
        if asked not in self._answers:
            self._answers[asked] = self._judged(resource, principal_id)
        return self._answers[asked]

    def shares_any(self, personas: Collection[Resource], principal_id: uuid.UUID) -> bool:
        """Whether it may influence at least one of ``personas``."""
        return any(self.allows(one, principal_id) for one in personas)

    def _judged(self, resource: Resource, principal_id: uuid.UUID) -> bool:
        groups = self.groups.get(principal_id)
        # The switch stops all that is learned from interactions, and this is.
        if groups is None or self.halted:
            return False
        subjects = (LOCAL_SUBJECT, str(principal_id))
        lent = [lease for subject in subjects for lease in self.lent.get(subject, ())]
        needed = needed_capability(SHARE_PERSONA, self.policy)
        if not lease_decision(needed, resource, lent, now=self.now):
            return False
        held = [lease for subject in subjects for lease in self.leases.get(subject, ())]
        question = question_of(str(principal_id), groups, SHARE_PERSONA, resource)
        return bool(judge(question, self.policy, held, now=self.now))


def _by_subject(rows: Iterable[Lease]) -> dict[str, list[LeaseFacts]]:
    leases: dict[str, list[LeaseFacts]] = defaultdict(list)
    for row in rows:
        leases[row.subject].append(row.facts())
    return leases
