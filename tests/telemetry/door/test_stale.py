"""Whatever is written, the next read through either door shows it (contract §1, §4, §7)."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leases.errors import DomainError
from leases.models import ApiToken, Lease, User
from leases.services.revoking import lease_revoke, leases_revoke_prefix
from leases.tokens import token_create
from personas.models import Persona, Proposal
from personas.services.decisions import (
    proposal_approve,
    proposal_reject,
    proposal_request_changes,
)
from personas.services.expiry import proposals_expire
from personas.services.proposals import proposal_revise, proposal_submit, proposal_withdraw
from telemetry.ingestion.claims import token_claim
from telemetry.reading.group import GroupReader
from telemetry.reading.histories import Histories
from telemetry.reading.lists import Lists
from telemetry.reading.questions import Kind, Question
from telemetry.reading.records import Records
from telemetry.reading.sums import Sums
from telemetry.services.consent import consent_set
from telemetry.services.erasure import samples_erase
from telemetry.services.feedback import feedback_record
from tests.people import grant, make_persona, someone
from tests.telemetry.door import rulings
from tests.telemetry.door.conftest import Doors, shown
from tests.telemetry.ingestion.exchange import Request

PERSONAS = ("one", "two", "three")
STEPS = 60
# With and without a policy that says something about telemetry; mostly leases decide.
POLICIES = (
    None, rulings.PERMIT, rulings.FORBID, rulings.FORBID_OTHERS, rulings.ALLOW_ALL,
    rulings.ANOTHER_CAPABILITY, None,
)  # fmt: skip
READS = ("", "/vibe_metrics", "/vibe_history")
SCOPE = "workspace"


class World:
    """Writes at random, each as its route does it; what is refused changes nothing."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.people = [someone(name) for name in ("alice", "bob", "dana", "charlie")]
        self.tokens: dict[str, str] = {}
        for persona_id in PERSONAS:
            make_persona(persona_id)
        grant()
        grant(f"telemetry:persona:{SCOPE}")
        for user in self.people:
            self.new_token(user)

    def step(self) -> str:
        """One write; its name."""
        write = self.random.choice(self.writes)
        with suppress(DomainError):
            write(self)
        return write.__name__

    @property
    def persona(self) -> Persona:
        return Persona.objects.get(pk=self.random.choice(PERSONAS))

    @property
    def proposal(self) -> Proposal:
        found = list(Proposal.objects.filter(status="pending").order_by("pk"))
        return self.random.choice(found) if found else self.submit()

    def diff(self) -> list[dict[str, Any]]:
        word = f"w{self.random.random()}"
        path = self.random.choice(["/traits/tone", "/name", "/preferences/context"])
        value: Any = {"lane_weights": {word: 0.5}} if path.endswith("context") else word
        return [{"op": "add", "path": path, "value": value}]

    def submit(self) -> Proposal:
        return proposal_submit(
            actor=someone("alice"), persona_id=self.persona.pk, diff=self.diff(), now=timezone.now()
        )

    def revise(self) -> None:
        proposal_revise(
            actor=someone("alice"), proposal_id=self.proposal.pk, diff=self.diff(),
            now=timezone.now(),
        )  # fmt: skip

    def approve(self) -> None:
        proposal_approve(actor=someone("bob"), proposal_id=self.proposal.pk, now=timezone.now())

    def reject(self) -> None:
        proposal_reject(
            actor=someone("bob"), proposal_id=self.proposal.pk, rationale="no", now=timezone.now()
        )

    def withdraw(self) -> None:
        proposal_withdraw(actor=someone("alice"), proposal_id=self.proposal.pk, now=timezone.now())

    def request_changes(self) -> None:
        proposal_request_changes(
            actor=someone("bob"), proposal_id=self.proposal.pk, text="why?", now=timezone.now()
        )

    def time_out(self) -> None:
        # As time passes: nobody writes anything at that moment.
        over = timezone.now() - timedelta(seconds=1)
        Proposal.objects.filter(pk=self.proposal.pk).update(expires_at=over)

    def sweep(self) -> None:
        proposals_expire(now=timezone.now())

    def consent(self) -> None:
        consent_set(
            actor=someone("dana"), persona_id=self.persona.pk,
            enabled=self.random.random() < 0.7, scope=SCOPE, now=timezone.now(),
        )  # fmt: skip

    def feedback(self) -> None:
        count = self.random.randrange(1, 70)
        body: list[dict[str, Any]] = [
            {"signal": f"s{at % 7}", "strength": at / 70, "note": "n"} for at in range(count)
        ]
        body[-1] = {"signal": "warmer", "metadata": {"tokens": 9, "duration_ms": count}}
        who = self.random.choice(["alice", "bob"])
        feedback_record(
            actor=someone(who), persona_id=self.persona.pk, body=body, now=timezone.now()
        )

    def erase(self) -> None:
        principal = self.random.choice([None, "alice", "bob"])
        samples_erase(
            actor=someone("dana"), persona_id=self.persona.pk, principal=principal,
            now=timezone.now(),
        )  # fmt: skip

    def revoke_leases(self) -> None:
        leases_revoke_prefix(actor=someone("dana"), prefix="telemetry:", now=timezone.now())

    def revoke_one(self) -> None:
        found = list(Lease.objects.active_at(timezone.now()).order_by("pk"))
        if found:
            lease = self.random.choice(found)
            lease_revoke(actor=someone("dana"), lease_id=lease.pk, now=timezone.now())

    def halt(self) -> None:
        rulings.halt()

    def lift(self) -> None:
        rulings.lift(restore_leases=self.random.random() < 0.7)

    def load_policy(self) -> None:
        rulings.put_in_force(self.random.choice(POLICIES))

    def lend(self) -> None:
        grant(f"telemetry:persona:{SCOPE}")

    def lend_narrowly(self) -> None:
        grant(f"telemetry:persona:{SCOPE}", scope=f"persona:{self.persona.pk}", budget=2)

    def leave_role(self) -> None:
        user = self.random.choice(self.people)
        if user.username != "dana":
            user.groups.clear()

    def take_role(self) -> None:
        user = self.random.choice(self.people)
        dana = someone("dana")
        user.groups.set(dana.groups.all())

    def move_out(self) -> None:
        user = self.random.choice(self.people)
        if user.username == "charlie":
            User.objects.filter(pk=user.pk).update(is_active=not user.is_active)

    def revoke_token(self) -> None:
        user = self.random.choice(self.people)
        ApiToken.objects.filter(user=user).delete()

    def renew_token(self) -> None:
        self.new_token(self.random.choice(self.people))

    def new_token(self, user: User) -> None:
        _, self.tokens[user.username] = token_create(user=user, name="w", now=timezone.now())

    writes: tuple[Callable[[World], object], ...] = (
        submit, submit, revise, approve, approve, reject, withdraw, request_changes, time_out,
        sweep, consent, consent, feedback, feedback, feedback, erase, revoke_leases, lend, lend,
        lend_narrowly, revoke_one, halt, lift, lift, load_policy, load_policy, leave_role, take_role,
        move_out, revoke_token, renew_token, renew_token,
    )  # fmt: skip


