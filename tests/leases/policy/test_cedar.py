"""What Cedar is asked, and that asking only the policies in reach changes no answer."""

import json
import uuid
from pathlib import Path
from typing import Any

import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leases.capabilities import (
    PERSONA_MANAGE,
    SHARE_PERSONA,
    Action,
    Resource,
    telemetry_action,
)
from leases.policy import cedar
from leases.policy.compiled import Answer, policy_compile
from leases.policy.question import Question
from leases.policy.request import request_entities, request_of
from leases.policy.rules import CedarSources, PolicyDocument, document_of
from tests.leases.policy.rules import (
    ALICE,
    BOB,
    FORBID,
    FORBID_ERROR,
    PERMIT,
    PERMIT_ERROR,
    ask,
    policy_of,
)

SCHEMA = Path(cedar.__file__).with_name("schema.cedarschema").read_text(encoding="utf-8")
ROOT = Path(__file__).resolve().parents[3]


def entity(kind: str, name: str, *parents: tuple[str, str], **attrs: Any) -> dict[str, Any]:
    return {
        "uid": {"type": kind, "id": name},
        "attrs": attrs,
        "parents": [{"type": each, "id": one} for each, one in parents],
    }


def test_it_names_the_policies_that_decide_by_their_ids() -> None:
    unnamed = "permit(principal, action, resource);"
    answer = policy_of(PERMIT, FORBID, unnamed).answer(ask(), ())
    assert answer == Answer(permits=(), forbids=("hands-off",))
    assert policy_of(PERMIT, unnamed).answer(ask(), ()).permits == ("members-may", "policy1")


def test_it_fails_closed_on_policies_that_cannot_be_evaluated() -> None:
    answer = policy_of(PERMIT_ERROR, PERMIT).answer(ask(), ())
    assert answer.permits == ("members-may",)
    (error,) = answer.errors
    assert "odd-permit" in error
    assert "nowhere" in error
    assert policy_of(FORBID_ERROR, PERMIT).answer(ask(), ()).forbids == ("odd-forbid",)


@pytest.mark.parametrize(
    ("condition", "permits"),
    [
        (f'context.subject == "{ALICE}"', True),
        (f'principal == Principal::"{ALICE}"', True),
        (f'principal == Principal::"{BOB}"', False),
        ('context.groups.contains("members")', True),
        ('principal in Group::"members"', True),
        ('principal in Group::"admins"', False),
        ('context.owner.kind == "workspace" && context.owner.ref == "local"', True),
        ('resource.owner_kind == "workspace" && resource.owner_ref == "local"', True),
        ('resource == Persona::"persona.alpha"', True),
        ('context.scope == "nightly"', True),
        ('action == Action::"telemetry.persona.nightly"', True),
        ('action in Action::"telemetry.persona" && action in Action::"telemetry"', True),
        ('action in Action::"persona"', False),
        ('context.capabilities == ["a", "b"]', True),
    ],
)
def test_it_tells_cedar_who_asks_for_what(condition: str, permits: bool) -> None:
    policy = policy_of(f"permit(principal, action, resource) when {{ {condition} }};")
    answer = policy.answer(ask(telemetry_action("nightly")), ("a", "b"))
    assert answer.errors == ()
    assert bool(answer.permits) is permits


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "new\nline", "::", "ümlaut 🜁", ""])
def test_it_asks_about_any_name(name: str) -> None:
    policy = policy_of('permit(principal, action, resource) when { context.scope like "*" };')
    resource = Resource(name, name, name)
    answer = policy.answer(ask(telemetry_action(name), subject=name, resource=resource), (name,))
    assert answer.permits == ("policy0",)


@pytest.mark.parametrize(
    "action",
    [PERSONA_MANAGE, SHARE_PERSONA, *map(telemetry_action, ("workspace", "project", "agent"))],
)
def test_it_asks_what_the_shipped_schema_says(action: Action) -> None:
    question = ask(action)
    schema = cedarpy.Schema.from_str(SCHEMA)
    # Actions come from the schema itself there: an entity of one must say exactly the same.
    entities = cedarpy.Entities.from_json_str(json.dumps(request_entities(question)), schema)
    result = cedarpy.is_authorized(
        request_of(question, ("a",)), "permit(principal, action, resource);", entities, schema
    )
    assert result.decision is cedarpy.Decision.Allow, result.diagnostics.errors


