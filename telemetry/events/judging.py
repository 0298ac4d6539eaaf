"""Many questions about open streams, answered with few queries (contract §1, §8)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from leases.models import ApiToken, User
from leases.roles import Right
from personas.models import Persona
from telemetry.events.credentials import Credential
from telemetry.services.admission import telemetry_allowed

# Either whether a credential still opens a stream, or whether a principal may see the feedback
# of a persona.
Question = Credential | tuple[uuid.UUID, str]


def judge(questions: Collection[Question], now: datetime) -> dict[Question, bool]:
    """The answers as the database has them now."""
    credentials = [one for one in questions if isinstance(one, Credential)]
    pairs = [one for one in questions if not isinstance(one, Credential)]
    ids = {one.principal_id for one in credentials} | {principal for principal, _ in pairs}
    may_read = _readers(ids)
    live = _live_tokens({one.token for one in credentials if one.token is not None}, now)
    answers: dict[Question, bool] = {}
    for one in credentials:
        if one.session is not None:
            # As for a request of its own: a sign-out, a changed password and the end of time count.
            answers[one] = one.reader(now) is not None
        else:
            token_lives = one.token is None or one.token in live
            answers[one] = token_lives and one.principal_id in may_read
    return answers | _feedback_seen(pairs, may_read, now)


def _feedback_seen(
    pairs: Collection[tuple[uuid.UUID, str]], may_read: Collection[uuid.UUID], now: datetime
) -> dict[Question, bool]:
    wanted = {persona_id for principal, persona_id in pairs if principal in may_read}
    fields = ("id", "owner_kind", "owner_ref", "preferences")
    personas = Persona.objects.only(*fields).in_bulk(list(wanted)) if wanted else {}
    consented = {key: one for key, one in personas.items() if one.consent.enabled}
    asking = {principal for principal, persona_id in pairs if persona_id in consented}
    users = User.objects.in_bulk(list(asking & set(may_read))) if asking else {}
    answers: dict[Question, bool] = dict.fromkeys(pairs, False)
    for user in users.values():
        shown = [one for key, one in consented.items() if (user.pk, key) in answers]
        allowed = telemetry_allowed(actor=user, personas=shown, now=now)
        answers |= {(user.pk, one.id): yes for one, yes in zip(shown, allowed, strict=True)}
    return answers


def _readers(ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those who may read, as ``User.has_right`` would say of each."""
    able = User.objects.with_perm(
        Right.READ.permission, backend="leases.authentication.PeopleBackend"
    )
    return set(able.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def _live_tokens(digests: Collection[str], now: datetime) -> set[str]:
    found = ApiToken.objects.filter(pk__in=digests) if digests else ()
    return {token.pk for token in found if token.is_live(now)}
