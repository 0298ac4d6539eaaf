"""Policy files: what is wrong with one is told with file, line and column (contract §6)."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leases.policy.document import policy_parse
from leases.policy.faults import InvalidPolicy, PolicyFault
from leases.policy.positions import Positions, place_at
from tests.leases.policy.rules import PERMIT, no_file
from tests.leases.policy.test_cedar import SCHEMA

FILE = "policy.json"


def faults(text: str, files: dict[str, str] | None = None) -> list[PolicyFault]:
    """Every fault of the text; its files are those named, and no others."""

    def read_file(name: str) -> str:
        return (files or {})[name] if name in (files or {}) else no_file(name)

    with pytest.raises(InvalidPolicy) as refused:
        policy_parse(text, read_file=read_file, source=FILE)
    assert all(isinstance(fault, PolicyFault) for fault in refused.value.errors)
    assert "\n" not in refused.value.detail
    return list(refused.value.errors)  # type: ignore[arg-type]


def cedar(**members: Any) -> str:
    return json.dumps({"cedar": {"policy": "", **members}})


# The text, and of its first fault: pointer, line, column and code.
FILES: dict[str, tuple[str, tuple[str, int, int, str]]] = {
    "no text": ("", ("", 1, 1, "syntax")),
    "half a word": ('{"allow_all": tru}', ("", 1, 15, "syntax")),
    "comma too many": ('{\n  "allow_all": true,\n}', ("", 3, 1, "syntax")),
    "unterminated string": ('{"allow_all', ("", 1, 2, "syntax")),
    "second value": ("{} {}", ("", 1, 4, "syntax")),
    "byte order mark": ("\ufeff{}", ("", 1, 1, "byte_order_mark")),
    "an array": (" []", ("", 1, 2, "wrong_type")),
    "unknown member": ('{\n "allowall": true}', ("/allowall", 2, 2, "unknown_member")),
    "duplicate member": (
        '{"allow_all": false,\n    "allow_all": true}',
        ("/allow_all", 2, 5, "duplicate_key"),
    ),
    "duplicate deep": (
        '{"lease_rules": [\n{"capability": "a", "capability": "b", "kind_prefix": ""}]}',
        ("/lease_rules/0/capability", 2, 21, "duplicate_key"),
    ),
    "number for a flag": ('{"allow_all": 1}', ("/allow_all", 1, 15, "wrong_type")),
    "null for rules": ('{"lease_rules": null}', ("/lease_rules", 1, 17, "wrong_type")),
    "rule that is none": ('{"lease_rules": [\n  3]}', ("/lease_rules/0", 2, 3, "wrong_type")),
    "rule without prefix": (
        '{"lease_rules": [{"capability": "a"}]}',
        ("/lease_rules/0/kind_prefix", 1, 18, "required"),
    ),
    "rule with more": (
        '{"lease_rules": [{"capability": "a", "kind_prefix": "b", "a/b": 1}]}',
        ("/lease_rules/0/a~1b", 1, 58, "unknown_member"),
    ),
    "capability empty": (
        '{"lease_rules": [{"kind_prefix": "", "capability": ""}]}',
        ("/lease_rules/0/capability", 1, 52, "invalid"),
    ),
    "cedar is no object": ('{"cedar": "x"}', ("/cedar", 1, 11, "wrong_type")),
    "cedar without policy": ('{"cedar": {}}', ("/cedar/policy", 1, 11, "required")),
    "cedar unknown": (
        '{"cedar": {"policy": "", "policies": 1}}',
        ("/cedar/policies", 1, 26, "unknown_member"),
    ),
    "policy twice": (
        '{"cedar": {"policy": "",\n "policy_path": "a"}}',
        ("/cedar/policy_path", 2, 2, "contradiction"),
    ),
    "allow_all beside cedar": (
        '{\n  "allow_all": true,\n  "cedar": {"policy": ""}\n}',
        ("/allow_all", 2, 3, "contradiction"),
    ),
    "missing file": (
        '{"cedar": {"policy_path": "gone.cedar"}}',
        ("/cedar/policy_path", 1, 27, "unreadable"),
    ),
    "entities as object": (
        cedar(entities={}),
        ("/cedar/entities", 1, 38, "wrong_type"),
    ),
    "inlined policy": (
        '{"cedar": {"policy": "permit(principal, action,\\n  \\t resource) when { context.x == };"}}',
        ("/cedar/policy", 1, 85, "cedar_syntax"),
    ),
    "inlined schema": (
        cedar(schema="entity Group\nentity A;"),
        ("/cedar/schema", 1, 51, "cedar_schema"),
    ),
    "JSON schema": (
        '{"cedar": {"policy": "", "schema":\n {"": {"entityTypes":\n 3}}}}',
        ("/cedar/schema", 3, 2, "cedar_schema"),
    ),
    "inlined entity": (
        '{"cedar": {"policy": "", "entities": [\n  {"uid": 3}]}}',
        ("/cedar/entities/0", 2, 3, "cedar_entity"),
    ),
    "schema of another system": (
        cedar(schema="entity User; action view appliesTo {principal: User, resource: User};"),
        ("/cedar/schema", 1, 37, "cedar_schema"),
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_it_says_where_a_policy_file_is_wrong(case: str) -> None:
    text, expected = FILES[case]
    fault = faults(text)[0]
    assert (fault.pointer, fault.line, fault.column, fault.code) == expected
    assert fault.source == FILE
    assert str(fault).startswith(f"{FILE}:{fault.line}:{fault.column}: ")


SPLIT = 'permit(principal, action, resource); // not; here\n\n@id("a;b") '
# What the file holds that cedar refers to, and of the fault: line, column and a word it says.
CEDAR_FILES: dict[str, tuple[str, tuple[int, int, str]]] = {
    "token": (f"{SPLIT}forbid(principal, action resource);", (3, 37, "resource")),
    "unterminated string": (f'{SPLIT}permit(principal == P::"x, action', (3, 35, "invalid token")),
    "unknown character": ("# comment\npermit(principal, action, resource);", (1, 1, "invalid")),
    "nonsense": ("// nothing\nnonsense x;", (2, 10, "x")),
    "no semicolon": ("permit(principal, action, resource)\n\n", (1, 36, "end of input")),
    "function": (
        "permit(principal, action, resource)\nwhen { foo(1) };",
        (2, 8, "foo"),
    ),
    "condition": ("permit(principal, action, resource) when { 1 == };", (1, 49, "}")),
    "operand": ("permit(principal, action, resource) when { 2 == 1 2 };", (1, 51, "2")),
    "template": (f"{SPLIT}permit(principal == ?principal, action, resource);", (3, 1, "template")),
    "second of many": (
        "permit(principal, action, resource);\n" * 40 + "forbid(principal);\n",
        (41, 1, "action"),
    ),
}


@pytest.mark.parametrize("case", CEDAR_FILES)
def test_it_says_where_a_cedar_file_is_wrong(case: str) -> None:
    text, (line, column, word) = CEDAR_FILES[case]
    fault = faults('{"cedar": {"policy_path": "p.cedar"}}', {"p.cedar": text})[0]
    assert (fault.source, fault.line, fault.column) == ("p.cedar", line, column), fault
    assert word in fault.message
    assert fault.pointer == "/cedar/policy_path"


def test_it_tells_the_faults_of_several_policies_at_once() -> None:
    text = "permit(;\nforbid(principal, action, resource);\npermit(principal action);\n"
    found = faults('{"cedar": {"policy_path": "p"}}', {"p": text})
    assert [(fault.line, fault.column) for fault in found] == [(1, 8), (3, 18)]


VALIDATED: dict[str, tuple[str, tuple[int, int, str]]] = {
    "attribute": (
        'permit(principal, action == Action::"persona.manage", resource)\nwhen { context.nobody };',
        (2, 16, "nobody"),
    ),
    "action": ('\npermit(principal, action == Action::"fly", resource);', (2, 29, "fly")),
    "type": ("permit(principal is Robot, action, resource);", (1, 21, "Robot")),
}


@pytest.mark.parametrize("case", VALIDATED)
def test_it_holds_policies_to_the_schema(case: str) -> None:
    text, (line, column, word) = VALIDATED[case]
    files = {"p": text, "s": SCHEMA}
    found = faults('{"cedar": {"policy_path": "p", "schema_path": "s"}}', files)
    assert (line, column) in [(fault.line, fault.column) for fault in found], found
    assert any(word in fault.message for fault in found)
    assert {fault.source for fault in found} == {"p"}
    # Without a schema nobody can say.
    policy_parse('{"cedar": {"policy_path": "p"}}', read_file=files.__getitem__)


SCHEMAS: dict[str, tuple[str, tuple[int, int]]] = {
    "token": ("entity Group;\nentity A in B];", (2, 14)),
    "unknown type": ("entity Group;\n\nentity A in [Grup];", (3, 14)),
    "JSON syntax": ('{"":\n  {,}}', (2, 4)),
    "JSON shape": ('{"": {"entityTypes": {},\n "actions": 3}}', (2, 13)),
}


@pytest.mark.parametrize("case", SCHEMAS)
def test_it_says_where_a_schema_file_is_wrong(case: str) -> None:
    text, (line, column) = SCHEMAS[case]
    fault = faults(cedar(schema_path="s"), {"s": text})[0]
    assert (fault.source, fault.line, fault.column) == ("s", line, column), fault


UID_A = '{"uid": {"type": "A", "id": "a"}'
ENTITIES: dict[str, tuple[str, tuple[int, int]]] = {
    "syntax": ('[\n {"uid": }]', (2, 10)),
    "duplicate member": ('[{"uid": 1, "uid": 2}]', (1, 13)),
    "not an array": ("\n {}", (2, 2)),
    "not an entity": (
        '[{"uid": {"type": "A", "id": "a"}, "attrs": {}, "parents": []},\n 4]',
        (2, 2),
    ),
    "same uid": (
        f'[{UID_A}, "attrs": {{}}, "parents": []}},\n  {UID_A}, "attrs": {{"x": 1}}, "parents": []}}]',
        (2, 3),
    ),
    "circle": (
        f'\n[{UID_A}, "attrs": {{}}, "parents": [{{"type": "A", "id": "a"}}]}}]',
        (2, 2),
    ),
}


@pytest.mark.parametrize("case", ENTITIES)
def test_it_says_where_an_entities_file_is_wrong(case: str) -> None:
    text, (line, column) = ENTITIES[case]
    fault = faults(cedar(entities_path="e"), {"e": text})[0]
    assert (fault.source, fault.line, fault.column) == ("e", line, column), fault


def test_it_inlines_what_it_refers_to() -> None:
    entities = [{"uid": {"type": "Group", "id": "a"}, "attrs": {}, "parents": []}]
    files = {"p": PERMIT, "e": json.dumps(entities), "s": SCHEMA}
    text = '{"cedar": {"policy_path": "p", "entities_path": "e", "schema_path": "s"}}'
    inlined = {"policy": PERMIT, "entities": entities, "schema": SCHEMA}
    read = policy_parse(text, read_file=files.__getitem__)
    assert read.as_json() == {"allow_all": False, "lease_rules": [], "cedar": inlined}
    again = policy_parse(json.dumps({"cedar": inlined}), read_file=no_file)
    assert (again, again.revision) == (read, read.revision)


def test_it_takes_the_references_files() -> None:
    text = (
        '{"allow_all": false, "lease_rules": [{"kind_prefix": "net.http.",'
        ' "capability": "net:http"}], "cedar": null}'
    )
    assert policy_parse(text, read_file=no_file).lease_rules[0].capability == "net:http"
    assert policy_parse('{"allow_all": true}', read_file=no_file).allow_all
    assert not policy_parse("{}", read_file=no_file).allow_all


@given(noise=st.text(alphabet='{}[]":,permit();ac\\n \n', max_size=60), seed=st.integers(0, 2**16))
def test_it_never_breaks_on_noise(noise: str, seed: int) -> None:
    whole = '{"cedar": {"policy": "permit(principal, action, resource);", "entities": []}}'
    at = random.Random(seed).randrange(len(whole))
    for text in (whole[:at] + noise + whole[at:], cedar(policy=noise), cedar(schema=noise)):
        found: list[Any] = []
        try:
            policy_parse(text, read_file=no_file)
        except InvalidPolicy as error:
            found += error.errors
        assert all(fault.line >= 1 and fault.column >= 1 for fault in found)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(value=VALUES, indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_it_finds_every_value_of_any_json(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    positions = Positions(text)

    def walk(value: Any, pointer: str) -> None:
        assert json.loads(positions.raw(pointer)) == value
        members: Any = ()
        if isinstance(value, dict):
            members = [(key.replace("~", "~0").replace("/", "~1"), value[key]) for key in value]
        elif isinstance(value, list):
            members = enumerate(value)
        for token, each in members:
            walk(each, f"{pointer}/{token}")

    walk(value, "")


@given(value=st.text(min_size=1, max_size=12), at=st.integers(0, 11), ascii_only=st.booleans())
def test_it_finds_characters_inside_strings(value: str, at: int, ascii_only: bool) -> None:
    at = min(at, len(value) - 1)
    text = "\n [" + json.dumps(value, ensure_ascii=ascii_only) + "]"
    before = len(json.dumps(value[:at], ensure_ascii=ascii_only)) - 1
    assert Positions(text).inside("/0", at) == place_at(text, 3 + before)
