"""What feedback amounts to, in words and in numbers to draw (contract §7, spec 001).

Each drawing has a sentence that says the same, for who does not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from arw_site.desk.vibe_words import signal_words
from arw_site.desk.written_numbers import places, signed_places
from telemetry.aggregates.axes import UNSPECIFIED
from telemetry.aggregates.measures import OTHER, Aggregates, Flag
from telemetry.aggregates.reading import Summed
from telemetry.aggregates.reconciling import Axis

NEUTRAL: Final = 0.05
NAMES: Final[dict[str, Promise]] = {
    "warmth": gettext_lazy("Warmth"),
    "pace": gettext_lazy("Pace"),
    "formality": gettext_lazy("Formality"),
    "breadth": gettext_lazy("Breadth"),
    "length": gettext_lazy("Length"),
    "detail": gettext_lazy("Detail"),
    "directness": gettext_lazy("Directness"),
    "playfulness": gettext_lazy("Playfulness"),
}
ENDS: Final[dict[str, Promise]] = {
    "cooler": gettext_lazy("cooler"),
    "warmer": gettext_lazy("warmer"),
    "slower": gettext_lazy("slower"),
    "faster": gettext_lazy("faster"),
    "less_formal": gettext_lazy("less formal"),
    "more_formal": gettext_lazy("more formal"),
    "narrower": gettext_lazy("narrower"),
    "broader": gettext_lazy("broader"),
    "shorter": gettext_lazy("shorter"),
    "longer": gettext_lazy("longer"),
    "less_detailed": gettext_lazy("less detailed"),
    "more_detailed": gettext_lazy("more detailed"),
    "gentler": gettext_lazy("gentler"),
    "more_direct": gettext_lazy("more direct"),
    "more_serious": gettext_lazy("more serious"),
    "more_playful": gettext_lazy("more playful"),
}


@dataclass(frozen=True, slots=True)
class Sentiment:
    """The mean, from -1 to 1, between the ends of its band; ``spread`` is empty for one voice."""

    mean: float
    low: float
    high: float
    text: str
    spread: str
    word: str
    described: str


@dataclass(frozen=True, slots=True)
class AxisRow:
    """One axis that is drawn from its middle."""

    name: str
    low: str
    high: str
    against: float
    for_: float
    balance: float
    text: str
    people_low: str
    people_high: str
    contested: bool
    described: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A label with how many people stand behind it."""

    label: str
    people: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """All that is shown; what is empty or None was not said by anybody."""

    basis: str
    sentiment: Sentiment | None
    tempo: str
    confirmed: float | None
    confirmed_text: str
    flags: tuple[Counted, ...]
    axes: tuple[AxisRow, ...]
    signals: tuple[Counted, ...]
    more: int
    brief: tuple[str, ...]
    disputed: str

    @property
    def silent(self) -> bool:
        """Whether there is nothing to show at all."""
        return not self.basis


def panel_of(sums: Summed) -> Panel:
    """The panel of a persona's sums."""
    found, votes = sums.aggregates, sums.votes
    axes = tuple(_axis(one) for one in votes.axes if one.low is not None)
    sentiment, rate = _sentiment(found), found.confirmation_rate
    confirmed = "" if rate is None else _("%(n)s %%") % {"n": places(rate * 100, 0)}
    flags = tuple(_flag(one) for one in found.misalignment_flags or ())
    return Panel(
        basis=_basis(found),
        sentiment=sentiment,
        tempo="" if found.response_tempo is None else _tempo(found.response_tempo),
        confirmed=rate,
        confirmed_text=confirmed,
        flags=flags,
        axes=axes,
        signals=tuple(
            Counted(signal_words(one.name), people(one.people))
            for one in votes.axes
            if one.low is None
        ),
        more=votes.more,
        brief=_brief(sentiment, confirmed, flags),
        disputed=", ".join(one.name for one in axes if one.contested),
    )


