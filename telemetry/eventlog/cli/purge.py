"""`runner telemetry purge`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry.eventlog.cli.options import ActorId, AsJson, acting
from telemetry.eventlog.cli.output import Failure, document, line, usage

if TYPE_CHECKING:
    from telemetry.eventlog.purge import Purge


def purge(
    *,
    older_than: Annotated[
        str | None,
        typer.Option(
            "--older-than",
            metavar="Nd|Nh",
            help="Archive and remove only what is older.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    actor_id: ActorId = None,
    as_json: AsJson = False,
) -> None:
    """Remove events for good; asks first. One row stays, which says what was removed.

    With --older-than the removed rows go to telemetry/archive/ with their SHA-256. What is kept is
    never hashed anew.

    \b
    Examples:
      runner telemetry purge
      runner telemetry purge --older-than 30d --yes
    """
    from datetime import UTC, datetime

    from telemetry.eventlog.instants import parse_range, window_start
    from telemetry.eventlog.paths import home_from_environment
    from telemetry.eventlog.purge import purge_all, purge_older

    home = home_from_environment()
    now = datetime.now(UTC)
    length = parse_range(older_than) if older_than is not None else None
    if not yes:
        _ask(
            f"Remove {'every event' if length is None else f'events older than {older_than}'} from {home.log}?"
        )
    actor = acting(actor_id)
    if length is None:
        done = purge_all(home, now=now, actor=actor)
    else:
        done = purge_older(home, before=window_start(now, length), now=now, actor=actor)
    _report(done, as_json=as_json)


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise usage("purge removes events for good; without a terminal to ask at it needs --yes")
    if not typer.confirm(question, err=True):
        raise Failure("nothing was removed", code="declined")


def _report(done: "Purge", *, as_json: bool) -> None:
    if as_json:
        document(done.document())
        return
    line(f"Removed {done.removed_events} events")
    if done.archive:
        line(f"Archived in {done.archive}")
        line(f"SHA-256 {done.archive_sha256}")
    if done.chain_intact is False:
        line("The chain was broken before; what was kept of it still fails verify")
