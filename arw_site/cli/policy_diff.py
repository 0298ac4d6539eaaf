"""`arw-cli policy diff OLD NEW`: which logged decisions would flip."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arw_site.cli.failures import Failure, Misused, Unreachable
from arw_site.cli.output import document, remark, say, table
from arw_site.cli.session import Session, command
from arw_site.cli.values import instant

if TYPE_CHECKING:
    from leases.policy.compiled import Policy
    from leases.policy.replay import FlipGroup, Logged

_REVISION = re.compile(r"[0-9a-f]{7,64}")


class Flipped(Failure):
    """Decisions would flip, and ``--fail-on-flip`` was given."""

    exit_code = 1


def register(app: typer.Typer) -> None:
    """Adds the command to ``arw-cli policy``."""
    command(app, "diff")(diff)


def diff(
    session: Session,
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="A policy file, or the beginning of a revision.")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same.")],
    decisions: Annotated[
        str | None,
        typer.Option("--decisions", metavar="FILE", help="An export; default: the server's log."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only decisions from this instant on.")
    ] = None,
    fail_on_flip: Annotated[
        bool, typer.Option("--fail-on-flip", help="Exit with 1 where a decision would flip.")
    ] = False,
) -> None:
    """Replays logged decisions under two policies and lists those that would flip. Admins.

    Example: arw-cli policy diff policy.json policy-new.json --fail-on-flip
    """
    from leases.policy.replay import flip_groups, flips

    before, after = _policy(session, old), _policy(session, new)
    asked = {"since": None if since is None else instant("--since", since)}
    counted = _Counted()
    with _log(session, decisions, asked) as lines:
        groups = flip_groups(flips(counted.through(_logged(lines)), before, after))
    flipped = sum(group.count for group in groups)
    if session.as_json:
        data = {
            "old": before.revision,
            "new": after.revision,
            "decisions": counted.total,
            "flipped": flipped,
            "flips": [asdict(group) for group in groups],
        }
        document(json.dumps(data, ensure_ascii=False), pretty=session.pretty)
    else:
        _listed(groups)
        say(f"{flipped} of {counted.total} decisions would flip")
    if flipped and fail_on_flip:
        raise Flipped


@contextmanager
def exported(session: Session, query: dict[str, Any]) -> Iterator[Iterator[str]]:
    """The lines of the server's export, as they come."""
    headers = {"Accept": "application/jsonl"}
    with session.api.stream(
        "state", "decisions", "export", query=query, headers=headers
    ) as response:
        kind = response.headers.get("content-type", "no content type")
        if not kind.startswith("application/jsonl"):
            raise Unreachable(f"{session.base}: the answer is no decision log ({kind})")
        yield (line for line in response.iter_lines() if line)


class _Counted:
    """How many decisions went through."""

    def __init__(self) -> None:
        self.total = 0

    def through(self, log: Iterable[Logged]) -> Iterator[Logged]:
        for logged in log:
            self.total += logged.count
            yield logged


@contextmanager
def _log(session: Session, path: str | None, query: dict[str, Any]) -> Iterator[Iterator[str]]:
    if path is None:
        with exported(session, query) as lines:
            yield lines
        return
    if query["since"] is not None:
        raise Misused("--since is for the server's log, not for --decisions")
    try:
        with Path(path).open(encoding="utf-8") as file:
            yield (line for line in file if line.strip())
    except (OSError, UnicodeError) as failure:
        raise Misused(f"{path}: {getattr(failure, 'strerror', None) or failure}") from None


def _logged(lines: Iterable[str]) -> Iterator[Logged]:
    from leases.policy.replay import logged_decision

    for number, line in enumerate(lines, 1):
        try:
            logged = logged_decision(json.loads(line))
        except (ValueError, RecursionError) as failure:
            raise Misused(f"decisions, line {number}: {failure}") from None
        if logged is not None:
            yield logged


def _policy(session: Session, named: str) -> Policy:
    from leases.policy.compiled import policy_compile
    from leases.policy.document import InvalidPolicy, document_of
    from leases.policy.files import policy_file_parse

    path = Path(named)
    if not path.is_file() and _REVISION.fullmatch(named.lower()):
        query = {"revision": named.lower()}
        return policy_compile(document_of(session.api.get("state", "policy", query=query).record))
    try:
        return policy_compile(policy_file_parse(path))
    except InvalidPolicy as failure:
        raise Misused(*(str(fault) for fault in failure.errors)) from None


def _listed(groups: list[FlipGroup]) -> None:
    if not groups:
        remark("nothing flips")
        return
    table(
        ("TIMES", "ACTION", "ACTOR", "PERSONA", "WAS", "WOULD BE"),
        (
            (
                group.count,
                group.action,
                group.actor,
                group.persona_id,
                f"{_verdict(not group.now_allowed)} ({group.old_reason})",
                f"{_verdict(group.now_allowed)} ({group.new_reason})",
            )
            for group in groups
        ),
        empty="",
    )


def _verdict(allowed: bool) -> str:
    return "allowed" if allowed else "refused"
