"""`arw-cli`: the tree of commands, and the exit code of each way to end (contract §11).

0 done · 1 refused by the server, or not sound · 2 usage · 3 unreachable · 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import typer

from arw_site.cli import admin, events, memory, persona, policy
from arw_site.cli.failures import Failure, OutputClosed
from arw_site.cli.mcp import command as mcp
from arw_site.cli.output import document, one_line, remark

INTERRUPTED = 130

app = typer.Typer(
    name="arw-cli",
    help="Personas: read them, propose changes, decide, give feedback.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(persona.app, name="persona", help="Records, proposals, history, feedback.")
app.add_typer(admin.app, name="admin", help="Seeding, leases, tokens.")
app.add_typer(policy.app, name="policy", help="What decides, and what it did decide.")
app.add_typer(events.app, name="events", help="What happens, as it happens.")
app.add_typer(memory.app, name="memory", help="What was learned, and who may read it.")
mcp.register(app)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit code. No traceback ever reaches the terminal."""
    _write_anything()
    try:
        return _run(arguments)
    except OutputClosed:
        _drop_output()
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: list[str] | None) -> int:
    try:
        ended: Any = app(arguments, standalone_mode=False, prog_name="arw-cli")
    except Failure as failure:
        if failure.document and _wants_json(arguments):
            document(failure.document, pretty=False)
        remark(*failure.lines)
        return failure.exit_code
    except typer.Abort:
        remark("nothing was done")
        return INTERRUPTED
    except typer.TyperException as problem:
        # The parser's own complaints: one line, without the usage screen.
        remark(_usage_line(problem))
        return 2
    except OSError as failure:
        # A full disk behind stdout, most likely.
        remark(f"error: {failure.strerror or failure}")
        _drop_output()
        return 2
    except (OutputClosed, SystemExit):
        # The parser's way to say that nobody reads its help any more is to exit.
        raise OutputClosed from None
    except Exception as failure:  # noqa: BLE001  no traceback ever reaches the terminal
        # What the server says is not ours: an answer of another shape must not end in a trace.
        remark(f"the answer makes no sense to arw-cli ({type(failure).__name__}: {failure})")
        return 3
    return ended if isinstance(ended, int) else 0


def _usage_line(problem: typer.TyperException) -> str:
    context = getattr(problem, "ctx", None)
    where = context.command_path if context is not None else "arw-cli"
    text = one_line(" ".join(problem.format_message().split())).rstrip(".")
    return f"{where}: {text or 'needs a command'}; see {where} --help"


def _wants_json(arguments: list[str] | None) -> bool:
    given = sys.argv[1:] if arguments is None else arguments
    return "--json" in given or "--pretty" in given


def _write_anything() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    # The interpreter flushes stdout once more at its end, and would complain about the pipe.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
