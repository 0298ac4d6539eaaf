"""`runner telemetry verify`."""

from typing import TYPE_CHECKING

from telemetry.eventlog.cli.options import AsJson
from telemetry.eventlog.cli.output import Failure, document, line

if TYPE_CHECKING:
    from telemetry.eventlog.verify import Verdict


def verify(*, as_json: AsJson = False) -> None:
    """Check every row's hash, the chain between them, and the end against the anchor.

    Exit code 1 names the first row that was changed, moved or removed.

    \b
    Examples:
      runner telemetry verify
      runner telemetry verify --json
    """
    from telemetry.eventlog import verify as proof
    from telemetry.eventlog.paths import home_from_environment

    verdict = proof.verify(home_from_environment())
    if as_json:
        document(verdict.document())
    elif verdict.ok:
        end = (
            "its end is anchored"
            if verdict.anchored
            else f"its end is not anchored ({verdict.anchor})"
        )
        line(f"ok: {verdict.checked_events} events, the chain holds, {end}")
    if not verdict.ok:
        raise Failure("" if as_json else _sentence(verdict), code="broken")


def _sentence(verdict: "Verdict") -> str:
    if verdict.broken_line is None:
        return f"broken: {verdict.reason}: newer events than the log holds were stored once"
    event = f", {verdict.event_type} {verdict.event_id}" if verdict.event_id else ""
    return f"broken: {verdict.reason} in {verdict.file}, line {verdict.broken_line}{event}"
