"""One of each kind of asker, and a stage on which every route has something to be about."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from leases.api.access import Access
from leases.models import ApiToken, Lease, LeaseRequest, User
from leases.roles import Role
from leases.services.granting import lease_grant
from leases.tokens import token_create
from personas.services.decisions import proposal_approve
from telemetry.models import ActionRecord
from tests.people import SECOND, Api, grant, lent, make_persona, propose, someone

NOBODY = ("anonymous", "expired", "revoked")
"""Without a credential, and an admin's token after its end."""
SIGNED_IN = ("stranger", "member", "author", "approver", "admin")
WHO = (*NOBODY, *SIGNED_IN)
CONSENT = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
LOGGED = {"leases.DecisionEntry"}
"""The decision log is there to keep refusals."""
SPARE = "elsewhere"
"""A capability that no route asks for."""


class Stage:
    """A persona with consent and a proposal of the author's; no lease but what ``lend`` lends."""

    def __init__(self) -> None:
        cache.clear()
        self.people = {
            "stranger": someone("charlie"),
            "member": _another("edgar", Role.MEMBERS),
            "author": someone("alice"),
            "approver": someone("bob"),
            "admin": someone("dana"),
        }
        self.persona = make_persona(preferences=CONSENT)
        self._move_on()
        self.proposal = propose(self.persona)
        self.apis = {who: Api(self.people.get(who)) for who in (*SIGNED_IN, "anonymous")}
        admin = _another("fay", Role.ADMINS)
        self.apis |= {who: _ended(who, admin) for who in ("expired", "revoked")}
        own = ApiToken.objects.get(user=self.people["author"])
        self.ids: dict[str, Any] = {
            "persona_id": self.persona.id,
            "proposal_id": self.proposal.pk,
            "token_id": own.public_id,
            "lease_id": _spare_lease(self.people["admin"]).pk,
            "request_id": _asked_by(self.people["author"]).pk,
            "action_id": _done_by(self.people["author"]).pk,
        }

    def _move_on(self) -> None:
        now = timezone.now()
        earlier = propose(self.persona, {"traits": {"tone": "dry"}})
        with lent(now=now):
            proposal_approve(actor=self.people["approver"], proposal_id=earlier.pk, now=now)
        self.persona.refresh_from_db()

    def lend(self, access: Access) -> None:
        """A lease for what the entry asks of policy, for everybody."""
        if access.action is not None:
            grant(access.action.capability.format(scope=self.persona.consent.scope))

    def browser(self, who: str) -> Client:
        """A browser in which ``who`` has a session; in anybody else's there is none."""
        client = Client(raise_request_exception=False)
        if who in SIGNED_IN:
            backend = "leases.authentication.PeopleBackend"
            client.force_login(self.people[who], backend=backend)
        return client


def with_and_without(access: Access) -> list[bool]:
    """Whether the lease is lent: both ways where one is asked for, else without alone."""
    return [False] if access.action is None else [False, True]


def expected(access: Access, stage: Stage, who: str, *, leased: bool) -> str:
    """What the table says: ``401``, ``403 <title>`` with the gate that is shut, or ``passes``."""
    if who in NOBODY:
        return "passes" if access.may_pass(AnonymousUser()) else "401 Unauthorized"
    author = who == "author"
    if not access.may_pass(stage.people[who], as_owner=author):
        return f"403 {access.refusal.title} (role)"
    spared = author and access.owner is not None and access.owner_is_free
    if access.action is not None and not leased and not spared:
        return f"403 {access.refusal.title} (lease)"
    return "passes"


def outcome(answer: HttpResponse) -> str:
    """What happened, in the same words; an answer of the server's fault fails at once."""
    assert answer.status_code < 500, answer.content[:500]
    if answer.status_code not in {401, 403}:
        return "passes"
    document = json.loads(answer.content)
    if answer.status_code == 401:
        return f"401 {document['title']}"
    gate = "lease" if "required_capability" in document else "role"
    return f"403 {document['title']} ({gate})"


def undone(send: Any, *, but: frozenset[str] = frozenset()) -> tuple[HttpResponse, bool]:
    """The answer, and whether a row of our tables moved; afterwards all is as it was before."""
    with transaction.atomic():
        before = stored(but)
        answer = send()
        moved = stored(but) != before
        transaction.set_rollback(True)
    return answer, moved


def stored(but: frozenset[str] = frozenset()) -> dict[str, list[Any]]:
    """Every row of every table of ours, but for the decision log."""
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=repr)
        for label in ("leases", "personas", "telemetry")
        for model in apps.get_app_config(label).get_models()
        if model._meta.label not in LOGGED | but
    }


def _another(name: str, role: Role) -> User:
    user = User(username=name)
    user.set_unusable_password()
    user.save()
    user.groups.add(Group.objects.get(name=role))
    return user


def _spare_lease(admin: User) -> Lease:
    return lease_grant(
        actor=admin, capability=SPARE, subject=str(admin.pk), ttl_secs=600, now=timezone.now()
    )


def _asked_by(member: User) -> LeaseRequest:
    return LeaseRequest.objects.create(
        requester=member, capability=SPARE, ttl_secs=600, reason="A try.", created=timezone.now()
    )


def _done_by(member: User) -> ActionRecord:
    return ActionRecord.objects.create(
        principal=member, kind="memory.search", output={"item_ids": []}, created_at=timezone.now()
    )


def _ended(how: str, user: User) -> Api:
    token, secret = token_create(user=user, name=how, now=timezone.now())
    if how == "revoked":
        token.delete()
    else:
        ApiToken.objects.filter(pk=token.pk).update(expiry=timezone.now() - SECOND)
    api = Api(None)
    api.headers["Authorization"] = f"Bearer {secret}"
    return api
