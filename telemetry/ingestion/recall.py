"""What the transactions of one connection have read of rights, for as long as it stands.

SQLite tells a connection whether another one, of this process or any other, has committed since
it last asked. The writer asks at the start of each transaction, when it holds the lock that keeps
all others from writing. While nobody has written, what it read before is what it would read
again; after the first foreign commit everything is read anew. PostgreSQL gives no such answer:
there each transaction reads for itself.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from leases.authorization import Judgement
    from leases.decisions import LeaseFacts
    from leases.policy.compiled import Policy
    from telemetry.ingestion.claims import Claim
    from telemetry.ingestion.judging import Standing
    from telemetry.ingestion.personas import Subject

_REMEMBERED = 4096


class Trimmed(NamedTuple):
    """How far a persona's samples were trimmed: none before ``floor`` was left.

    ``looked`` is when all of them were last looked at, with what share in mind.
    """

    floor: datetime
    looked: datetime
    retained: int


@dataclass(slots=True)
class Recall:
    """Rights as rows told them; empty for a transaction that shares with no other.

    ``standings`` and ``judgements`` come with the instant from which on they do not hold any
    more, or None. Only for transactions that ask for the same right.
    """

    control: tuple[Policy, bool] | None = None
    subjects: dict[str, Subject] = field(default_factory=dict)
    standings: dict[Claim, tuple[Standing, datetime | None]] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    leases: dict[str, list[LeaseFacts]] = field(default_factory=dict)
    judgements: dict[tuple[uuid.UUID, str], tuple[Judgement, datetime | None]] = field(
        default_factory=dict
    )
    inputs: dict[int, tuple[Judgement, str]] = field(default_factory=dict)
    trimmed: dict[str, Trimmed] = field(default_factory=dict)
    """By persona; outlasts what others commit. Only on PostgreSQL."""
    _connection: Any = None
    _version: int | None = None
    _moment: datetime | None = None

    def renew(self, connection: Any, version: int | None, now: datetime) -> None:
        """Forget everything unless it was read from ``connection`` at this very ``version``.

        ``version`` None is never the same. Nor is anything kept when the clock goes back.
        """
        if (
            version is None
            or version != self._version
            or connection is not self._connection
            or (self._moment is not None and now < self._moment)
            or len(self.subjects) + len(self.judgements) + len(self.inputs) > _REMEMBERED
            or len(self.standings) + len(self.leases) > _REMEMBERED
        ):
            self._forget()
        if connection is not self._connection or len(self.trimmed) > _REMEMBERED:
            self.trimmed.clear()
        self._connection, self._version, self._moment = connection, version, now

    def clear(self) -> None:
        """Forget everything."""
        self.trimmed.clear()
        self._forget()

    def _forget(self) -> None:
        self.control = self._version = None
        for known in (
            self.subjects,
            self.standings,
            self.groups,
            self.leases,
            self.judgements,
            self.inputs,
        ):
            known.clear()