def test_it_documents_the_shipped_schema_as_it_is() -> None:
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    assert SCHEMA.strip() in page


def test_it_joins_an_operators_entity_with_the_servers() -> None:
    entities = [
        entity("Principal", ALICE, ("Team", "blue"), level=3),
        entity("Team", "blue", ("Team", "all")),
        entity("Persona", "persona.alpha", owner_kind="forged", tier="gold"),
        entity("Action", "persona.manage", ("Action", "dangerous")),
    ]
    policy = policy_of(
        'permit(principal in Team::"all", action in Action::"dangerous", resource) when {'
        ' principal in Group::"members" && principal.level == 3 && resource.tier == "gold"'
        ' && resource.owner_kind == "workspace" };',
        entities=entities,
    )
    assert policy.answer(ask(), ()) == Answer(permits=("policy0",))
    assert policy.answer(ask(subject=BOB), ()) == Answer()
    # Who is not asking is still who the operator says.
    other = policy_of(
        f'permit(principal, action, resource) when {{ Principal::"{ALICE}".level == 3 }};',
        entities=entities,
    )
    assert other.answer(ask(subject=BOB), ()).permits == ("policy0",)


def test_it_reads_entities_whose_references_are_spelled_out() -> None:
    spelled = {
        "uid": {"__entity": {"type": "Principal", "id": ALICE}},
        "attrs": {},
        "parents": [{"__entity": {"type": "Team", "id": "blue"}}],
    }
    policy = policy_of('permit(principal in Team::"blue", action, resource);', entities=[spelled])
    assert policy.answer(ask(), ()).permits == ("policy0",)


PRINCIPALS = [
    "principal",
    f'principal == Principal::"{ALICE}"',
    f'principal == Principal::"{BOB}"',
    'principal in Group::"members"',
    'principal in Group::"staff"',
    "principal is Principal",
    'principal is Principal in Group::"members"',
    "principal is Robot",
]
ACTIONS = [
    "action",
    'action == Action::"persona.manage"',
    'action in Action::"persona"',
    'action in Action::"telemetry"',
    'action in [Action::"telemetry.persona", Action::"persona.manage", Action::"persona"]',
    "action in []",
]
RESOURCES = [
    "resource",
    'resource == Persona::"persona.alpha"',
    'resource == Persona::"persona.beta"',
    'resource in Shelf::"top"',
    "resource is Persona",
]
ENTITIES = [
    entity("Group", "members", ("Group", "staff")),
    entity("Persona", "persona.beta", ("Shelf", "top")),
    entity("Persona", "persona.gamma"),
]
POLICY = st.builds(
    "{} ({}, {}, {}){};".format,
    st.sampled_from(["permit", "permit", "forbid"]),
    st.sampled_from(PRINCIPALS),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    st.sampled_from(["", "", ' when { context.scope == "workspace" }', " unless { context.no }"]),
)


@given(
    policies=st.lists(POLICY, max_size=12),
    subject=st.sampled_from([ALICE, BOB]),
    groups=st.sampled_from([(), ("members",), ("approvers", "members")]),
    action=st.sampled_from([PERSONA_MANAGE, telemetry_action("workspace")]),
    persona=st.sampled_from(["persona.alpha", "persona.beta"]),
)
def test_it_answers_as_all_policies_together_would(
    policies: list[str], subject: str, groups: tuple[str, ...], action: Action, persona: str
) -> None:
    sources = CedarSources("\n".join(policies), tuple(ENTITIES))
    resource = Resource(persona, "workspace", "local")
    question = ask(action, subject=subject, groups=groups, resource=resource)
    answer = policy_compile(PolicyDocument(cedar=sources)).answer(question, ())
    assert answer == whole_answer(sources, question)


