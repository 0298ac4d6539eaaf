"""The editor's live preview, and forms that were opened on an older version."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease
from personas.errors import VersionMoved
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.proposals import proposal_submit
from personas.services.records import record_apply
from tests.people import make_persona, propose, someone, state_of


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def address(persona: Persona) -> str:
    return reverse("admin:personas_persona_propose", args=[persona.id])


def ask(persona: Persona, text: Any, name: str = "alice", **more: str) -> dict[str, Any]:
    """What the editor is told of a record, or of a patch (`source="patch"`)."""
    typed = text if isinstance(text, str) else json.dumps(text)
    sent = {"step": "draft", "source": "document", "text": typed, "version": "1", **more}
    answer = client_of(name).post(address(persona), sent)
    assert answer.status_code == 200
    shown: dict[str, Any] = answer.json()
    return shown


def move_on(persona: Persona, path: str, value: Any) -> None:
    record_apply(
        persona_id=persona.id,
        base_version=persona.version,
        ops=[{"op": "add", "path": path, "value": value}],
        kind=HistoryEntry.Kind.CONSENT,
        actor=someone("bob"),
        now=timezone.now(),
    )
    persona.refresh_from_db()


def test_it_makes_a_patch_of_an_edited_record(persona: Persona) -> None:
    before = state_of(persona)
    document = {**persona.document, "name": "Ada", "archetype": "Guide"}
    shown = ask(persona, document)
    assert json.loads(shown["patch"]) == [
        {"op": "replace", "path": "/name", "value": "Ada"},
        {"op": "replace", "path": "/archetype", "value": "Guide"},
    ]
    assert shown["summary"] == "2 changed"
    assert "Ada" in shown["html"]
    assert (shown["faults"], shown["moved"]) == ([], "")
    assert shown["sizes"]["operations"] == 2
    assert state_of(persona) == before


def test_it_makes_a_record_of_a_patch(persona: Persona) -> None:
    before = state_of(persona)
    vibe = {"vibe": {"enabled": True}}
    shown = ask(persona, {"preferences": {"telemetry": vibe}}, source="patch")
    assert shown["document"]["preferences"] == {"telemetry": vibe}
    assert shown["summary"] == "1 added; telemetry turned ON"
    assert "What is collected" in shown["html"]
    assert state_of(persona) == before


@pytest.mark.parametrize("source", ["document", "patch"])
def test_it_says_that_nothing_changed(persona: Persona, source: str) -> None:
    shown = ask(persona, persona.document if source == "document" else [], source=source)
    assert (shown["html"], shown["faults"], shown["sizes"]["operations"]) == ("", [], 0)
    assert shown["document"] == persona.document


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"name": 7}, "/name", "type"),
        ({"id": "persona.other"}, "/id", "immutable_field"),
        ({"nickname": "A"}, "/nickname", "unknown_field"),
        ({"traits": {"long": "x" * 9000}}, "/traits/long", "string_too_long"),
        ({"traits": {f"t{n}": n for n in range(201)}}, "", "too_many_operations"),
        ({"preferences": {"telemetry": {"vibe": {"scope": ""}}}}, None, "minLength"),
        ({"traits": {f"t{n}": "x" * 8000 for n in range(9)}}, "", "document_too_large"),
    ],
)
def test_it_says_where_the_record_is_wrong(
    persona: Persona, change: dict[str, Any], pointer: str | None, code: str
) -> None:
    before = state_of(persona)
    shown = ask(persona, {**persona.document, **change})
    fault = shown["faults"][0]
    assert fault["code"] == code
    assert fault["pointer"] == ("/preferences/telemetry/vibe/scope" if pointer is None else pointer)
    assert shown["html"] == ""
    assert state_of(persona) == before


@pytest.mark.parametrize("carry", [{}, {"carry": "yes"}])
def test_it_compares_no_record_that_is_too_large(persona: Persona, carry: dict[str, str]) -> None:
    move_on(persona, "/name", "Ada")
    before = state_of(persona)
    document = {**persona.document, "traits": {f"t{n}": "x" * 8000 for n in range(9)}}
    shown = ask(persona, document, **carry)
    assert [fault["code"] for fault in shown["faults"]] == ["document_too_large"]
    assert (shown["document"], shown["patch"], shown["html"]) == (document, None, "")
    assert shown["sizes"]["operations"] == 0
    assert state_of(persona) == before


@pytest.mark.parametrize("source", ["document", "patch"])
@pytest.mark.parametrize("text", ["", "{", "NaN", "7", '{"a": 1, "a": 2}', "[" * 5000])
def test_it_says_what_cannot_be_read(persona: Persona, source: str, text: str) -> None:
    shown = ask(persona, text, source=source)
    assert shown["faults"]
    assert (shown["document"], shown["patch"], shown["html"]) == (None, None, "")


def test_it_points_into_the_patch(persona: Persona) -> None:
    shown = ask(persona, [{"op": "remove", "path": "/traits/none"}], source="patch")
    assert shown["faults"][0]["pointer"] == "/0/path"


def test_it_refuses_a_text_beyond_all_bounds(persona: Persona) -> None:
    shown = ask(persona, '"' + "x" * 1_100_000 + '"')
    assert [fault["code"] for fault in shown["faults"]] == ["too_large"]


def test_it_tells_that_the_record_moved_and_carries_the_edit_over(persona: Persona) -> None:
    mine = {**persona.document, "archetype": "Guide"}
    move_on(persona, "/name", "Ada")
    before = state_of(persona)
    shown = ask(persona, mine)
    assert "moved from version 1 to version 2" in shown["moved"]
    assert "data-editor-carry" in shown["moved"]
    assert (shown["version"], shown["summary"], shown["base"]) == (1, "1 changed", None)
    carried = ask(persona, mine, carry="yes")
    assert (carried["version"], carried["base"]) == (2, persona.document)
    assert carried["document"] == {**persona.document, "archetype": "Guide"}
    assert json.loads(carried["patch"]) == [
        {"op": "replace", "path": "/archetype", "value": "Guide"}
    ]
    assert "data-editor-carry" not in carried["moved"]
    assert state_of(persona) == before


def test_it_names_what_both_sides_changed(persona: Persona) -> None:
    mine = {**persona.document, "name": "Mine"}
    move_on(persona, "/name", "Theirs")
    carried = ask(persona, mine, carry="yes")
    assert carried["document"]["name"] == "Mine"
    assert "Both sides changed these places" in carried["moved"]
    assert "Theirs" in carried["moved"]


def test_it_says_that_nothing_is_left(persona: Persona) -> None:
    mine = {**persona.document, "name": "Ada"}
    move_on(persona, "/name", "Ada")
    carried = ask(persona, mine, carry="yes")
    assert "nothing is left to propose" in carried["moved"]
    assert carried["html"] == ""


@pytest.mark.parametrize("version", ["0", "9", "-1", "x", "", "1" * 40, "²"])
def test_it_takes_the_present_for_a_version_that_never_was(persona: Persona, version: str) -> None:
    assert ask(persona, persona.document, version=version)["version"] == 1


def test_it_previews_a_revision_with_its_opt_ins(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona, telemetry_scope={"vibe": {"enabled": True}})
    where = reverse("admin:personas_proposal_revise", args=[proposal.pk])
    sent = {"step": "draft", "source": "patch", "text": '{"name": "Ada"}', "version": "1"}
    before = state_of(persona)
    shown = client_of("alice").post(where, sent).json()
    assert shown["summary"] == "1 changed, 1 added; telemetry turned ON"
    assert json.loads(shown["patch"]) == [{"op": "replace", "path": "/name", "value": "Ada"}]
    assert state_of(persona) == before


@pytest.mark.parametrize("name", ["charlie", None])
def test_it_previews_for_nobody_else(persona: Persona, name: str | None) -> None:
    client = client_of(name) if name else Client()
    sent = {"step": "draft", "source": "patch", "text": "[]"}
    answer = client.post(address(persona), sent)
    assert answer.status_code == (403 if name else 302)
    assert "Companion" not in answer.content.decode()


def test_it_proposes_nothing_on_a_record_that_moved(persona: Persona, manage_lease: Lease) -> None:
    move_on(persona, "/archetype", "Guide")
    typed = '{"name": "Ada"}'
    sent = {"diff": typed, "rationale": "Hers.", "version": "1", "step": "submit"}
    page = client_of("alice").post(address(persona), sent)
    assert page.status_code == 409
    assert "moved from version 1 to version 2" in page.content.decode()
    form = page.context["form"]
    assert (form.typed, form.rationale, form.version) == (typed, "Hers.", 2)
    assert json.loads(form.diff) == [{"op": "replace", "path": "/name", "value": "Ada"}]
    assert Proposal.objects.count() == 0
    answer = client_of("alice").post(
        address(persona), {**sent, "diff": form.diff, "version": str(form.version)}
    )
    proposal = Proposal.objects.get()
    assert answer["Location"] == proposal.get_absolute_url()
    assert (proposal.base_version, proposal.diff) == (2, json.loads(form.diff))


def test_it_revises_nothing_on_a_record_that_moved(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    move_on(persona, "/archetype", "Guide")
    before = state_of(persona)
    where = reverse("admin:personas_proposal_revise", args=[proposal.pk])
    sent = {"diff": '{"name": "Ada"}', "digest": proposal.digest, "version": "1", "step": "submit"}
    page = client_of("alice").post(where, sent)
    assert page.status_code == 409
    assert page.context["form"].version == 2
    assert state_of(persona) == before
    again = {**sent, "diff": page.context["form"].diff, "version": "2"}
    assert client_of("alice").post(where, again).status_code == 302
    assert Proposal.objects.get().base_version == 2


def test_it_begins_a_revision_with_the_proposals_values_where_both_moved(
    persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    move_on(persona, "/traits/tone", "stern")
    where = reverse("admin:personas_proposal_revise", args=[proposal.pk])
    page = client_of("alice").get(where)
    assert "moved in the same places" in page.content.decode()
    assert json.loads(page.context["form"].diff) == proposal.diff
    assert [one.theirs for one in page.context["stale_conflicts"]] == ["stern"]


def test_the_service_refuses_another_version(persona: Persona, manage_lease: Lease) -> None:
    request: dict[str, Any] = {
        "actor": someone("alice"),
        "persona_id": persona.id,
        "diff": {"name": "Ada"},
    }
    with pytest.raises(VersionMoved):
        proposal_submit(**request, version=2, now=timezone.now())
    assert Proposal.objects.count() == 0
    assert proposal_submit(**request, version=1, now=timezone.now()).base_version == 1


def test_it_has_fields_for_every_part_of_the_record(db: None) -> None:
    persona = make_persona(preferences={"context": {"lane_weights": {"semantic": 0.5}}})
    page = client_of("alice").get(address(persona))
    editor = page.context["editor"]
    fields = json.loads(editor["fields"])
    assert json.loads(editor["base"]) == persona.document
    assert fields["/name"]["maxLength"] == 200
    assert fields["/preferences/context/lane_weights/*"]["slider"]
    assert all(json.loads(editor["words"]).values())
    assert json.loads(editor["limits"]) == {"document": 65536, "diff": 32768, "operations": 200}
