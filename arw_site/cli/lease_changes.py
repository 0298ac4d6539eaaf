"""`arw-cli admin lease renew | revoke | revoke-prefix`: leases that are lent already."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arw_site.cli.failures import Misused
from arw_site.cli.output import one_line, say
from arw_site.cli.session import Session, command
from arw_site.cli.values import duration

LeaseId = Annotated[str, typer.Argument(metavar="LEASE", help="From `admin lease list`.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why.")]
Ttl = Annotated[str | None, typer.Option("--ttl", help="How long: 90s, 30m, 1h, 1d. Default 1h.")]
TtlSecs = Annotated[int | None, typer.Option("--ttl-secs", help="The same in seconds.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to ``arw-cli admin lease``."""
    command(app, "renew")(renew)
    command(app, "revoke")(revoke)
    command(app, "revoke-prefix")(revoke_prefix)


def seconds(ttl: str | None, ttl_secs: int | None) -> int | None:
    """The seconds that the one or the other option says. Raises ``Misused`` for both."""
    if ttl is not None and ttl_secs is not None:
        raise Misused("--ttl and --ttl-secs say the same: give one")
    return duration("--ttl", ttl) if ttl is not None else ttl_secs


def given(**fields: Any) -> dict[str, Any]:
    """A body of the fields that were given."""
    return {name: value for name, value in fields.items() if value is not None}


def renew(
    session: Session,
    lease_id: LeaseId,
    ttl: Ttl = None,
    ttl_secs: TtlSecs = None,
    reason: Reason = None,
) -> None:
    """Makes a live lease last longer, from now on, up to the life that the server allows.

    Example: arw-cli admin lease renew 2611d904-901e-4e0b-9686-2b5cba12832c --ttl 1h
    """
    body = given(ttl_secs=seconds(ttl, ttl_secs), reason=reason)
    answer = session.api.post("leases", lease_id, "renew", body=body)
    if not session.shows(answer):
        until = one_line(answer.record.get("ttl_until"))
        say(f"Renewed lease {one_line(answer.record.get('id'))} valid until {until}")


def revoke(session: Session, lease_id: LeaseId, reason: Reason = None) -> None:
    """Ends a lease with the very next decision. Doing it again changes nothing.

    Example: arw-cli admin lease revoke 2611d904-901e-4e0b-9686-2b5cba12832c
    """
    answer = session.api.delete("leases", lease_id, body=given(reason=reason) or None)
    if not session.shows(answer):
        say(f"Revoked lease {lease_id}")


def revoke_prefix(
    session: Session,
    prefix: Annotated[
        str, typer.Argument(metavar="PREFIX", help="What the capabilities begin with.")
    ],
    reason: Reason = None,
) -> None:
    """Ends every live lease whose capability begins so.

    Example: arw-cli admin lease revoke-prefix telemetry:persona: --reason incident
    """
    answer = session.api.post("leases", "revoke", body=given(prefix=prefix, reason=reason))
    if session.shows(answer):
        return
    for item in answer.items:
        say(f"Revoked {one_line(item.get('capability'))} lease {one_line(item.get('id'))}")
    say(f"{one_line(answer.record.get('revoked'))} revoked")
