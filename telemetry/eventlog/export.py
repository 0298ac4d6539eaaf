"""The shareable summary of a window: aggregates only, no event (spec 002 "Export format")."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from telemetry.eventlog.actors import Actor
from telemetry.eventlog.aggregates import Aggregates
from telemetry.eventlog.errors import LogUnwritable
from telemetry.eventlog.instants import format_instant, parse_instant, parse_range, window_start
from telemetry.eventlog.paths import Folder, Home
from telemetry.eventlog.reading import line_groups, offset_before
from telemetry.eventlog.rows import SCHEMA_VERSION
from telemetry.eventlog.score import score_state
from telemetry.eventlog.segments import opened_files
from telemetry.eventlog.views import ActorReader, view_of

_SCANNED_WHOLE: Final = 16 << 20
_CLOCK_STEP: Final = timedelta(hours=1)
"""How far a row may be out of order, in a file too large to be read whole."""


def summarise(
    home: Home, *, range_text: str, now: datetime, actor_id: str | None = None, seek: bool = True
) -> tuple[dict[str, Any], int]:
    """The summary of [now - range, now], both ends included, and how many lines made no sense.

    `actor_id` keeps the events of one actor; it is sanitized before it is compared. Files above
    16 MiB are entered by bisection, which finds rows up to an hour out of order; `seek=False`
    reads everything. Rows without an instant, or of the future, are passed over. Streams: memory
    does not grow with the log. Raises RangeInvalid and UnsafePath; a missing log gives zeros.
    """
    now = now.astimezone(UTC)
    start = window_start(now, parse_range(range_text))
    wanted = None if actor_id is None else _sanitized(actor_id)
    aggregates = Aggregates()
    unreadable = _add_up(home, aggregates, (start, now), wanted, seek=seek)
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": format_instant(now),
        "range": range_text,
        "actor_id_filter": wanted,
        "window_start": format_instant(start),
        "window_end": format_instant(now),
        "events_considered": aggregates.events,
        **aggregates.summary(score_state(home.score_state)),
    }, unreadable


def _sanitized(actor_id: str) -> str:
    from telemetry.redaction import sanitize_text

    return str(sanitize_text(actor_id).value)


def _add_up(
    home: Home,
    aggregates: Aggregates,
    window: tuple[datetime, datetime],
    wanted: str | None,
    *,
    seek: bool,
) -> int:
    try:
        folder = Folder.open(home.folder)
    except FileNotFoundError:
        return 0
    reader = _WindowReader(aggregates, window, wanted)
    with folder, opened_files(folder) as files:
        for _, descriptor in files:
            size = os.fstat(descriptor).st_size
            begin = 0
            if seek and size > _SCANNED_WHOLE:
                begin = offset_before(descriptor, size, _slack(window[0]))
            for lines in line_groups(descriptor, begin, size):
                reader.take(lines)
    return reader.unreadable


def _slack(start: datetime) -> datetime:
    return start - _CLOCK_STEP if start.year > 1 else start


class _WindowReader:
    """Feeds the rows of a window to the aggregates."""

    def __init__(
        self, aggregates: Aggregates, window: tuple[datetime, datetime], wanted: str | None
    ) -> None:
        self.unreadable = 0
        self._add = aggregates.add
        self._window = window
        self._wanted = wanted
        self._actor: Callable[[Any], Actor] = ActorReader()
        self._last = ("", False)

    def take(self, lines: list[bytes]) -> None:
        for line in lines:
            view = view_of(line)
            if view is None:
                self.unreadable += bool(line.strip())
            elif self._is_inside(view.ts):
                actor = self._actor(view.actor)
                if self._wanted is None or actor.id == self._wanted:
                    self._add(view, actor)

    def _is_inside(self, text: str) -> bool:
        if text != self._last[0]:  # many rows share a second
            at = parse_instant(text)
            inside = at is not None and self._window[0] <= at <= self._window[1]
            self._last = (text, inside)
        return self._last[1]


def write_summary(summary: dict[str, Any], out: Path) -> None:
    """Writes the summary to `out` by an atomic replace; 0600. Raises LogUnwritable."""
    text = json.dumps(summary, indent=2) + "\n"
    temporary = out.with_name(f".{out.name}.{os.urandom(6).hex()}.part")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(out)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise LogUnwritable(f"{out} cannot be written: {problem.strerror}") from None
