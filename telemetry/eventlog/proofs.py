"""Proof events keep metadata only (spec 002 "Data minimization and secret safety")."""

from typing import Any, Final

_ARTIFACT: Final = frozenset({"artifact_type", "bytes", "byte_size", "sha256"})
_PROOF: Final = _ARTIFACT | frozenset(
    "quest_id pack_id pillars proof_tier tier artifact_count artifacts "
    "code reason hint provided_tier required_tier".split()
)
_WRAPPERS: Final = frozenset({"artifacts"})


def is_proof(event_type: str) -> bool:
    return event_type.startswith("proof.")


def metadata_only(data: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The payload without whatever is no metadata, and how many fields were dropped."""
    kept = {key: value for key, value in data.items() if key in _PROOF}
    dropped = len(data) - len(kept)
    artifacts = kept.get("artifacts")
    if isinstance(artifacts, list | tuple):
        described = [_artifact(each) for each in artifacts]
        kept["artifacts"] = [each for each, _ in described]
        dropped += sum(count for _, count in described)
    elif "artifacts" in kept:
        del kept["artifacts"]
        dropped += 1
    for name in kept.keys() - _WRAPPERS - {"pillars"}:
        if isinstance(kept[name], dict | list | tuple):
            del kept[name]
            dropped += 1
    return kept, dropped


def _artifact(artifact: Any) -> tuple[dict[str, Any], int]:
    if not isinstance(artifact, dict):
        return {}, 1
    kept = {
        key: value
        for key, value in artifact.items()
        if key in _ARTIFACT and not isinstance(value, dict | list | tuple)
    }
    return kept, len(artifact) - len(kept)
