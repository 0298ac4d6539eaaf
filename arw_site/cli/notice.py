"""Before consent is granted, the person granting it reads what that means (contract §7)."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

import typer

from arw_site.cli.failures import Misused
from arw_site.cli.output import one_line, remark

if TYPE_CHECKING:
    from arw_site.cli.session import Session


def show_notice(session: Session) -> None:
    """The server's notice on stderr, so that it never mixes with a result.

    The server's own words: the receipt names their version and hash.
    """
    notice = session.api.get("state", "consent-notice").record
    remark(one_line(notice.get("title") or "Consent to telemetry"))
    for paragraph in notice.get("paragraphs") or []:
        remark("", *textwrap.wrap(one_line(paragraph), width=88))
    remark("", f"Notice {one_line(notice.get('version'))}", "")


def agree_to_grant(session: Session, what: str, *, yes: bool) -> None:
    """Shows the notice, then asks whether to go on; ``yes`` answers.

    Raises ``Misused`` where nobody is there to answer, and ``typer.Abort`` for a no.
    """
    show_notice(session)
    remark(what)
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise Misused("nobody is there to agree: read the notice above and add --yes")
    if not typer.confirm("Grant consent?", err=True):
        raise typer.Abort
