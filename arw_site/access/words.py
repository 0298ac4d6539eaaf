"""The table in words, for the OpenAPI document and for docs/access.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from arw_site.access.pages import PAGES
from arw_site.access.routes import ROUTES
from leases.api.access import Access, Door
from leases.roles import ROLE_RIGHTS, Right, Role


def who_in_words(access: Access) -> str:
    """Who passes the first gate: ``approvers; the author: members``."""
    who = access.needs.value if isinstance(access.needs, Door) else str(lowest_role(access.needs))
    return who if access.owner is None else f"{who}; the author: {lowest_role(access.owner)}"


def allowed_in_words(access: Access) -> str:
    """What policy or a lease must allow, as code; empty where nothing is asked."""
    if access.action is None:
        return ""
    text = f"`{access.action.name}` (`{access.action.capability}`)"
    return f"{text}, but not of the author" if access.owner_is_free else text


def needs_in_words(access: Access) -> str:
    """All of it as one line."""
    parts = [who_in_words(access), allowed_in_words(access)]
    line = " and ".join(part for part in parts if part) + "."
    return f"{line} {access.more}".strip()


def lowest_role(right: Right) -> Role:
    """The least of the three groups that carries ``right``."""
    return next(
        role for role in (Role.MEMBERS, Role.APPROVERS, Role.ADMINS) if right in ROLE_RIGHTS[role]
    )


def routes_table() -> str:
    """The routes as a Markdown table."""
    rows = (
        (f"`{name}`", who_in_words(one), allowed_in_words(one), one.more)
        for name, one in ROUTES.items()
    )
    return _table(("route", "who", "allowed by policy or lease", "besides"), rows)


def pages_table() -> str:
    """The pages as a Markdown table."""
    return _table(("page", "see", "send", "besides"), _page_rows())


def _page_rows() -> Iterator[tuple[str, ...]]:
    for name, page in PAGES.items():
        sent = page.sent
        allowed = allowed_in_words(sent)
        who = who_in_words(sent) + (f"; {allowed}" if allowed else "")
        yield f"`{name}`", who_in_words(page.seen), who, sent.more or page.seen.more


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
