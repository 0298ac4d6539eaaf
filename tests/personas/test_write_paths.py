"""No way to write a record that skips its history, and none to change history (contract §3, §5).

Every route of the API and every address of the desk is found in the URL configuration, so that a
new one is walked unasked.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from leases.models import User
from personas.errors import HistoryIsAppendOnly
from personas.models import HistoryEntry, Persona, Proposal
from personas.verification import persona_verify
from telemetry.errors import ReceiptIsAppendOnly
from telemetry.models import ConsentReceipt
from tests.fixtures import ApiFor
from tests.people import WARMER, grant, make_persona, propose, someone
from tests.personas.workflow import add, approve, is_sound, replace
from tests.site.routes import Route, api_routes

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {"logout", "login", "jsi18n", "password_change", "password_change_done"}
# What is sent to whatever takes a POST: enough for every form and body to be accepted, were it
# one that writes a record.
BODY: dict[str, Any] = {
    "id": "persona.new",
    "owner_kind": "project",
    "owner_ref": "else",
    "name": "Mallory",
    "traits": {"tone": "rude"},
    "version": 1,
    "diff": WARMER,
    "rationale": "Because.",
    "comment": "Because.",
    "text": "Because.",
    "enabled": True,
    "capability": "persona:manage",
    "prefix": "x",
    "kind": "x",
    "signal": "calm",
}
FORMS: list[dict[str, str]] = [
    {},
    *(
        {
            "decision": decision, "rationale": "Because.", "action": action, "step": "submit",
            "diff": json.dumps(WARMER), "name": "Mallory", "traits": "{}", "version": "1",
            "kind": "consent", "enabled": "on", "_save": "Save", "post": "yes",
            "_selected_action": "persona.alpha", "index": "0", "persona": "persona.alpha",
        }
        for decision, action in (
            ("approve", "delete_selected"), ("reject", "on"), ("withdraw", "off"),
            ("revise", "grant"), ("comment", "withdraw"), ("request_changes", "delete"),
        )
    ),
]  # fmt: skip


class Watch:
    """The records and their history before a request, to compare with those after it."""

    def __init__(self) -> None:
        self.records = {one.pk: one for one in Persona.objects.all()}
        self.history = {one["id"]: one for one in HistoryEntry.objects.values()}

    def holds(self, what: str) -> None:
        """Each record is as it was, or one version further with a row for it; no row changed."""
        rows = {one["id"]: one for one in HistoryEntry.objects.values()}
        assert {key: rows.get(key) for key in self.history} == self.history, what
        new = [one for key, one in rows.items() if key not in self.history]
        for persona in Persona.objects.all():
            old = self.records.pop(persona.pk, None)
            before = 0 if old is None else old.version
            made = [one["version"] for one in new if one["persona_id"] == persona.pk]
            assert made == list(range(before + 1, persona.version + 1)), what
            assert len(made) <= 1, what
            if not made:
                assert old is not None, what
                assert old.document == persona.document, what
                assert old.updated_at == persona.updated_at, what
            else:
                assert persona_verify(persona).ok, what
        assert not self.records, f"{what} deleted a record"


@pytest.mark.parametrize("route", api_routes(), ids=str)
def test_it_writes_history_on_every_route(api: ApiFor, dana: User, route: Route) -> None:
    persona = make_persona()
    proposal = propose(persona)
    lease = grant()
    values: dict[str, object] = {
        "persona_id": persona.id,
        "proposal_id": proposal.pk,
        "lease_id": lease.pk,
        "token_id": lease.pk,
        "request_id": lease.pk,
        "action_id": lease.pk,
        "item_id": lease.pk,
    }
    client = api(dana)
    for method in (route.method, "PUT", "PATCH", "DELETE", "POST"):
        for body in (BODY, {}, None):
            watch = Watch()
            answer = client.send(method, route.path(**values), body)
            assert answer.status_code < 500
            watch.holds(f"{method} {route}")


def desk_addresses() -> list[str]:
    """Every address below /admin/ that the desk answers, with the parameters filled in."""
    return sorted(set(_walk(get_resolver().url_patterns, "")))


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if here.startswith("admin/") or not here:
                yield from _walk(pattern.url_patterns, here)
        elif here.startswith("admin/") and pattern.name not in LEFT_OUT:
            yield here


@pytest.mark.parametrize("pattern", desk_addresses())
def test_it_writes_history_on_every_page(pattern: str, persona: Persona) -> None:
    proposal = propose(persona, actor=someone("alice"))
    approve(someone("bob"), propose(persona, add("/traits/x")))
    grant()
    client = Client(raise_request_exception=False)
    client.force_login(someone("dana"), backend="leases.authentication.PeopleBackend")
    entry = HistoryEntry.objects.get(version=2)
    keys = {"persona": persona.pk, "proposal": proposal.pk, "historyentry": entry.pk}
    named = [str(key) for word, key in keys.items() if f"/{word}/" in pattern]
    for address in {filled(pattern, key) for key in named or ["1", persona.pk, str(proposal.pk)]}:
        for form in FORMS:
            sent = {**form, "digest": proposal.digest, "version": "2", "persona_version": "2"}
            watch = Watch()
            answer = client.post(address, sent if form else {})
            assert answer.status_code < 500, (address, form)
            watch.holds(f"POST {address}")


def filled(pattern: str, key: str) -> str:
    text, address = "/" + pattern.replace("^", "").replace("$", ""), ""
    while "<" in text:
        start, rest = text.split("<", 1)
        name, text = rest.split(">", 1)
        address += start + ("1" if name.startswith("int:") else key)
    text = address + text
    return text if "(" not in text else text.split("(")[0] + key


def test_it_shows_records_and_history_without_a_form(rf: Any, dana: User) -> None:
    request = rf.get("/")
    request.user = dana
    for model in (Persona, Proposal, HistoryEntry, ConsentReceipt):
        shown = admin.site._registry[model]
        assert not shown.has_add_permission(request)
        assert not shown.has_change_permission(request)
        assert not shown.has_delete_permission(request)
        assert shown.get_actions(request) == {}
        assert not shown.inlines


def test_it_refuses_every_way_around_the_manager(bob: User, persona: Persona) -> None:
    proposal = propose(persona)
    approve(bob, propose(persona, replace("/name", "Other")))
    first, second = HistoryEntry.objects.oldest_first()
    stored = list(HistoryEntry.objects.order_by("id").values())
    attempts = [
        lambda: proposal.history.add(first),
        second.proposal.history.clear,
        lambda: second.proposal.history.remove(second),
        lambda: proposal.history.set([first]),
        lambda: HistoryEntry._base_manager.update(kind="consent"),
        lambda: HistoryEntry._base_manager.all().delete(),
        lambda: bob.applied_changes.update(kind="consent"),
        first.save_base,
        lambda: HistoryEntry.objects.bulk_create([first]),
    ]
    for attempt in attempts:
        with pytest.raises((HistoryIsAppendOnly, IntegrityError)), transaction.atomic():
            attempt()
    for owner in (persona, second.proposal, bob):
        with pytest.raises(ProtectedError), transaction.atomic():
            owner.delete()
    assert list(HistoryEntry.objects.order_by("id").values()) == stored
    assert is_sound(persona.id).version == 2


def test_it_replaces_no_receipt_by_bulk_create(persona: Persona, bob: User) -> None:
    approve(bob, propose(persona, telemetry_scope={"vibe": {"enabled": True}}))
    receipt = ConsentReceipt.objects.get()
    stored = ConsentReceipt.objects.values().get()
    receipt.move = "withdrawal"
    with pytest.raises(ReceiptIsAppendOnly):
        ConsentReceipt.objects.bulk_create(
            [receipt], update_conflicts=True, update_fields=["move"], unique_fields=["id"]
        )
    assert ConsentReceipt.objects.values().get() == stored


WRITES = {"create", "update", "save", "delete", "bulk_create", "bulk_update", "update_or_create"}
ALLOWED = {
    ("personas/services/records.py", "Persona.objects.create"),
    ("personas/services/records.py", "Persona.objects.filter().update"),
}


def test_it_has_one_place_in_the_source_that_writes_records() -> None:
    """Whatever begins with `Persona.objects` or `HistoryEntry` and ends with a write."""
    found = set()
    for path in sorted(ROOT.glob("[aplt]*/**/*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("tests/") or "/migrations/" in name:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                chain = dotted(node.func)
                model = chain.split(".", 1)[0]
                if model in {"Persona", "HistoryEntry"} and node.func.attr in WRITES:
                    found.add((name, chain))
    assert {one for one in found if not one[0].startswith("arw_site/demo/")} == ALLOWED


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted(node.func)}()"
    return node.id if isinstance(node, ast.Name) else "?"
