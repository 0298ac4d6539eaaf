"""What `runner telemetry status` prints."""

from telemetry.eventlog.cli.output import document, table
from telemetry.eventlog.counting import event_count
from telemetry.eventlog.paths import Folder, home_from_environment


def show_status(*, as_json: bool) -> None:
    """Prints `{enabled, path, event_count}`, as JSON or as lines."""
    home = home_from_environment()
    try:
        with Folder.open(home.folder) as folder:
            events = event_count(folder)
    except FileNotFoundError:
        events = 0
    if as_json:
        document({"enabled": True, "path": str(home.log), "event_count": events})
        return
    table(
        [
            ("telemetry", "on, on this machine only"),
            ("log", str(home.log)),
            ("events", str(events)),
        ]
    )