def requests_of(world: World) -> list[Request]:
    paths = [f"/state/persona/{one}{rest}" for one in PERSONAS for rest in READS]
    everybody = [
        Request(path, method="GET", headers=(("Authorization", f"Bearer {token}"),), declared=None)
        for path in [*paths, "/state/persona"]
        for token in world.tokens.values()
    ]
    return world.random.sample(everybody, 5)


@pytest.mark.parametrize("seed", range(4))
def test_it_never_shows_what_was_before(doors: Doors, seed: int) -> None:
    world = World(seed)
    consent_set(
        actor=someone("dana"), persona_id="one", enabled=True, scope=SCOPE, now=timezone.now()
    )
    own = (("Authorization", f"Bearer {world.tokens['dana']}"),)
    doors.warm(own, *(f"/state/persona/one{rest}" for rest in READS), "/state/persona")
    served = 0
    for step in range(STEPS):
        written = world.step()
        for request in requests_of(world):
            thin, thick, by_itself = doors.both(request)
            assert shown(thin) == shown(thick), (seed, step, written, request)
            served += by_itself
    assert served > STEPS


def test_it_shows_the_same_from_small_memories(doors: Doors) -> None:
    """What is dropped from memory is read again; nothing depends on its size."""
    world = World(9)
    questions, group = [], GroupReader()
    group._records, group._histories, group._lists = Records(4_000), Histories(4_000), Lists(4_000)
    group._sums = Sums(4_000)
    for persona_id in PERSONAS:
        consent_set(
            actor=someone("dana"), persona_id=persona_id, enabled=True, scope=SCOPE,
            now=timezone.now(),
        )  # fmt: skip
        feedback_record(
            actor=someone("alice"), persona_id=persona_id, body=[{"note": "x" * 99}] * 60,
            now=timezone.now(),
        )  # fmt: skip
    claim = token_claim(world.tokens["alice"])
    for kind in Kind:
        questions += [Question(claim, kind, one, 20) for one in PERSONAS]
    now = timezone.now()
    assert group.answers(questions, now) == GroupReader().answers(questions, now)
    assert group.answers(questions[::-1], now) == GroupReader().answers(questions[::-1], now)
    assert None not in group.answers(questions, now)
