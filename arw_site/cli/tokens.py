"""`arw-cli admin token create | list | revoke`: the API tokens of whoever asks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arw_site.cli.output import one_line, remark, say, table
from arw_site.cli.session import Session, command
from arw_site.cli.values import moment

app = typer.Typer(rich_markup_mode=None)


@command(app, "create")
def create(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    expires: Annotated[
        str | None,
        typer.Option("--expires", help="30d, or an instant such as 2027-01-31T12:00:00Z."),
    ] = None,
) -> None:
    """Makes a token. It is printed once, alone on stdout; the server keeps only its hash."""
    body: dict[str, Any] = {"name": name}
    if expires is not None:
        body["expires"] = moment("--expires", expires)
    answer = session.api.post("tokens", body=body)
    if session.shows(answer):
        return
    remark(
        f"Token {one_line(answer.record.get('name'))} ({one_line(answer.record.get('id'))}), valid "
        f"until {one_line(answer.record.get('expires'))}. It is shown only now:"
    )
    say(str(answer.record.get("token")))


@command(app, "list")
def list_tokens(session: Session) -> None:
    """Your tokens; not the secrets."""
    answer = session.api.get("state", "tokens")
    if session.shows(answer):
        return
    table(
        ("ID", "NAME", "CREATED", "EXPIRES", "LAST USED"),
        (
            tuple(item.get(key) for key in ("id", "name", "created", "expires", "last_used"))
            for item in answer.items
        ),
        empty="no tokens",
    )


@command(app, "revoke")
def revoke(
    session: Session,
    token_id: Annotated[str, typer.Argument(metavar="ID", help="From the list.")],
) -> None:
    """Ends a token with the next request."""
    answer = session.api.delete("tokens", token_id)
    if not session.shows(answer):
        say(f"Revoked token {token_id}")
