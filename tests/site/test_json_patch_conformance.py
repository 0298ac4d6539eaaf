"""RFC 6902 through the front door: each case is proposed and approved over HTTP (contract §4).

The cases are those of the pure module and, where they lie beside the repository, the public ones.
The case's document is the record's ``traits``; one that is no object or array stands one level
deeper. Cases that change nothing are no proposals, and are put to the diff module itself.
"""

import json
from typing import Any

import pytest

from leases.models import User
from personas.documents.application import apply_raw
from personas.documents.canonical import json_equal
from personas.models import Persona, Proposal
from tests.fixtures import ApiFor
from tests.people import grant, make_persona, problem, state_of
from tests.personas.documents.test_conformance import APPLIES, CASES, REFUSED

pytestmark = pytest.mark.django_db
PUBLIC = [
    one
    for one in (json.loads(CASES.read_text()) if CASES.exists() else [])
    if not one.get("disabled")
]
GOOD = [
    *APPLIES,  # `...` where the outcome is not written out
    *((one["comment"], one["doc"], one["patch"], one.get("expected", one["doc"])) for one in PUBLIC if "error" not in one),
]  # fmt: skip
BAD = [
    # Taking away the traits as a whole is allowed: they are filled in again, empty.
    *(
        (name, doc, ops)
        for name, doc, ops, _, code in REFUSED
        if code != "whole_document" and isinstance(ops, list)
    ),
    *((one["comment"], one["doc"], one["patch"]) for one in PUBLIC if "error" in one),
]


class Placed:
    """A case's document inside a record: where it stands, and what the traits are then."""

    def __init__(self, *documents: Any) -> None:
        self.deeper = not all(isinstance(one, dict | list) for one in documents)
        self.prefix = "/traits/doc" if self.deeper else "/traits"

    def traits(self, document: Any) -> Any:
        return {"doc": document} if self.deeper else document

    def ops(self, ops: list[Any]) -> list[Any]:
        return [self.moved(one) if isinstance(one, dict) else one for one in ops]

    def moved(self, one: dict[str, Any]) -> dict[str, Any]:
        places = {
            key: self.prefix + one[key] for key in ("path", "from") if isinstance(one.get(key), str)
        }
        return {**one, **places}


@pytest.mark.parametrize(
    ("name", "document", "ops", "expected"), GOOD, ids=[one[0] for one in GOOD]
)
def test_it_applies(
    api: ApiFor, alice: User, bob: User, name: str, document: Any, ops: Any, expected: Any
) -> None:
    applied = apply_raw(document, ops)
    if expected is not ...:
        assert json_equal(applied, expected)
    if json_equal(document, applied):
        return
    place = Placed(document, applied)
    make_persona(traits=place.traits(document))
    grant()
    path = "/admin/persona/persona.alpha/proposals"
    made = api(alice).post(path, {"diff": place.ops(ops)})
    assert made.status_code == 200, made.content
    decided = api(bob).post(f"/admin/persona/proposals/{made.json()['proposal_id']}/approve", {})
    assert decided.status_code == 200, decided.content
    persona = Persona.objects.get()
    assert persona.version == 2
    assert json_equal(persona.traits, place.traits(applied))


@pytest.mark.parametrize(("name", "document", "ops"), BAD, ids=[one[0] for one in BAD])
def test_it_refuses(api: ApiFor, alice: User, name: str, document: Any, ops: Any) -> None:
    place = Placed(document)
    persona = make_persona(traits=place.traits(document))
    grant()
    before = state_of(persona)
    path = "/admin/persona/persona.alpha/proposals"
    refused = problem(api(alice).post(path, {"diff": place.ops(ops)}), 400, "Invalid Diff")
    assert refused["errors"][0]["pointer"].startswith("/diff")
    assert state_of(persona) == before


def test_it_refuses_an_operation_with_two_ops(api: ApiFor, alice: User) -> None:
    persona = make_persona()
    grant()
    before = state_of(persona)
    body = b'{"diff": [{"op": "add", "path": "/name", "value": "x", "op": "remove"}]}'
    refused = problem(
        api(alice).post("/admin/persona/persona.alpha/proposals", body), 400, "Malformed JSON"
    )
    assert [fault["pointer"] for fault in refused["errors"]] == ["/diff/0/op"]
    assert state_of(persona) == before
    assert not Proposal.objects.exists()