def whole_answer(sources: CedarSources, question: Question) -> Answer:
    """All policies in one set, asked once."""
    base = cedar.EntityBase(sources.entities)
    added = base.completed(request_entities(question))
    result = cedarpy.is_authorized(request_of(question, ()), sources.policy, base.with_added(added))
    effects = json.loads(cedarpy.policies_to_json_str(sources.policy))["staticPolicies"]
    failed = [error.split("`")[1] for error in result.diagnostics.errors]
    forbids = {name for name in failed if effects[name]["effect"] == "forbid"}
    permits: set[str] = set()
    for name in result.diagnostics.reasons:
        (forbids if effects[name]["effect"] == "forbid" else permits).add(name)
    # In the order of the text; errors have no order of their own.
    ours = policy_compile(PolicyDocument(cedar=sources)).answer(question, ())
    assert sorted(ours.errors) == sorted(set(result.diagnostics.errors))

    def placed(names: set[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=lambda name: int(name.removeprefix("policy"))))

    if forbids:
        return Answer(forbids=placed(forbids), errors=ours.errors)
    return Answer(permits=placed(permits), errors=ours.errors)


def test_it_follows_memberships_through_the_entities_of_the_request() -> None:
    inside = entity("Persona", "persona.alpha", ("Principal", ALICE))
    keep_out = 'forbid(principal, action, resource in Group::"members");'
    policy = policy_of(PERMIT, keep_out, entities=[inside])
    assert policy.answer(ask(), ()).forbids == ("policy1",)
    elsewhere = Resource("persona.beta", "workspace", "local")
    assert policy.answer(ask(resource=elsewhere), ()).permits == ("members-may",)


GROUPED = """
    entity Group; entity Principal in [Group];
    entity Persona { owner_kind: String, owner_ref: String };
    action "risky";
    action "persona.manage" in [Action::"risky"] appliesTo {
      principal: [Principal], resource: [Persona],
      context: {
        subject: String, groups: Set<String>, owner: { kind: String, ref: String },
        scope: String, capabilities: Set<String>
      }
    };
"""


def test_it_knows_the_action_groups_of_the_schema() -> None:
    keep_out = 'forbid(principal, action in Action::"risky", resource);'
    policy = policy_of(PERMIT, keep_out, schema=GROUPED)
    assert policy.answer(ask(), ()).forbids == ("policy1",)
    assert policy.answer(ask(SHARE_PERSONA), ()).permits == ("members-may",)


def test_it_stores_what_it_was_read_from() -> None:
    policy = policy_of(PERMIT, entities=ENTITIES, rules={"memory.": "m"})
    stored = json.loads(json.dumps(policy.document.as_json()))
    assert document_of(stored) == policy.document
    assert document_of(stored).revision == policy.revision
    assert len(policy.revision) == 64
    assert policy_of(PERMIT).revision != policy_of(FORBID).revision


def test_it_knows_what_could_be_permitted_at_all() -> None:
    def could(*policies: str, subject: str = ALICE) -> bool:
        return policy_of(*policies, entities=[]).may_permit(ask(subject=subject))

    assert could(PERMIT)
    assert could(f'permit(principal == Principal::"{ALICE}", action, resource == Persona::"x");')
    assert not could(f'permit(principal == Principal::"{BOB}", action, resource);')
    assert not could('permit(principal, action in Action::"telemetry", resource);')
    assert not could(FORBID)
    assert not could("")
    assert policy_of(allow_all=True).may_permit(ask())


def test_it_is_not_slower_for_policies_about_others() -> None:
    many = [
        f'permit(principal == Principal::"{uuid.UUID(int=each)}", action, resource);'
        for each in range(300)
    ]
    policy = policy_of(*many)
    assert policy.cedar is not None
    assert policy.cedar.reached(ask()) == 0
    assert policy.cedar.reached(ask(subject=str(uuid.UUID(int=7)))) == 1
    assert policy.answer(ask(subject=str(uuid.UUID(int=7))), ()).permits == ("policy7",)