def people(count: int) -> str:
    """``2 people``."""
    return ngettext("%(n)d person", "%(n)d people", count) % {"n": count}


def _basis(found: Aggregates) -> str:
    if not found.samples:
        return ""
    said = ngettext(
        "From %(n)d sample by %(who)s.", "From %(n)d samples by %(who)s.", found.samples
    )
    return said % {"n": found.samples, "who": people(found.people)}


def _sentiment(found: Aggregates) -> Sentiment | None:
    mean, spread = found.sentiment_avg, found.sentiment_volatility
    if mean is None:
        return None
    around = spread or 0.0
    low, high = max(mean - around, -1.0), min(mean + around, 1.0)
    word = _sentiment_word(mean)
    said = _("Sentiment %(value)s of −1 to 1: %(word)s.")
    described = said % {"value": signed(mean), "word": word}
    if spread is not None:
        band = _("Mostly between %(low)s and %(high)s.")
        described = f"{described} {band % {'low': signed(low), 'high': signed(high)}}"
    text = "" if spread is None else f"± {places(spread, 2)}"
    return Sentiment(mean, low, high, signed(mean), text, word, described)


def _sentiment_word(mean: float) -> str:
    if abs(mean) < NEUTRAL:
        return _("neutral")
    return _("positive") if mean > 0 else _("negative")


def _tempo(seconds: float) -> str:
    return _("%(n)s s") % {"n": places(seconds, 1 if seconds >= 1 else 2)}


def _flag(flag: Flag) -> Counted:
    words = {UNSPECIFIED: _("not named"), OTHER: _("others")}
    said = ngettext("%(n)d sample", "%(n)d samples", flag.samples) % {"n": flag.samples}
    label = words.get(flag.flag, flag.flag.replace("_", " "))
    return Counted(label, people(flag.people), said)


def _axis(axis: Axis) -> AxisRow:
    name, low, high = _axis_words(axis)
    below, above = people(axis.people_against), people(axis.people_for)
    said = _("%(name)s: %(below)s for %(low)s, %(above)s for %(high)s; balance %(balance)s.")
    words = {"name": name, "low": low, "high": high, "below": below, "above": above}
    described = said % {**words, "balance": signed(axis.balance)}
    if axis.contested:
        described = f"{described} {_('People disagree.')}"
    return AxisRow(
        name=name,
        low=low,
        high=high,
        against=axis.pull_against,
        for_=axis.pull_for,
        balance=axis.balance,
        text=signed(axis.balance),
        people_low=below,
        people_high=above,
        contested=axis.contested,
        described=described,
    )


def _axis_words(axis: Axis) -> tuple[str, str, str]:
    """What the axis and its two ends are called."""
    family, _mark, about = axis.name.partition(":")
    if family == "lane":
        return _("Lane %(lane)s") % {"lane": about}, _("less of it"), _("more of it")
    if family == "minscore":
        name = _("Lowest score, %(lane)s") % {"lane": about} if about else _("Lowest score")
        return name, _("lower"), _("higher")
    low, high = axis.low or "", axis.high
    return str(NAMES.get(axis.name, axis.name)), str(ENDS.get(low, low)), str(ENDS.get(high, high))


def _brief(
    sentiment: Sentiment | None, confirmed: str, flags: tuple[Counted, ...]
) -> tuple[str, ...]:
    """The panel in a few words, for a place with many of them."""
    parts = []
    if sentiment is not None:
        words = {"word": sentiment.word, "value": sentiment.text}
        parts.append(_("sentiment %(word)s %(value)s") % words)
    if confirmed:
        parts.append(_("%(share)s confirmed") % {"share": confirmed})
    if flags:
        raised = ngettext("%(n)d misalignment", "%(n)d misalignments", len(flags))
        parts.append(raised % {"n": len(flags)})
    return tuple(parts)


def signed(value: float) -> str:
    """``+0.25``, ``−0.25``, ``0.00``: with a sign that is as wide as a plus."""
    return signed_places(value, minus="−", zero="")
