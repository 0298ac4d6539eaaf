"""The five aggregates of the RFC, each person counting once (contract §7, spec 001). Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from telemetry.aggregates.hearing import Heard, Sample, hear

MAX_AGE: Final = timedelta(days=7)
DECIMALS: Final = 6
FLAGS_MAX: Final = 20
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Flag:
    """A misalignment: how many people raised it, in how many samples."""

    flag: str
    people: int
    samples: int


@dataclass(frozen=True, slots=True)
class Aggregates:
    """What the samples amount to; None is for what nobody said anything about.

    ``sentiment_avg`` lies in -1..1, ``sentiment_volatility`` and ``confirmation_rate`` in 0..1,
    ``response_tempo`` is in seconds per 1,000 tokens. ``misalignment_flags`` is None without any
    sample, and empty where none raises a flag. ``oldest`` is when the first sample came.
    """

    sentiment_avg: float | None = None
    sentiment_volatility: float | None = None
    response_tempo: float | None = None
    confirmation_rate: float | None = None
    misalignment_flags: tuple[Flag, ...] | None = None
    samples: int = 0
    people: int = 0
    oldest: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """The five members by the RFC's names, as JSON."""
        flags = self.misalignment_flags
        return {
            "sentiment_avg": self.sentiment_avg,
            "sentiment_volatility": self.sentiment_volatility,
            "response_tempo": self.response_tempo,
            "confirmation_rate": self.confirmation_rate,
            "misalignment_flags": None if flags is None else [asdict(one) for one in flags],
        }


def rfc_aggregates(
    samples: Iterable[Sample], now: datetime, *, max_age: timedelta = MAX_AGE
) -> Aggregates:
    """The aggregates of the samples that are at most ``max_age`` old at ``now``.

    In whatever order they come; how many are kept is the caller's to say.
    """
    oldest = now - max_age
    return aggregated([hear(one) for one in samples if one.recorded_at >= oldest])


def aggregated(heard: Collection[Heard]) -> Aggregates:
    """The same from samples that were read already."""
    if not heard:
        return Aggregates()
    average, volatility = _sentiment(heard)
    return Aggregates(
        sentiment_avg=_rounded(average),
        sentiment_volatility=_rounded(volatility),
        response_tempo=_rounded(_tempo(heard)),
        confirmation_rate=_rounded(_confirmation(heard)),
        misalignment_flags=_flags(heard),
        samples=len(heard),
        people=len({one.who for one in heard}),
        oldest=min(one.order for one in heard)[0],
    )


def _sentiment(heard: Iterable[Heard]) -> tuple[float | None, float | None]:
    """The mean, and the standard deviation around it where there are two values or more."""
    people = _by_person((one.who, one.sentiment) for one in heard if one.sentiment is not None)
    if not people:
        return None, None
    average = _mean([_mean(values) for values in people.values()])
    if sum(map(len, people.values())) < 2:
        return average, None
    spreads = [_mean([(value - average) ** 2 for value in values]) for values in people.values()]
    return average, math.sqrt(_mean(spreads))


def _tempo(heard: Iterable[Heard]) -> float | None:
    people = _by_person((one.who, one.tempo) for one in heard if one.tempo is not None)
    # Milliseconds for a token are as many seconds for a thousand.
    tempos = [
        math.fsum(duration for duration, _ in told) / math.fsum(tokens for _, tokens in told)
        for told in people.values()
    ]
    return _mean(tempos) if tempos else None


def _confirmation(heard: Iterable[Heard]) -> float | None:
    people = _by_person((one.who, one.confirmed) for one in heard if one.confirmed is not None)
    return _mean([_mean(answers) for answers in people.values()]) if people else None


def _flags(heard: Iterable[Heard]) -> tuple[Flag, ...]:
    raised: defaultdict[str, list[Hashable]] = defaultdict(list)
    for one in heard:
        for name in one.flags:
            raised[name].append(one.who)
    rest = raised.pop(OTHER, [])
    ranked = sorted((_flag(name, by) for name, by in raised.items()), key=_rank)
    for flag in ranked[FLAGS_MAX:]:
        rest += raised[flag.flag]
    told = ranked[:FLAGS_MAX]
    return (*told, _flag(OTHER, rest)) if rest else tuple(told)


def _flag(name: str, by: Sequence[Hashable]) -> Flag:
    return Flag(name, len(set(by)), len(by))


def _rank(flag: Flag) -> tuple[int, int, str]:
    return -flag.people, -flag.samples, flag.flag


def _by_person(said: Iterable[tuple[Hashable, Any]]) -> Mapping[Hashable, list[Any]]:
    people: defaultdict[Hashable, list[Any]] = defaultdict(list)
    for who, value in said:
        people[who].append(value)
    return people


def _mean(values: Collection[float]) -> float:
    """Exactly rounded, and so the same in whatever order the values come."""
    return math.fsum(values) / len(values)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS) + 0.0
