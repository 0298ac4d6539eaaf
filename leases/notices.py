"""What has to be read before a capability is lent, for those capabilities that ask for it (§10).

Which those are, and what the notice says, is known upstairs: here it is only asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from django.utils.translation import gettext as _

from leases.models import Lease
from leases.signals import lease_notice_asked


class Notice(Protocol):
    """A notice in the language of the reader; ``sha256`` says which text it was."""

    @property
    def version(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def paragraphs(self) -> tuple[str, ...]: ...

    @property
    def sha256(self) -> str: ...


def notice_of(capability: str) -> Notice | None:
    """What is to be read before ``capability`` is lent, or None."""
    for _receiver, notice in lease_notice_asked.send(Lease, capability=capability):
        if notice is not None:
            return cast(Notice, notice)
    return None


@dataclass(slots=True)
class Agreement:
    """A notice on a form, and the tick below it. Without a notice nothing is asked for.

    ``shown`` is the hash of the text that stood on the page that was sent.
    """

    notice: Notice | None
    agreed: bool = False
    shown: str = ""
    error: str = ""

    def complete(self) -> bool:
        """Whether the notice in force was shown and confirmed; says so beside it when it is not."""
        if self.notice is None:
            return True
        if self.shown != self.notice.sha256:
            # Nobody agrees to what they could not read.
            self.agreed = False
        if not self.agreed:
            self.error = _("Read the notice, and confirm that you did.")
        return self.agreed


def agreement_of(capability: str, data: Mapping[str, str] | None = None) -> Agreement:
    """The agreement that a form about ``capability`` needs, as ``data`` was sent with it."""
    sent = data or {}
    return Agreement(notice_of(capability.strip()), "agreed" in sent, sent.get("notice", ""))
