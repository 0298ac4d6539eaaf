"""`runner telemetry tail`."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry.eventlog.cli.options import AsJson
from telemetry.eventlog.cli.output import line

if TYPE_CHECKING:
    from telemetry.eventlog.following import Follower


def tail(
    *,
    number: Annotated[int, typer.Option("--lines", "-n", min=0, max=10_000, help="How many.")] = 10,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the newest events, sanitized again; with --json one JSON object a line.

    \b
    Examples:
      runner telemetry tail
      runner telemetry tail -n 100 --json
      runner telemetry tail --follow
    """
    from telemetry.eventlog.following import Follower
    from telemetry.eventlog.paths import home_from_environment

    follower = Follower(home_from_environment())
    try:
        _print(follower.newest(number), as_json=as_json)
        if follow:
            _print(_endless(follower), as_json=as_json)
    except KeyboardInterrupt:
        return


def _endless(follower: "Follower") -> Iterator[bytes]:
    from time import sleep

    while True:
        yield from follower.since()
        sleep(0.25)


def _print(rows: Iterator[bytes] | list[bytes], *, as_json: bool) -> None:
    from telemetry.eventlog.following import shown

    for raw in rows:
        row = shown(raw)
        if as_json:
            line(json.dumps(row, separators=(",", ":"), sort_keys=True))
        elif "unreadable_bytes" in row:
            line(f"(a line of {row['unreadable_bytes']} bytes that is no event)")
        else:
            actor = row["actor"]
            data = json.dumps(row["data"], separators=(",", ":"), sort_keys=True)
            line(
                f"{row['ts']}  {row['event_type']}  {actor['kind']} {actor['id']}  {row['source']}  {data}"
            )
