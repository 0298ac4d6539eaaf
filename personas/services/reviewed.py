"""That a decision is about what its maker saw (contract §4: approval binds to what was reviewed)."""

from __future__ import annotations

from dataclasses import dataclass

from personas.changes import Merged, change_on_current
from personas.documents.canonical import sha256_hex
from personas.errors import ReviewOutdated
from personas.models import Persona, Proposal


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the approver saw: the proposal's digest, and the persona's version it was shown on."""

    digest: str
    version: int | None = None


def check_reviewed(
    proposal: Proposal, persona: Persona, reviewed: Reviewed | None, merged: Merged
) -> None:
    """Refuse unless what would be applied is what was shown (contract §4): ``ReviewOutdated``."""
    if reviewed is None:
        return
    if reviewed.digest != proposal.digest:
        raise ReviewOutdated("the proposal is not the one that was reviewed")
    if reviewed.version is None or reviewed.version == persona.version:
        return
    if not proposal.base_version <= reviewed.version <= persona.version:
        raise ReviewOutdated(f"the persona has no version {reviewed.version} to review on")
    shown = change_on_current(proposal, persona, version=reviewed.version)
    if _result_digest(shown) != _result_digest(merged):
        raise ReviewOutdated(
            f"the persona moved on from version {reviewed.version} to {persona.version}, and the "
            "result is not the one that was reviewed"
        )


def _result_digest(merged: Merged) -> str | None:
    return None if merged.preview is None else sha256_hex(merged.preview.result)
