"""The prompts of the journal in words: questions about what happened, never about the writer."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Final[dict[str, Promise]] = {
    "daily.helped": _("Where did %(name)s help today, and what made it work?"),
    "daily.friction": _("Where did %(name)s get in the way, or make you say it twice?"),
    "daily.tone": _("When did %(name)s strike the right tone today, and when the wrong one?"),
    "daily.surprise": _("What did %(name)s do today that you did not expect?"),
    "daily.missing": _("What should %(name)s have known today, and did not?"),
    "daily.checked": _("What did you check of what %(name)s said, and what did you find?"),
    "daily.pace": _("Was %(name)s too quick, too slow or just right today, and at what?"),
    "daily.thanks": _("What would you thank %(name)s for today, in one sentence?"),
    "daily.differently": _("What one thing should %(name)s do differently tomorrow?"),
    "weekly.pattern": _("What did %(name)s do again and again this week, for better or worse?"),
    "weekly.belief": _("What does %(name)s take for granted that you would put differently?"),
    "weekly.left_out": _("Whom did %(name)s serve well this week, and who was left out?"),
    "weekly.boundary": _("When should %(name)s have said no this week, or asked first?"),
    "weekly.sure": _("When was %(name)s sure and wrong this week, or right and unsure?"),
    "weekly.learned": _("What does %(name)s understand now that was not clear a week ago?"),
    "weekly.colleague": _("How would you tell a new colleague to work with %(name)s?"),
    "weekly.keep": _("What about %(name)s must stay as it is, whatever else changes?"),
}


def prompt_text(prompt: str, name: object) -> str:
    """The question called ``prompt`` about the persona ``name``; empty for one that is unknown."""
    words = WORDS.get(prompt)
    return "" if words is None else str(words) % {"name": name}
