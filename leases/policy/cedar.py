"""Cedar policies as handles that are parsed once, and the request they are asked (contract §6).

Pure. The policies are kept in buckets by what their scope names (principal, action, resource):
a request is only put to the buckets that its own principal, action and resource reach, so a
thousand policies about others cost it nothing. Cedar evaluates each policy on its own, and what
its scope excludes can never be satisfied: the answer is the one that the whole set would give.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import cedarpy

from leases.policy.compiled import Answer
from leases.policy.question import Question
from leases.policy.request import Uid, request_entities, request_of
from leases.policy.rules import CedarSources

_FAILED_POLICY = re.compile(r"while evaluating policy `(p\d+)`")
_KEPT_BASES = 64

# What a policy's scope names of principal, action and resource; None where it names nothing.
Bucket = tuple[Uid | None, Uid | None, Uid | None]
ANY: Bucket = (None, None, None)


class CedarPolicies:
    """The policies and entities of one policy document. Raises ValueError where Cedar does."""

    def __init__(self, sources: CedarSources) -> None:
        parsed = json.loads(cedarpy.policies_to_json_str(sources.policy))
        if parsed.get("templates"):
            raise ValueError("policy templates are not supported")
        policies: dict[str, dict[str, Any]] = {
            f"p{name.removeprefix('policy')}": policy
            for name, policy in parsed["staticPolicies"].items()
        }
        self._forbidding = {key for key, each in policies.items() if each["effect"] == "forbid"}
        self._names = {key: _name(key, each) for key, each in policies.items()}
        self._buckets = _bucketed(policies)
        self._permitting = {
            bucket
            for bucket, members in self._keys_by_bucket(policies).items()
            if not self._forbidding.issuperset(members)
        }
        self._entities = EntityBase((*sources.entities, *_schema_actions(sources)))

    @staticmethod
    def _keys_by_bucket(policies: dict[str, dict[str, Any]]) -> dict[Bucket, list[str]]:
        found: dict[Bucket, list[str]] = defaultdict(list)
        for key, policy in policies.items():
            for bucket in _buckets_of(policy):
                found[bucket].append(key)
        return found

    def answer(self, question: Question, capabilities: tuple[str, ...]) -> Answer:
        """What the policies say; nothing they name is looked up elsewhere."""
        added = self._entities.completed(request_entities(question))
        buckets = [each for each in self._reached(added) if each in self._buckets]
        if not buckets:
            return Answer()
        request = request_of(question, capabilities)
        try:
            entities = self._entities.with_added(added)
        except ValueError as error:
            return Answer(errors=(str(error),), failed=True)
        permits: list[str] = []
        forbids: list[str] = []
        errors: list[str] = []
        for bucket in buckets:
            result = cedarpy.is_authorized(request, self._buckets[bucket], entities)
            errors += result.diagnostics.errors
            if result.decision is cedarpy.Decision.NoDecision:
                return Answer(errors=tuple(errors), failed=True)
            for key in result.diagnostics.reasons:
                (forbids if key in self._forbidding else permits).append(key)
        for message in errors:
            failed = _FAILED_POLICY.search(message)
            if failed is None or failed[1] not in self._names:
                return Answer(errors=tuple(errors), failed=True)
            if failed[1] in self._forbidding:
                forbids.append(failed[1])
        if forbids:
            return Answer(forbids=self._named(forbids), errors=self._said(errors))
        return Answer(permits=self._named(permits), errors=self._said(errors))

    def may_permit(self, question: Question) -> bool:
        """Whether a permit could apply to the principal and the action, whatever the resource."""
        added = self._entities.completed(request_entities(question))
        reached = set(product(*self._axes(added)[:2]))
        return any(bucket[:2] in reached for bucket in self._permitting)

    def reached(self, question: Question) -> int:
        """How many buckets a question is put to: none means that Cedar need not be asked."""
        added = self._entities.completed(request_entities(question))
        return sum(bucket in self._buckets for bucket in self._reached(added))

    def _reached(self, added: list[dict[str, Any]]) -> Iterator[Bucket]:
        yield from product(*self._axes(added))

    def _axes(self, added: list[dict[str, Any]]) -> list[list[Uid | None]]:
        """For principal, action and resource: none, themselves, and all they are members of."""
        return [[None, *sorted(self._entities.above(entity, added))] for entity in added]

    def _named(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._names[key] for key in sorted(set(keys), key=lambda key: int(key[1:])))

    def _said(self, errors: Iterable[str]) -> tuple[str, ...]:
        return tuple(
            _FAILED_POLICY.sub(
                lambda match: f"while evaluating policy `{self._names[match[1]]}`", message
            )
            for message in dict.fromkeys(errors)
        )


class EntityBase:
    """The operator's entities. The server's own are joined to them with each request."""

    def __init__(self, entities: tuple[Any, ...]) -> None:
        self._all = {uid_of(each["uid"]): each for each in entities}
        self._parents = {
            uid: frozenset(uid_of(parent) for parent in each.get("parents", ()))
            for uid, each in self._all.items()
        }
        self._whole = cedarpy.Entities.from_json_str(json.dumps(entities))
        self._without: dict[frozenset[Uid], cedarpy.Entities] = {}

    def completed(self, added: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """``added``, each joined with the operator's entity of the same uid.

        Parents, attributes and tags of both count; of an attribute that both give, the
        server's value does.
        """
        return [self._joined(each) for each in added]

    def _joined(self, entity: dict[str, Any]) -> dict[str, Any]:
        own = self._all.get(uid_of(entity["uid"]))
        if own is None:
            return entity
        parents = {uid_of(each): each for each in (*own.get("parents", ()), *entity["parents"])}
        return {
            **own,
            "uid": entity["uid"],
            "attrs": {**own.get("attrs", {}), **entity["attrs"]},
            "parents": list(parents.values()),
        }

    def above(self, entity: dict[str, Any], added: list[dict[str, Any]]) -> set[Uid]:
        """The entity and everything it is a member of, however many steps away.

        ``added`` are all entities of the request: the way up may lead through any of them.
        """
        parents = {uid_of(each["uid"]): [*map(uid_of, each["parents"])] for each in added}
        found: set[Uid] = set()
        ahead = [uid_of(entity["uid"])]
        while ahead:
            uid = ahead.pop()
            if uid not in found:
                found.add(uid)
                ahead += parents[uid] if uid in parents else self._parents.get(uid, ())
        return found

    def with_added(self, added: list[dict[str, Any]]) -> cedarpy.Entities:
        """All entities of a request: the operator's, with those of ``added`` in their place."""
        replaced = frozenset({uid_of(each["uid"]) for each in added} & self._all.keys())
        return self._base(replaced).with_added_json_str(json.dumps(added))

    def _base(self, replaced: frozenset[Uid]) -> cedarpy.Entities:
        if not replaced:
            return self._whole
        base = self._without.get(replaced)
        if base is None:
            kept = [each for uid, each in self._all.items() if uid not in replaced]
            base = cedarpy.Entities.from_json_str(json.dumps(kept))
            if len(self._without) >= _KEPT_BASES:
                self._without.clear()
            self._without[replaced] = base
        return base


