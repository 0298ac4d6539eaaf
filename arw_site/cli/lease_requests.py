"""`arw-cli admin lease request | requests | grant-request | deny-request`."""

from __future__ import annotations

from typing import Annotated

import typer

from arw_site.cli.lease_changes import Reason, Ttl, TtlSecs, given, seconds
from arw_site.cli.notice import agree_to_share
from arw_site.cli.output import one_line, say, table
from arw_site.cli.session import Session, command

RequestId = Annotated[str, typer.Argument(metavar="REQUEST", help="From `admin lease requests`.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to ``arw-cli admin lease``."""
    command(app, "request")(request)
    command(app, "requests")(requests)
    command(app, "grant-request")(grant_request)
    command(app, "deny-request")(deny_request)


def request(
    session: Session,
    capability: Annotated[
        str, typer.Argument(metavar="CAP", help="Such as telemetry:persona:workspace.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why it is needed.")],
    ttl: Ttl = None,
    ttl_secs: TtlSecs = None,
    scope: Annotated[
        str | None,
        typer.Option("--scope", help="persona:<id>, <owner kind>:<ref> or an owner kind."),
    ] = None,
    budget: Annotated[
        int | None, typer.Option("--budget", help="How many writing requests it is good for.")
    ] = None,
) -> None:
    """Asks for a lease for yourself. Its time starts when it is granted.

    Example: arw-cli admin lease request persona:manage --ttl 2h --reason "tone review"
    """
    body = given(
        capability=capability,
        scope=scope,
        ttl_secs=3600 if ttl is None and ttl_secs is None else seconds(ttl, ttl_secs),
        budget=budget,
        reason=reason,
    )
    answer = session.api.post("leases", "requests", body=body)
    if not session.shows(answer):
        say(f"Asked for {one_line(capability)}: request {one_line(answer.record.get('id'))}")


def requests(
    session: Session,
    status: Annotated[
        str | None, typer.Option("--status", help="pending, granted, denied or cancelled.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every page.")] = False,
) -> None:
    """Requests for leases: your own, or everybody's for an admin.

    Example: arw-cli admin lease requests --status pending
    """
    answer = session.pages(
        "state", "lease-requests", query={"status": status}, everything=everything
    )
    if session.shows(answer):
        return
    names = ("id", "requester", "capability", "scope", "ttl_secs", "status", "reason")
    heads = ("REQUEST", "BY", "CAPABILITY", "SCOPE", "SECONDS", "STATUS", "REASON")
    table(heads, ([item.get(name) for name in names] for item in answer.items), empty="no requests")


def grant_request(
    session: Session,
    request_id: RequestId,
    ttl: Ttl = None,
    ttl_secs: TtlSecs = None,
    reason: Reason = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask after the notice that share:persona shows.")
    ] = False,
) -> None:
    """Lends what was asked for, from now on, for as long as was asked or as you say.

    Example: arw-cli admin lease grant-request 5f3bd46a-1c64-4b7e-9b39-6a0a2a0f8c11 --ttl 30m
    """
    body = given(ttl_secs=seconds(ttl, ttl_secs), reason=reason)
    agree_to_share(session, _asked_for(session, request_id), yes=yes)
    answer = session.api.post("leases", "requests", request_id, "grant", body=body)
    if not session.shows(answer):
        lease = answer.record.get("lease") or answer.record
        lease_id = lease.get("id") if isinstance(lease, dict) else lease
        say(f"Granted request {request_id}: lease {one_line(lease_id)}")


def _asked_for(session: Session, request_id: str) -> str:
    """The capability that a pending request asks for; empty where there is no such request."""
    waiting = session.pages("state", "lease-requests", query={"status": "pending"}, everything=True)
    found = (one for one in waiting.items if str(one.get("id")).lower() == request_id.lower())
    return str(next(found, {}).get("capability") or "")


def deny_request(
    session: Session,
    request_id: RequestId,
    reason: Annotated[str, typer.Option("--reason", help="Why not.")],
) -> None:
    """Refuses what was asked for, and says why.

    Example: arw-cli admin lease deny-request 5f3bd46a-1c64-4b7e-9b39-6a0a2a0f8c11 --reason late
    """
    answer = session.api.post("leases", "requests", request_id, "deny", body={"reason": reason})
    if not session.shows(answer):
        say(f"Denied request {request_id}")
