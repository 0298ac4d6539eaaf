"""The people of the tests, and builders for what they work on.

alice is a member: she owns and proposes. bob is an approver, dana an admin. charlie is signed in
and belongs to no group: a stranger. They are the demo's people.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from arw_site.demo.people import PEOPLE, ensure_people
from leases.models import Lease, User
from leases.services.granting import lease_grant
from leases.tokens import token_create, token_use_note
from personas.documents.canonical import Json
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.proposals import proposal_submit
from personas.services.records import persona_create

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WARMER = [{"op": "replace", "path": "/traits/tone", "value": "warm"}]


def someone(name: str) -> User:
    """One of the four, made on first use."""
    assert name in {person.username for person in PEOPLE}
    known = User.objects.filter(username=name).first()
    if known is not None:
        return known
    ensure_people(reset=False)
    return User.objects.get(username=name)


def grant(
    capability: str = "persona:manage", *, now: datetime | None = None, **terms: Any
) -> Lease:
    """A lease by dana: for anyone signed in, for an hour and without a budget unless said."""
    return lease_grant(
        actor=someone("dana"), capability=capability, now=now or timezone.now(), **terms
    )


def make_persona(
    persona_id: str = "persona.alpha", *, now: datetime | None = None, **fields: Any
) -> Persona:
    """A persona by dana at version 1. The lease that this takes is gone afterwards."""
    now = now or timezone.now()
    with lent(now=now):
        return persona_create(
            actor=someone("dana"),
            fields={
                "id": persona_id,
                "owner_kind": "workspace",
                "owner_ref": "local",
                "name": "Companion",
                "traits": {"tone": "cool", "pace": 3},
                **fields,
            },
            now=now,
        )


def propose(
    persona: Persona, diff: Json = WARMER, *, now: datetime | None = None, **more: Any
) -> Proposal:
    """A pending proposal by alice. The lease that this takes is gone afterwards."""
    now = now or timezone.now()
    actor = more.pop("actor", None) or someone("alice")
    with lent(now=now):
        return proposal_submit(actor=actor, persona_id=persona.id, diff=diff, now=now, **more)


@contextmanager
def lent(*, now: datetime) -> Iterator[Lease]:
    """A lease for `persona:manage` while the block runs."""
    lease = grant(now=now)
    yield lease
    lease.delete()


def state_of(persona: Persona | str) -> dict[str, Any]:
    """Everything about a persona that a refused request must leave as it was."""
    persona_id = persona if isinstance(persona, str) else persona.id
    record = Persona.objects.filter(pk=persona_id).values().first()
    return {
        "record": record,
        "history": list(HistoryEntry.objects.filter(persona_id=persona_id).values()),
        "proposals": list(Proposal.objects.filter(persona_id=persona_id).order_by("pk").values()),
        "used": dict(Lease.objects.values_list("id", "used")),
    }


class Api:
    """The JSON API as one principal uses it, with a real token; None is nobody."""

    def __init__(self, user: User | None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}
        if user is not None:
            now = timezone.now()
            token, secret = token_create(user=user, name=f"test {uuid.uuid4()}", now=now)
            token_use_note(token, now=now)  # so that no request of a test is the one that notes it
            self.headers["Authorization"] = f"Bearer {secret}"

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.send("GET", path, None, **headers)

    def post(self, path: str, body: Json = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.send("DELETE", path, None, **headers)

    def send(self, method: str, path: str, body: Json = None, **headers: str) -> HttpResponse:
        """``body`` is sent as it is when it is bytes, else as JSON; None sends none."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method,
            path,
            data,
            content_type=sent.pop("Content-Type", "application/json"),
            headers={**self.headers, **sent},
        )


def problem(response: HttpResponse, status: int, title: str | None = None) -> dict[str, Any]:
    """The problem document of a refusal, which must have its shape (contract §2)."""
    assert response.status_code == status, response.content[:600]
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(response.content)
    members = {"type", "title", "status", "detail", "instance", "trace_id", "code"}
    assert members <= document.keys()
    assert document["status"] == status
    assert document["trace_id"] == response["X-Request-Id"]
    if title is not None:
        assert document["title"] == title
    return document


def pointers(document: dict[str, Any]) -> list[str]:
    """Where the faults of a problem document lie."""
    return [fault["pointer"] for fault in document.get("errors", [])]
