"""What the tests of actions send, and all that a refusal must leave as it was."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.http import HttpResponse

from tests.people import Api

OWNER = {"owner_kind": "workspace", "owner_ref": "local"}
ITEM = {"lane": "episodic", "text": "The reader asked for sources.", **OWNER}
LOGGED = {"leases.DecisionEntry"}


def act(api: Api, kind: str, given: Any, key: str | None = None) -> HttpResponse:
    """POST /actions."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return api.post("/actions", {"kind": kind, "input": given}, **headers)


def done(answer: HttpResponse) -> dict[str, Any]:
    """The answer to an action that was done."""
    assert answer.status_code == 202, answer.content[:600]
    body: dict[str, Any] = json.loads(answer.content)
    assert body.keys() == {"id", "kind", "ok", "output", "created"}
    assert body["ok"] is True
    return body


def stored() -> dict[str, list[Any]]:
    """Every row of every table of ours, but for the decision log."""
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=repr)
        for label in ("leases", "personas", "telemetry")
        for model in apps.get_app_config(label).get_models()
        if model._meta.label not in LOGGED
    }
