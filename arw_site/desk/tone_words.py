"""Numbers of a record as meters with words at both ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arw_site.desk.persona_card import Tone
from arw_site.desk.written_numbers import places
from arw_site.templatetags.desk import field_label

ENDS: Final[dict[str, tuple[Promise, Promise]]] = {
    "warmth": (gettext_lazy("cool"), gettext_lazy("warm")),
    "formality": (gettext_lazy("casual"), gettext_lazy("formal")),
    "pace": (gettext_lazy("slow"), gettext_lazy("fast")),
    "humor": (gettext_lazy("serious"), gettext_lazy("playful")),
    "humour": (gettext_lazy("serious"), gettext_lazy("playful")),
    "verbosity": (gettext_lazy("brief"), gettext_lazy("wordy")),
    "directness": (gettext_lazy("tactful"), gettext_lazy("direct")),
}


@dataclass(frozen=True, slots=True)
class ToneRow:
    """One meter: ``label`` in words, ``text`` the number as it is written here."""

    label: str
    group: str
    value: float
    text: str
    low: str
    high: str

    @property
    def described(self) -> str:
        """What the drawing measures, for who does not see it."""
        said = _("%(name)s, from %(low)s to %(high)s")
        return said % {"name": self.label, "low": self.low, "high": self.high}


def tone_rows(tones: Iterable[Tone]) -> list[ToneRow]:
    """The numbers with words at their ends: the known opposites, else low and high."""
    return [_row(tone) for tone in tones]


def _row(tone: Tone) -> ToneRow:
    low, high = ENDS.get(tone.name.lower(), (_("low"), _("high")))
    return ToneRow(
        field_label(tone.name),
        field_label(tone.group),
        tone.value,
        places(tone.value),
        str(low),
        str(high),
    )
