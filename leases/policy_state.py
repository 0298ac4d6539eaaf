"""The policy in force as the API shows it (contract §6)."""

from __future__ import annotations

import re
from typing import Any

from leases.errors import NotFound
from leases.instants import rfc3339
from leases.models import Control, PolicyRevision
from leases.policy.compiled import EMPTY_POLICY

SHORTEST_PREFIX = 7


class PolicyRevisionNotFound(NotFound):
    """No policy that is or was in force has a revision beginning so, or several have."""

    title = "Policy Revision Not Found"
    code = "policy_revision_not_found"
    default_detail = "give at least 7 digits of one revision that is or was in force"


def policy_state(*, whole: bool) -> dict[str, Any]:
    """What decides now. ``whole`` adds Cedar's entities and schema, which may name people."""
    control = Control.objects.select_related("policy").first()
    policy = None if control is None else control.policy
    halted_at = None if control is None else control.halted_at
    return {
        **_document(policy, whole=whole),
        "halted": halted_at is not None,
        "halted_at": None if halted_at is None else rfc3339(halted_at),
        "halt_reason": "" if control is None else control.halt_reason,
    }


def policy_revision_state(prefix: str) -> dict[str, Any]:
    """A policy that is or was in force, whole, by the beginning of its revision.

    Raises ``PolicyRevisionNotFound``.
    """
    if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST_PREFIX},64}}", prefix):
        raise PolicyRevisionNotFound
    found = list(PolicyRevision.objects.filter(revision__startswith=prefix)[:2])
    if len(found) != 1:
        raise PolicyRevisionNotFound
    return _document(found[0], whole=True)


def _document(policy: PolicyRevision | None, *, whole: bool) -> dict[str, Any]:
    document = EMPTY_POLICY.document.as_json() if policy is None else policy.document
    cedar = document["cedar"]
    if cedar is not None and not whole:
        cedar = {"policy": cedar["policy"]}
    return {
        "mode": "allow_all" if document["allow_all"] else "cedar" if cedar else "leases",
        "revision": None if policy is None else policy.revision,
        "loaded_at": None if policy is None else rfc3339(policy.loaded_at),
        "allow_all": document["allow_all"],
        "lease_rules": document["lease_rules"],
        "cedar": cedar,
    }
