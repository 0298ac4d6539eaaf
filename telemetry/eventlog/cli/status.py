"""`runner telemetry status`."""

from telemetry.eventlog.cli.options import AsJson


def status(*, as_json: AsJson = False) -> None:
    """Where the log lies and how many events it holds. Reads only; makes nothing.

    \b
    Examples:
      runner telemetry status
      runner telemetry status --json
    """
    from telemetry.eventlog.cli.overview import show_status

    show_status(as_json=as_json)
