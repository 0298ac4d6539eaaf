"""`runner`: where it starts, and the exit code of each way to end (contract §9).

0 done · 1 refused, broken or interrupted · 2 usage. No traceback ever reaches the terminal.
"""

import os
import sys

from telemetry.eventlog.cli.output import Failure, OutputClosed, document, remark
from telemetry.eventlog.errors import EventLogError, RangeInvalid


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    _write_anything()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        return _run(given)
    except OutputClosed:
        _drop_output()
        return 0
    except KeyboardInterrupt:
        return 1


def _run(given: list[str]) -> int:
    try:
        return _dispatch(given)
    except Failure as failure:
        return _failed(failure, given)
    except RangeInvalid as problem:
        return _failed(Failure(str(problem), exit_code=2, code="range"), given)
    except EventLogError as problem:
        return _failed(Failure(str(problem), code=type(problem).__name__), given)
    except (OutputClosed, KeyboardInterrupt):
        raise
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 1
    except OSError as problem:
        return _failed(Failure(f"{problem.strerror or problem}", code="system"), given)
    except Exception as problem:  # noqa: BLE001  no traceback ever reaches the terminal
        text = f"runner failed ({type(problem).__name__}: {problem}); nothing more is known"
        return _failed(Failure(text, code="internal"), given)


def _dispatch(given: list[str]) -> int:
    """The plain status is asked for by prompts and cron jobs: it does not wait for the parser."""
    if given in (["telemetry", "status"], ["telemetry", "status", "--json"]):
        from telemetry.eventlog.cli.overview import show_status

        show_status(as_json=len(given) == 3)
        return 0
    from telemetry.eventlog.cli.commands import run

    return run(given)


def _failed(failure: Failure, given: list[str]) -> int:
    """Says why in one line; with --json as a document too, unless the result was printed already."""
    text = str(failure)
    if text:
        if "--json" in given:
            document({"error": failure.code, "detail": text})
        remark(text)
    return failure.exit_code


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