def uid_of(value: dict[str, Any]) -> Uid:
    """Type and id of an entity reference, in either of the two forms that Cedar's JSON has."""
    plain = value.get("__entity", value)
    return str(plain["type"]), str(plain["id"])


def _schema_actions(sources: CedarSources) -> Iterator[dict[str, Any]]:
    """The actions of the schema with the groups that it puts them in.

    Cedar itself adds them only where a request is put together with its schema; without them a
    policy about such a group would be found valid and never apply.
    """
    if sources.schema is None:
        return
    if isinstance(sources.schema, str):
        schema = cedarpy.Schema.from_str(sources.schema)
    else:
        schema = cedarpy.Schema.from_json_str(json.dumps(sources.schema))
    given = {uid_of(each["uid"]) for each in sources.entities}
    for action in json.loads(str(cedarpy.Entities.from_json_str("[]", schema))):
        if uid_of(action["uid"]) not in given:
            yield action


def _name(key: str, policy: dict[str, Any]) -> str:
    return str((policy.get("annotations") or {}).get("id") or f"policy{key[1:]}")


def _bucketed(policies: dict[str, dict[str, Any]]) -> dict[Bucket, cedarpy.PolicySet]:
    members: dict[Bucket, dict[str, Any]] = defaultdict(dict)
    for key, policy in policies.items():
        for bucket in _buckets_of(policy):
            members[bucket][key] = policy
    return {bucket: _policy_set(each) for bucket, each in members.items()}


def _policy_set(policies: dict[str, Any]) -> cedarpy.PolicySet:
    whole = {"staticPolicies": policies, "templates": {}, "templateLinks": []}
    return cedarpy.PolicySet.from_json_str(json.dumps(whole))


def _buckets_of(policy: dict[str, Any]) -> Iterator[Bucket]:
    """Where a policy is kept. One that lists several actions is kept under each."""
    yield from product(
        _named_in(policy["principal"]), _named_in(policy["action"]), _named_in(policy["resource"])
    )


def _named_in(constraint: dict[str, Any]) -> list[Uid | None]:
    """What the request's entity must be or be a member of; None where the scope says neither."""
    if constraint["op"] in ("==", "in"):
        if "entities" in constraint:
            return [uid_of(each) for each in constraint["entities"]]
        return [uid_of(constraint["entity"])]
    if constraint["op"] == "is" and "in" in constraint:
        return [uid_of(constraint["in"]["entity"])]
    return [None]
