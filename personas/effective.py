"""What a proposal would really do: its diff together with the telemetry it asks for. Pure."""

from __future__ import annotations

from typing import Any

from personas.documents.canonical import Json, Op, sha256_hex
from personas.documents.inverse import invert
from personas.documents.limits import Limits
from personas.documents.merge import merge_to_ops
from personas.documents.patch import Preview, parse_diff, preview
from personas.errors import InvalidDiff


def effective_preview(
    document: Json, diff: Json, telemetry_scope: dict[str, Any], limits: Limits
) -> Preview:
    """The operations that approval would apply to ``document``, with result and inverse.

    ``telemetry_scope`` asks for further opt-ins: it is merged into ``/preferences/telemetry``
    after the diff, and so becomes part of the effective patch (contract §4). Raises
    ``InvalidDiff`` (code ``no_change`` when the two together change nothing), ``ImmutableField``.
    """
    if not telemetry_scope:
        return preview(document, diff, limits)
    first = _asked(document, diff, limits)
    wanted = {"preferences": {"telemetry": telemetry_scope}}
    opt_ins = merge_to_ops(first.result, wanted)
    if not opt_ins and first.ops:
        return first
    second = preview(first.result, opt_ins, limits, prefix="/telemetry_scope")
    return Preview(
        ops=[*first.ops, *second.ops],
        result=second.result,
        inverse=invert(document, second.result),
    )


def asked_operations(document: Json, diff: Json, limits: Limits) -> list[Op]:
    """``diff`` as RFC 6902 operations, without those that ``telemetry_scope`` adds.

    Beside a ``telemetry_scope`` it need not change anything; what it tests is kept.
    """
    return _asked(document, diff, limits).ops


def _asked(document: Json, diff: Json, limits: Limits) -> Preview:
    try:
        return preview(document, diff, limits)
    except InvalidDiff as error:
        # The opt-ins may be the whole change.
        if error.instance_code != "no_change":
            raise
        return Preview(ops=parse_diff(diff, document, limits), result=document, inverse=[])


def proposal_digest(
    *,
    persona_id: str,
    base_version: int,
    diff: list[Op],
    telemetry_scope: dict[str, Any],
    leases_required: list[str],
) -> str:
    """SHA-256 over the RFC 8785 JSON of what is asked for (contract §4)."""
    return sha256_hex(
        {
            "persona_id": persona_id,
            "base_version": base_version,
            "diff": diff,
            "telemetry_scope": telemetry_scope,
            "leases_required": leases_required,
        }
    )
