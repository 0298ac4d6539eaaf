"""What a stream asks for: which topics, and from where on (contract §8)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import QueryDict

from leases.errors import Fault, InvalidInput
from telemetry.events.broadcaster import Broadcaster
from telemetry.events.prefixes import MAX_PREFIX_LENGTH, MAX_PREFIXES, read_prefixes

FROM_THE_START = "0"  # what clients of the reference server hold after its first frame


@dataclass(frozen=True, slots=True)
class Selection:
    """``position`` is the number of the last event that is not wanted any more.

    ``mode`` is ``live``, ``recent`` (``replay=N``) or ``after`` (a resume); ``count`` is how many
    selected events are replayed first. ``gap``: events between ``resume_from`` and ``position``
    have left the window, or nobody knows them.
    """

    prefixes: tuple[str, ...]
    mode: str
    position: int
    count: int = 0
    resume_from: str | None = None
    gap: bool = False


def read_selection(
    query: QueryDict, last_event_id: str | None, broadcaster: Broadcaster
) -> Selection:
    """The selection of ``prefix``, ``after`` or ``Last-Event-ID``, and ``replay``.

    ``after`` wins over the header, and both over ``replay``. Raises ``InvalidInput``.
    """
    prefixes = read_prefixes(query.getlist("prefix"))
    if len(prefixes) > MAX_PREFIXES or any(len(one) > MAX_PREFIX_LENGTH for one in prefixes):
        message = f"at most {MAX_PREFIXES} prefixes of at most {MAX_PREFIX_LENGTH} characters"
        raise _refused("prefix", message)
    replay = _replay(query.get("replay"))
    resume_from = query.get("after") or last_event_id or None
    if resume_from is not None:
        return _resumed(prefixes, resume_from, broadcaster)
    if replay:
        position, count = broadcaster.before_newest(replay, prefixes)
        return Selection(prefixes, "recent", position, count)
    return Selection(prefixes, "live", broadcaster.last)


def _resumed(prefixes: tuple[str, ...], resume_from: str, broadcaster: Broadcaster) -> Selection:
    number = 0 if resume_from == FROM_THE_START else broadcaster.number_of(resume_from)
    earliest = broadcaster.oldest - 1
    gap = number is None or number < earliest
    position = earliest if number is None else max(number, earliest)
    count = broadcaster.count_after(position, prefixes)
    return Selection(prefixes, "after", position, count, resume_from, gap)


def _replay(text: str | None) -> int:
    if not text:
        return 0
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise _refused("replay", "replay must be a whole number of at least 0")
    return int(text)


def _refused(parameter: str, message: str) -> InvalidInput:
    fault = Fault(f"?{parameter}", message, "query")
    return InvalidInput(message, errors=[fault], code="invalid_query")
