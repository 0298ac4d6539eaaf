"""The server's own rows: after commit, by pseudonym, without names (contract §5, §9)."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from leases.models import User
from leases.pseudonyms import actor_ref
from personas.documents.chain import Anchor
from personas.models import HistoryEntry
from personas.signals import anchor_asked
from telemetry.audit import writing
from telemetry.audit.anchors import persona_ref
from telemetry.eventlog.paths import Home
from telemetry.eventlog.verify import verify
from tests.people import grant, make_persona
from tests.telemetry.conftest import Committing
from tests.telemetry.eventlog.logs import read_rows

pytestmark = pytest.mark.django_db


def rows(home: Home) -> list[dict[str, Any]]:
    assert writing.flush(30)
    return read_rows(home) if home.log.exists() else []


def asked(persona_id: str) -> Anchor | None:
    """What `personas` is told when it asks."""
    answers = anchor_asked.send(HistoryEntry, persona_id=persona_id)
    (found,) = [answer for _, answer in answers if answer is not None] or [None]
    return found


def test_it_anchors_each_change(home: Home, committing: Committing, dana: User) -> None:
    with committing():
        make_persona()
    entry = HistoryEntry.objects.get()
    (row,) = [row for row in rows(home) if row["event_type"] == "profile.updated"]
    assert row["data"] == {
        "persona_ref": "persona.alpha",
        "version": 1,
        "entry_hash": entry.entry_hash,
    }
    assert row["actor"] == {"kind": "human", "id": actor_ref(dana.id)}
    assert row["source"] == "api"
    assert asked("persona.alpha") == Anchor(1, entry.entry_hash)
    assert asked("persona.beta") is None


def test_it_notes_granted_capabilities(home: Home, committing: Committing, dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(interactive=False)
    with committing():
        grant("share:persona", scope="persona:x", ttl_secs=90, reason="for Jordan's review")
    (row,) = rows(home)
    assert (row["event_type"], row["source"]) == ("capability.granted", "api")
    assert row["data"] == {"capability": "share:persona", "scope": "persona:x", "ttl_secs": 90}
    assert row["actor"] == {"kind": "agent", "id": actor_ref(dana.id)}
    text = json.dumps(row)
    assert not [word for word in ("dana", "Jordan", str(dana.id)) if word in text]


def test_it_writes_nothing_that_was_rolled_back(home: Home, dana: User) -> None:
    with transaction.atomic():
        make_persona()
        transaction.set_rollback(True)
    assert rows(home) == []
    assert not home.root.exists()


def test_it_writes_nothing_where_the_log_is_off(
    home: Home, committing: Committing, settings: Settings
) -> None:
    settings.ARW_EVENT_LOG = False
    with committing():
        make_persona()
    assert not home.root.exists()
    assert asked("persona.alpha") is None


def test_it_flags_a_lock_once(home: Home, dana: User) -> None:
    cache.clear()
    client = Client(REMOTE_ADDR="198.51.100.7")
    form = {"username": "dana", "password": "wrong" * 3}
    codes = [client.post(reverse("admin:login"), form).status_code for _ in range(11)]
    cache.clear()
    assert codes[-1] != 200
    (row,) = rows(home)
    assert row["event_type"] == "risk.flagged"
    assert row["data"] == {"reason": "sign_in_locked", "failures": 8}
    assert row["actor"] == {"kind": "system", "id": "actor:system"}
    assert "198.51.100.7" not in json.dumps(row)


def test_it_keeps_personas_apart_whose_ids_would_be_redacted(
    home: Home, committing: Committing
) -> None:
    ids = ["4111.1111.1111.1111", "5500-0000-0000-0004"]
    with committing():
        for persona_id in ids:
            make_persona(persona_id, now=timezone.now())
    assert {persona_ref(one) for one in ids}.isdisjoint(ids)
    assert writing.flush(30)
    for entry in HistoryEntry.objects.all():
        assert asked(entry.persona_id) == Anchor(1, entry.entry_hash)
    assert all(row["data"].get("reason") != "telemetry_sanitized" for row in rows(home))
    assert verify(home).ok
