"""The tree of commands under `runner`, and what the parser's own complaints become."""

from typing import Any

import typer

from telemetry.eventlog.cli.export import export
from telemetry.eventlog.cli.output import Failure
from telemetry.eventlog.cli.purge import purge
from telemetry.eventlog.cli.record import record
from telemetry.eventlog.cli.status import status
from telemetry.eventlog.cli.tail import tail
from telemetry.eventlog.cli.verify import verify

app = typer.Typer(
    name="runner",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
telemetry = typer.Typer(rich_markup_mode=None)
app.add_typer(telemetry, name="telemetry", help="Record, read, export, verify and purge events.")
for command in (status, record, export, purge, verify, tail):
    telemetry.command()(command)


@app.callback()
def runner() -> None:
    """The local event log of an agent's runner; nothing of it leaves this machine.

    \b
    Examples:
      runner telemetry status
      runner telemetry export --range 7d --out ./telemetry-summary.json
      runner --install-completion
    """


def run(arguments: list[str]) -> int:
    """Parses and runs one command; returns its exit code. Raises Failure for what cannot be parsed."""
    try:
        ended: Any = app(arguments, standalone_mode=False, prog_name="runner")
    except typer.Abort:
        raise Failure("nothing was done", code="declined") from None
    except typer.TyperException as problem:
        # One line, without the usage screen.
        raise Failure(_usage_line(problem), exit_code=2, code="usage") from None
    return ended if isinstance(ended, int) else 0


def _usage_line(problem: typer.TyperException) -> str:
    context = getattr(problem, "ctx", None)
    where = context.command_path if context is not None else "runner"
    text = " ".join(problem.format_message().split()).rstrip(".")
    return f"{where}: {text or 'needs a command'}; see {where} --help"
