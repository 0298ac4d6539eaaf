"""What a person is told before consent is given, and the proof of which text it was (contract §7)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NOTICE_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice in force, in the language of the reader; ``sha256`` is over ``text``."""

    version: str
    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """Title and paragraphs, with an empty line between them: exactly what is shown."""
        return "\n\n".join((self.title, *self.paragraphs))

    @property
    def sha256(self) -> str:
        """64 hex digits over the UTF-8 of ``text``."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def current_notice() -> Notice:
    """The notice as a grant of consent has to show it now, with this server's retention."""
    retain: int = settings.ARW_PERSONA_VIBE_HISTORY_RETAIN
    kept = {"count": retain, "age": _age(settings.ARW_PERSONA_VIBE_MAX_AGE)}
    return Notice(
        version=NOTICE_VERSION,
        title=_("Feedback about this persona"),
        paragraphs=(
            _(
                "What is collected: each piece of feedback that a signed-in person or agent gives "
                "about this persona. That is a kind, a signal such as “warmer”, a strength, a "
                "note, details that the sending program adds, who gave it, and when. Secrets and "
                "personal data that are recognised in it are removed before it is stored. No "
                "network address is stored."
            ),
            _(
                "How long it is kept: the newest %(count)d samples, and none for longer than "
                "%(age)s. Counts and averages are kept in memory until the server restarts."
            )
            % kept,
            _(
                "Who reads it: members of this server who hold a lease for the scope named in the "
                "consent. They see the feedback and the counts, and may watch new feedback as it "
                "arrives. It is never sent to another server by this one."
            ),
            _(
                "How to withdraw: turn the switch off. From then on nothing is taken and nothing "
                "is shown, with the very next request. An admin can also erase what is kept. "
                "Each time consent is given or withdrawn, a receipt says who did it and when; "
                "receipts stay."
            ),
        ),
    )


def _age(duration: timedelta) -> str:
    seconds = int(duration.total_seconds())
    if seconds % 86_400 == 0:
        days = seconds // 86_400
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if seconds % 3600 == 0:
        hours = seconds // 3600
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    if seconds % 60 == 0:
        minutes = seconds // 60
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
