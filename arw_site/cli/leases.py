"""`arw-cli admin lease …`: grant and list; the others are in modules of their own."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arw_site.cli import lease_changes, lease_requests
from arw_site.cli.client import Answer
from arw_site.cli.failures import Misused
from arw_site.cli.notice import agree_to_share
from arw_site.cli.output import one_line, say, table
from arw_site.cli.session import Session, command
from arw_site.cli.values import duration

app = typer.Typer(rich_markup_mode=None)
lease_changes.register(app)
lease_requests.register(app)

LeaseScope = Annotated[
    str | None,
    typer.Option("--scope", help="persona:<id>, <owner kind>:<ref> or an owner kind."),
]
Budget = Annotated[
    int | None, typer.Option("--budget", help="How many writing requests it is good for.")
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Do not ask after the notice that share:persona shows.")
]
TtlSecs = Annotated[int | None, typer.Option("--ttl-secs", help="The same in seconds.")]


@command(app, "grant")
def grant(
    session: Session,
    capability: Annotated[
        str, typer.Argument(metavar="CAP", help="Such as telemetry:persona:workspace.")
    ],
    ttl: Annotated[
        str | None, typer.Option("--ttl", help="How long: 90s, 30m, 1h, 1d. Default 1h.")
    ] = None,
    ttl_secs: TtlSecs = None,
    scope: LeaseScope = None,
    subject: Annotated[
        str | None, typer.Option("--subject", help="A user name or id; default: anyone signed in.")
    ] = None,
    budget: Budget = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why it is lent.")] = None,
    yes: Yes = False,
) -> None:
    """Lends a capability for a while, at most 24 hours."""
    if ttl is not None and ttl_secs is not None:
        raise Misused("--ttl and --ttl-secs say the same: give one")
    seconds = duration("--ttl", ttl) if ttl is not None else ttl_secs
    agree_to_share(session, capability, yes=yes)
    answer = create_lease(
        session,
        capability=capability,
        ttl_secs=seconds,
        scope=scope,
        subject=subject,
        budget=budget,
        reason=reason,
    )
    if not session.shows(answer):
        say(granted_line(capability, answer.record))


def create_lease(session: Session, **fields: Any) -> Answer:
    """``POST /leases`` with the fields that were given."""
    body = {name: value for name, value in fields.items() if value is not None}
    return session.api.post("leases", body=body)


def granted_line(capability: str, lease: dict[str, Any]) -> str:
    """The line that scripts written for the reference server look for."""
    scope = lease.get("scope")
    narrowed = f" (scope: {one_line(scope)})" if scope else ""
    return (
        f"Granted {one_line(capability)} lease {one_line(lease.get('id'))}{narrowed} "
        f"valid until {one_line(lease.get('ttl_until'))}"
    )


@command(app, "list")
def list_leases(
    session: Session,
    everything: Annotated[
        bool, typer.Option("--all", help="Expired and used-up ones too, every page.")
    ] = False,
) -> None:
    """Leases that are live now."""
    query = {"all": everything or None}
    answer = session.pages("state", "leases", query=query, everything=everything)
    if session.shows(answer):
        return
    table(
        ("LEASE", "CAPABILITY", "SUBJECT", "SCOPE", "BUDGET", "VALID UNTIL", "REASON"),
        (
            (
                item.get("id"),
                item.get("capability"),
                item.get("subject"),
                item.get("scope"),
                item.get("budget"),
                item.get("ttl_until"),
                item.get("reason"),
            )
            for item in answer.items
        ),
        empty="no leases",
    )
