"""What a proposal or a revision asks for: checked, and tried on the record (contract §4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leases.capabilities import capability_fault
from leases.errors import Fault
from personas.documents.canonical import Json, Op
from personas.documents.limits import Limits, exceeds
from personas.effective import asked_operations, effective_preview, proposal_digest
from personas.errors import InvalidProposal
from personas.models import Persona
from personas.selectors import limits

RATIONALE_MAX_LENGTH = 10_000
MAX_LEASES_REQUIRED = 20


@dataclass(frozen=True, slots=True)
class Request:
    """What a revision asks for, tried and checked against the record at ``base_version``."""

    diff: list[Op]
    rationale: str
    telemetry_scope: dict[str, Any]
    leases_required: list[str]
    base_version: int
    digest: str

    def fields(self) -> dict[str, Any]:
        """By the names that proposals and revisions share."""
        return {name: getattr(self, name) for name in self.__slots__}


def request_of(
    persona: Persona,
    diff: Json,
    rationale: str,
    opt_ins: Any,
    leases: Any,
    *,
    bounds: Limits | None = None,
) -> Request:
    """What is asked of ``persona``, tried on a copy of its record.

    ``bounds`` are those of what people write, unless given. Raises ``InvalidDiff``,
    ``ImmutableField``, ``InvalidProposal``.
    """
    _check_members(rationale, opt_ins, leases)
    bounds = bounds or limits()
    tried = effective_preview(persona.document, diff, opt_ins, bounds)
    ops = asked_operations(persona.document, diff, bounds) if opt_ins else tried.ops
    digest = proposal_digest(
        persona_id=persona.id,
        base_version=persona.version,
        diff=ops,
        telemetry_scope=opt_ins,
        leases_required=leases,
    )
    return Request(ops, rationale, opt_ins, leases, persona.version, digest)


def check_rationale(rationale: str) -> None:
    """Raise ``InvalidProposal`` for a rationale that is too long."""
    if len(rationale) > RATIONALE_MAX_LENGTH:
        message = f"a rationale has at most {RATIONALE_MAX_LENGTH} characters"
        raise InvalidProposal(message, errors=[Fault("/rationale", message, "too_long")])


def _check_members(rationale: str, opt_ins: Any, leases: Any) -> None:
    check_rationale(rationale)
    faults = []
    if not isinstance(opt_ins, dict):
        faults.append(Fault("/telemetry_scope", "must be an object", "type"))
    elif exceeds(opt_ins, limits().diff_bytes):
        message = f"must not exceed {limits().diff_bytes} bytes"
        faults.append(Fault("/telemetry_scope", message, "too_large"))
    if not isinstance(leases, list) or len(leases) > MAX_LEASES_REQUIRED:
        message = f"must be an array of at most {MAX_LEASES_REQUIRED} capabilities"
        faults.append(Fault("/leases_required", message, "type"))
    else:
        for index, capability in enumerate(leases):
            problem = (
                capability_fault(capability)
                if isinstance(capability, str)
                else "a capability is a string"
            )
            if problem:
                faults.append(Fault(f"/leases_required/{index}", problem))
    if faults:
        raise InvalidProposal(faults[0].message, errors=faults)
