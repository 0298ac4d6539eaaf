"""What shared memory says: from items to votes on beliefs (contract §10, spec 001 "Guardrails").

Pure and deterministic: the order of the items does not matter. A person has one vote on a belief,
the latest, and no vote weighs more than 1, however many items say the same.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from personas.documents.canonical import Json
from telemetry.redaction import REDACTED

STATEMENT_MAX = 300
ID_MAX = 64
DEFAULT_CONFIDENCE = 0.62
FOR, AGAINST = "for", "against"
# Text of these lanes states something as it stands; that of others only behind a mark.
STATING_LANES = frozenset({"semantic", "worldview"})

_MARK = re.compile(r"\s*(for|against)\s*:\s*", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_ENDS = " .!?…\"'“”‘’"
_SEPARATORS = frozenset("-_ :/.")


@dataclass(frozen=True, slots=True)
class Remembered:
    """A memory item as the bridge and its summarisers see it; only shared ones are shown to them.

    ``person`` tells one writer from another and is a pseudonym. ``confidence`` and ``relevance``
    (to the persona in question) are 0..1, or None where nobody gave one.
    """

    id: str
    lane: str
    text: str
    person: str
    at: datetime
    value: Json = None
    tags: tuple[str, ...] = ()
    confidence: float | None = None
    relevance: float | None = None

    @property
    def weight(self) -> float:
        """``confidence × relevance`` in 0..1; 0.62 and 1 where they are not given."""
        sure = DEFAULT_CONFIDENCE if self.confidence is None else self.confidence
        near = 1.0 if self.relevance is None else self.relevance
        return min(max(sure * near, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Position:
    """What one item says: a statement, and whether it is for or against it."""

    statement: str
    stance: str


@dataclass(frozen=True, slots=True)
class Vote:
    """The latest that a person said on a statement."""

    item: Remembered
    statement: str
    stance: str

    @property
    def is_for(self) -> bool:
        return self.stance == FOR

    @property
    def weight(self) -> float:
        return self.item.weight

    @property
    def order(self) -> tuple[datetime, str]:
        return (self.item.at, self.item.id)


def position_of(item: Remembered) -> Position | None:
    """What the item is for or against, or None when it takes no position that can be read.

    ``value`` wins: ``{"belief": "…", "stance": "for" | "against"}``, for where no stance is given.
    Then a mark at the start of the text (``for: …``, ``against: …``) in any lane; then the plain
    text of the lanes semantic and worldview, as a statement that it is for.
    """
    value = item.value
    if isinstance(value, dict) and isinstance(value.get("belief"), str):
        return _position(value["belief"], value.get("stance", FOR))
    mark = _MARK.match(item.text)
    if mark:
        return _position(item.text[mark.end() :], mark[1].lower())
    return _position(item.text, FOR) if item.lane in STATING_LANES else None


def votes_of(items: Iterable[Remembered]) -> dict[str, tuple[Vote, ...]]:
    """Votes by the key of their statement, oldest first: one for each person, their latest."""
    latest: dict[str, dict[str, Vote]] = {}
    for item in items:
        position = position_of(item)
        # A vote of which its writer is not sure at all still takes the place of an earlier one.
        if position is None or item.relevance == 0:
            continue
        vote = Vote(item, position.statement, position.stance)
        of_people = latest.setdefault(statement_key(vote.statement), {})
        known = of_people.get(item.person)
        if known is None or vote.order > known.order:
            of_people[item.person] = vote
    return {key: oldest_first(people.values()) for key, people in latest.items()}


def oldest_first(votes: Iterable[Vote]) -> tuple[Vote, ...]:
    return tuple(sorted(votes, key=lambda vote: vote.order))


def statement_text(text: str) -> str:
    """The statement on one line, without surrounding space."""
    return _SPACE.sub(" ", text).strip()


def statement_key(text: str) -> str:
    """What two spellings of one statement have in common: not case, space or the full stop."""
    folded = unicodedata.normalize("NFKC", statement_text(text)).casefold()
    return folded.strip(_ENDS) or folded


def statement_id(text: str, taken: Mapping[str, str]) -> str:
    """A readable id for the belief; ``taken`` are the ids in use with the keys that they stand for.

    Where the words alone would not tell it from another statement, a short hash follows them.
    """
    key = statement_key(text)
    slug, lossless = _slug(key)
    if lossless and len(slug) <= ID_MAX and taken.get(slug, key) == key:
        return slug
    digest = hashlib.sha256(key.encode()).hexdigest()
    for length in (8, 16, 32):
        made = f"{slug[: ID_MAX - length - 1].strip('-')}-{digest[:length]}".strip("-")
        if taken.get(made, key) == key:
            return made
    return digest


def slugify(text: str) -> str:
    """ASCII letters and digits in lower case, joined by single dashes; empty when none is left."""
    return _slug(text)[0]


def _slug(text: str) -> tuple[str, bool]:
    made: list[str] = []
    lossless = True
    for letter in text:
        if letter.isascii() and letter.isalnum():
            made.append(letter.lower())
        elif letter in _SEPARATORS:
            if made and made[-1] != "-":
                made.append("-")
        else:
            lossless = False
    slug = "".join(made).strip("-")
    return slug, lossless and bool(slug)


def _position(text: str, stance: Json) -> Position | None:
    statement = statement_text(text)
    if not statement or len(statement) > STATEMENT_MAX or stance not in (FOR, AGAINST):
        return None
    if REDACTED in statement:
        return None  # what was taken out said something else for everybody
    return Position(statement, stance)
