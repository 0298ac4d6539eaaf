"""`runner telemetry export`."""

from pathlib import Path
from typing import Annotated

import typer

from telemetry.eventlog.cli.options import AsJson
from telemetry.eventlog.cli.output import document, remark, usage


def export(
    *,
    out: Annotated[Path, typer.Option("--out", help="The file to write; replaced as a whole.")],
    range_text: Annotated[
        str, typer.Option("--range", metavar="Nd|Nh", help="How far back.")
    ] = "7d",
    actor_id: Annotated[
        str | None,
        typer.Option("--actor-id", help="Only the events of this actor.", show_default=False),
    ] = None,
    every_row: Annotated[
        bool,
        typer.Option("--every-row", help="Read the whole log, also rows hours out of order."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write and print aggregate metrics, fit to be shared; no event is in them.

    \b
    Examples:
      runner telemetry export --range 7d --out ./telemetry-summary.json
      runner telemetry export --range 24h --actor-id openclaw:moltfred --out ./moltfred.json
    """
    from datetime import UTC, datetime

    from telemetry.eventlog.export import summarise, write_summary
    from telemetry.eventlog.paths import home_from_environment

    if not out.name or out.is_dir():
        raise usage(f"--out: {out} is a folder; name a file")
    if not out.parent.is_dir():
        raise usage(f"--out: there is no folder {out.parent}")
    summary, unreadable = summarise(
        home_from_environment(),
        range_text=range_text,
        now=datetime.now(UTC),
        actor_id=actor_id,
        seek=not every_row,
    )
    write_summary(summary, out)
    document(summary, indent=None if as_json else 2)
    if unreadable:
        remark(f"passed over {unreadable} lines that are no events; see runner telemetry verify")
