"""Who turns shared memory into belief changes: the formula, or a deployment's own (contract §10).

A package plugs its own in by one entry point of the group ``arw_personas.summarisers``: a callable
that takes a ``View`` and gives ``BeliefChange``s. It sees shared items only, and what it gives is
checked like everything else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points

from leases.errors import DomainError
from telemetry.errors import SummariserFailed
from telemetry.memory.suggestion import checked
from telemetry.memory.worldview import BeliefChange, View, belief_changes
from telemetry.redaction import NOTE_POLICY, is_safe_text, sanitize

logger = logging.getLogger(__name__)

GROUP = "arw_personas.summarisers"
MAX_TAKEN = 1_000

Summariser = Callable[[View], Iterable[BeliefChange]]


def suggested_changes(view: View) -> list[BeliefChange]:
    """The checked changes for ``view``; empty when there is nothing to say.

    Raises ``BeliefRefused``, and ``SummariserFailed`` when the deployment's own cannot be used.
    """
    plugged = _plugged()
    if plugged is None:
        return checked(belief_changes(view), view)
    try:
        given = plugged.load()(view)
        changes = [change for change, _at in zip(given or (), range(MAX_TAKEN), strict=False)]
        for change in changes:
            _refuse_secrets(change)
        return checked(changes, view)
    except DomainError:
        raise
    except Exception as error:
        logger.exception("summariser_failed", extra={"summariser": plugged.name})
        kind = type(error).__name__
        raise SummariserFailed(
            f"the summariser {plugged.name} failed ({kind}); nothing was suggested",
            summariser=plugged.name,
        ) from error


def _plugged() -> EntryPoint | None:
    found = {one.value: one for one in entry_points(group=GROUP)}
    if len(found) > 1:
        names = ", ".join(sorted(one.name for one in found.values()))
        raise SummariserFailed(f"several summarisers are installed ({names}); keep one of them")
    return next(iter(found.values()), None)


def _refuse_secrets(change: BeliefChange) -> None:
    for text in (change.statement, change.reason, change.belief_id):
        if not is_safe_text(text, NOTE_POLICY) and sanitize(text, NOTE_POLICY).redacted:
            raise SummariserFailed("the summariser put a secret or personal data into a belief")
