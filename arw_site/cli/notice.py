"""Before consent or memory is granted, the person granting it reads what that means (§7, §10)."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

import typer

from arw_site.cli.failures import Misused
from arw_site.cli.output import one_line, remark

if TYPE_CHECKING:
    from arw_site.cli.session import Session


SHARE_PERSONA = "share:persona"
SHARE_ACTION = "memory.share.persona"


def show_notice(session: Session, name: str = "consent-notice") -> None:
    """The server's notice on stderr, so that it never mixes with a result.

    The server's own words: the receipt names their version and hash.
    """
    notice = session.api.get("state", name).record
    remark(one_line(notice.get("title") or name))
    for paragraph in notice.get("paragraphs") or []:
        remark("", *textwrap.wrap(one_line(paragraph), width=88))
    remark("", f"Notice {one_line(notice.get('version'))}", "")


def agree_to_grant(session: Session, what: str, *, yes: bool) -> None:
    """Shows the notice, then asks whether to go on; ``yes`` answers.

    Raises ``Misused`` where nobody is there to answer, and ``typer.Abort`` for a no.
    """
    show_notice(session)
    _agree(what, "Grant consent?", yes=yes)


def agree_to_share(session: Session, capability: str, *, yes: bool) -> None:
    """The same before a lease that shares memory; nothing is asked for any other capability."""
    if capability == SHARE_PERSONA or capability == _sharing_by_rule(session):
        show_notice(session, "sharing-notice")
        _agree("This shares memory with personas.", "Share it?", yes=yes)


def _sharing_by_rule(session: Session) -> str | None:
    """The capability that the first fitting lease rule of the policy in force makes the sharing one."""
    rules = session.api.get("state", "policy").record.get("lease_rules") or []
    named = (one for one in rules if SHARE_ACTION.startswith(str(one.get("kind_prefix"))))
    return next((str(one.get("capability")) for one in named), None)


def _agree(what: str, question: str, *, yes: bool) -> None:
    remark(what)
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise Misused("nobody is there to agree: read the notice above and add --yes")
    if not typer.confirm(question, err=True):
        raise typer.Abort
