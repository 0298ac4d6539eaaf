"""History: append-only, chained, and replayed byte for byte (contract §5)."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from leases.models import Lease, User
from personas.documents.canonical import canonical_bytes, sha256_hex
from personas.documents.chain import replay, verify_chain
from personas.errors import HistoryIsAppendOnly, InvalidPersona
from personas.models import HistoryEntry, Persona
from personas.selectors import document_at
from personas.services.decisions import proposal_approve
from tests.people import make_persona, propose

pytestmark = pytest.mark.django_db
EDGES: dict[str, Any] = {
    "tenth": 0.1,
    "third": 1 / 3,
    "minus zero": -0.0,
    "tiny": 5e-324,
    "small": 1e-7,
    "one": 1.0,
    "large": float(2**53 - 1),
    "largest": 2**53 - 1,
    "least": -(2**53 - 1),
    "just below": 9007199254740990.0,
    "fraction": 4503599627370495.5,
    "long string": "é" * 4096,
    "signs": '\u2028\u2029\x7f\x01\t"\\/ 😀 \ue000 \ufffd',
    "😀": [[], {}, [[]], "", None, True, False, {"": {"~": "/"}}],
    "": "empty key",
    "a/b~c": 1,
}


def test_it_is_append_only(persona: Persona) -> None:
    entry = HistoryEntry.objects.get()
    stored = HistoryEntry.objects.values().get()
    entry.kind = "consent"
    attempts = [
        entry.save,
        entry.delete,
        lambda: HistoryEntry.objects.update(version=9),
        lambda: HistoryEntry.objects.all().delete(),
        lambda: HistoryEntry.objects.filter(version=1).delete(),
        lambda: HistoryEntry.objects.bulk_update([entry], ["kind"]),
        lambda: persona.history.all().delete(),
        lambda: persona.history.update(version=9),
        lambda: HistoryEntry.objects.update_or_create(pk=entry.pk, defaults={"version": 9}),
        lambda: entry.save(update_fields=["kind"]),
    ]
    for attempt in attempts:
        with pytest.raises(HistoryIsAppendOnly):
            attempt()
    assert HistoryEntry.objects.values().get() == stored


def test_it_replaces_no_row_by_bulk_create(persona: Persona) -> None:
    """An upsert would be an edit by another name."""
    entry = HistoryEntry.objects.get()
    entry.kind = "consent"
    stored = HistoryEntry.objects.values().get()
    with pytest.raises(HistoryIsAppendOnly):
        HistoryEntry.objects.bulk_create(
            [entry], update_conflicts=True, update_fields=["kind"], unique_fields=["id"]
        )
    assert HistoryEntry.objects.values().get() == stored


def test_it_overwrites_no_row_by_its_id(persona: Persona) -> None:
    stored = HistoryEntry.objects.values().get()
    with pytest.raises(IntegrityError), transaction.atomic():
        HistoryEntry(**{**stored, "kind": "consent"}).save()
    assert HistoryEntry.objects.values().get() == stored


def test_it_holds_persona_and_proposal(persona: Persona) -> None:
    with pytest.raises(ProtectedError):
        persona.delete()
    assert Persona.objects.count() == 1


def test_it_replays_byte_for_byte(bob: User, manage_lease: Lease) -> None:
    persona = make_persona(traits=EDGES)
    diffs: list[Any] = [
        {"worldview": EDGES},
        [{"op": "move", "from": "/traits/😀", "path": "/calibration/moved"}],
        [{"op": "copy", "from": "/worldview", "path": "/vibe_profile/copy"}],
        {"traits": None, "name": None},
        [{"op": "add", "path": "/traits", "value": [1.5, -0.0, "x"]}],
        [{"op": "remove", "path": "/traits/0"}, {"op": "add", "path": "/traits/-", "value": 1e-7}],
        {"worldview": {"tiny": None, "one": 1, "minus zero": 0.25}},
    ]
    documents = [{}, persona.document]
    for diff in diffs:
        proposal = propose(persona, diff)
        proposal_approve(actor=bob, proposal_id=proposal.pk, now=timezone.now())
        persona = Persona.objects.get()
        documents.append(persona.document)
    entries = list(HistoryEntry.objects.oldest_first())
    rows = [entry.as_row() for entry in entries]
    assert len(rows) == len(diffs) + 1
    assert verify_chain(rows, persona.document).ok
    for version, document in enumerate(documents):
        assert canonical_bytes(replay(rows[:version])) == canonical_bytes(document)
        assert canonical_bytes(document_at(persona, version)) == canonical_bytes(document)
        if version:
            assert entries[version - 1].document_digest == sha256_hex(document)


@pytest.mark.parametrize("value", [1e20, 2**53, -(2**53), 1.8e308, float("nan"), float("inf")])
def test_it_refuses_numbers_that_storage_could_change(dana: User, value: float) -> None:
    with pytest.raises(InvalidPersona) as refused:
        make_persona(traits={"n": [value]})
    assert refused.value.errors[0].pointer == "/traits/n/0"
    assert not Persona.objects.exists()


def test_it_reads_back_what_was_written(dana: User) -> None:
    make_persona(traits=EDGES)
    stored = Persona.objects.get().traits
    assert canonical_bytes(stored) == canonical_bytes(EDGES)
    assert json.dumps(stored["long string"]) == json.dumps("é" * 4096)
