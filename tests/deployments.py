"""What tests do with real server processes: people with tokens, personas, proposals, over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

from tests.services.server import RunningServer

# Makes the people, and prints a token of each, a line for each.
MAKE_PEOPLE = """
from django.utils import timezone
from arw_site.demo.people import PEOPLE, ensure_people, principal
from leases.tokens import token_create
ensure_people(reset=False)
for person in PEOPLE:
    print(person.username, token_create(user=principal(person), name="test", now=timezone.now())[1])
"""


class Deployment:
    """A server with the four people on it, each with an HTTP client of their own."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        printed = server.manage("shell", "-v0", "-c", MAKE_PEOPLE).split()
        self.tokens = dict(zip(printed[::2], printed[1::2], strict=True))
        self.admin = self.client(server.admin_token)

    def client(self, token: str | None, *, base: str = "") -> httpx.Client:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=base or self.server.base, headers=headers, timeout=60)

    def person(self, name: str, *, base: str = "") -> httpx.Client:
        """alice, bob, charlie or dana, at this server or at another one beside it."""
        return self.client(self.tokens[name], base=base)

    def persona(self, persona_id: str = "persona.alpha", **fields: Any) -> None:
        body = {"id": persona_id, "owner_kind": "workspace", "owner_ref": "local", **fields}
        made = self.admin.post("/admin/persona", json=body)
        assert made.status_code == 201, made.text

    def lease(self, capability: str = "persona:manage") -> None:
        made = self.admin.post("/leases", json={"capability": capability})
        assert made.status_code == 201, made.text

    def propose(self, diff: Any, persona_id: str = "persona.alpha") -> str:
        """The id of a proposal by alice."""
        with self.person("alice") as alice:
            made = alice.post(f"/admin/persona/{persona_id}/proposals", json={"diff": diff})
        assert made.status_code == 200, made.text
        return str(made.json()["proposal_id"])

    def close(self) -> None:
        self.admin.close()
