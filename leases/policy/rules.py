"""A policy as it is kept: everything it referred to is inlined, and it has a revision. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import rfc8785


@dataclass(frozen=True, slots=True)
class LeaseRule:
    """Actions whose name starts with ``kind_prefix`` need ``capability`` and not their own."""

    kind_prefix: str
    capability: str


@dataclass(frozen=True, slots=True)
class CedarSources:
    """Cedar's three inputs: the policies' text, entities as JSON, and a schema or None.

    A schema is either Cedar's own notation (text) or its JSON form (an object).
    """

    policy: str
    entities: tuple[Any, ...] = ()
    schema: str | dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """The rules of contract §6. What is left out denies."""

    allow_all: bool = False
    lease_rules: tuple[LeaseRule, ...] = ()
    cedar: CedarSources | None = None

    def as_json(self) -> dict[str, Any]:
        """The document with everything inlined, every member present."""
        rules = [
            {"kind_prefix": rule.kind_prefix, "capability": rule.capability}
            for rule in self.lease_rules
        ]
        cedar = None
        if self.cedar is not None:
            cedar = {
                "policy": self.cedar.policy,
                "entities": list(self.cedar.entities),
                "schema": self.cedar.schema,
            }
        return {"allow_all": self.allow_all, "lease_rules": rules, "cedar": cedar}

    @property
    def revision(self) -> str:
        """SHA-256 in hex over the RFC 8785 bytes of ``as_json()``."""
        return hashlib.sha256(rfc8785.dumps(self.as_json())).hexdigest()


def document_of(stored: dict[str, Any]) -> PolicyDocument:
    """The inverse of ``as_json`` for what was checked when it was stored."""
    cedar = stored.get("cedar")
    return PolicyDocument(
        allow_all=bool(stored.get("allow_all")),
        lease_rules=tuple(LeaseRule(**rule) for rule in stored.get("lease_rules") or ()),
        cedar=None
        if cedar is None
        else CedarSources(cedar["policy"], tuple(cedar.get("entities") or ()), cedar.get("schema")),
    )
