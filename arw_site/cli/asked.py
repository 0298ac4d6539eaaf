"""What a proposal changes, and on which version of the record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from arw_site.cli.failures import Refused

if TYPE_CHECKING:
    from arw_site.cli.session import Session


@dataclass(frozen=True, slots=True)
class Asked:
    """Changes on the record at ``version``; ``conflicts`` with what was applied since then."""

    version: int
    changes: list[dict[str, Any]]
    conflicts: list[dict[str, Any]] = field(default_factory=list)


def asked_by(session: Session, detail: dict[str, Any]) -> Asked | None:
    """The changes of the proposal ``detail``; None where they cannot be worked out.

    A pending one is compared with the record as it is, where it applies to that: what would be
    approved. Any other is compared with the record that it was written on.
    """
    from leases.errors import DomainError
    from personas.documents.compare import compare

    rebase = detail.get("rebase") or {}
    result = rebase.get("result")
    version = detail.get("persona_version" if result else "base_version")
    try:
        before = _document(session, str(detail.get("persona_id")), version)
        after = result or _applied(before, detail)
    except (Refused, DomainError, KeyError):
        return None
    changes = [
        {
            "path": one.path,
            "kind": one.kind,
            "before": one.before,
            "after": one.after,
            "from_path": one.from_path or None,
        }
        for one in compare(before, after)
    ]
    return Asked(int(version or 0), changes, rebase.get("conflicts") or [])


def _document(session: Session, persona_id: str, version: Any) -> dict[str, Any]:
    from personas.documents.canonical import FIELDS

    # By its version: the record may move on between two requests.
    record = session.api.get("state", "persona", persona_id, query={"version": version}).record
    return {name: record[name] for name in FIELDS}


def _applied(before: dict[str, Any], detail: dict[str, Any]) -> Any:
    from personas.documents.application import apply_raw
    from personas.documents.merge import merge_to_ops

    after = apply_raw(before, detail.get("diff") or [])
    opt_ins = detail.get("telemetry_scope")
    if opt_ins:
        # Part of what is applied: merged in after the diff (contract §4).
        wanted = {"preferences": {"telemetry": opt_ins}}
        after = apply_raw(after, merge_to_ops(after, wanted))
    return after
