"""`arw-cli policy …`: what decides, what it would say, and what it did say."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arw_site.cli import policy_diff
from arw_site.cli.failures import Misused
from arw_site.cli.lease_changes import Reason, given
from arw_site.cli.output import document, facts, one_line, plain, remark, say, table
from arw_site.cli.session import Session, command
from arw_site.cli.values import instant

app = typer.Typer(rich_markup_mode=None)
policy_diff.register(app)


@command(app, "show")
def show(
    session: Session,
    revision: Annotated[
        str | None, typer.Option("--revision", help="Another one that was in force; admins.")
    ] = None,
) -> None:
    """What is in force on the server.

    Example: arw-cli policy show --pretty
    """
    answer = session.api.get("state", "policy", query={"revision": revision})
    if session.shows(answer):
        return
    found = answer.record
    say(*facts((name, found.get(name)) for name in ("mode", "revision", "loaded_at", "allow_all")))
    if found.get("halted"):
        say(f"telemetry is stopped: {one_line(found.get('halt_reason'))}")
    for rule in found.get("lease_rules") or []:
        say(f"{one_line(rule.get('kind_prefix'))}* needs {one_line(rule.get('capability'))}")
    cedar = found.get("cedar")
    if cedar:
        say("", *plain(str(cedar.get("policy"))).rstrip("\n").split("\n"))


@command(app, "simulate")
def simulate(
    session: Session,
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="Such as telemetry.persona.workspace.")
    ],
    resource: Annotated[str | None, typer.Option("--resource", help="A persona's id.")] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", help="A user name or id; default: you. Admins.")
    ] = None,
) -> None:
    """Would it be allowed, and why? Nothing is written or spent.

    Example: arw-cli policy simulate persona.manage --resource persona.ines --subject alice
    """
    body = given(action=action, resource=resource, subject=subject)
    answer = session.api.post("policy", "simulate", body=body)
    if not session.shows(answer):
        verdict = "allowed" if answer.record.get("allow") else "refused"
        say(f"{verdict}: {one_line(answer.record.get('explanation'))}")


@command(app, "reload")
def reload(session: Session) -> None:
    """Reads the server's policy file again. One that is not valid changes nothing.

    Example: arw-cli policy reload
    """
    answer = session.api.post("policy", "reload")
    if not session.shows(answer):
        policy = answer.record.get("policy") or {}
        say(f"In force: {one_line(policy.get('revision'))} ({one_line(policy.get('mode'))})")


@command(app, "kill-switch")
def kill_switch(
    session: Session,
    engage: Annotated[
        bool | None,
        typer.Option("--engage/--lift", help="Stop all telemetry, or let it run again."),
    ] = None,
    reason: Reason = None,
    restore_leases: Annotated[
        bool, typer.Option("--restore-leases", help="With --lift: give back what it revoked.")
    ] = False,
) -> None:
    """Stops telemetry on every node and revokes its leases; or lifts the stop.

    Example: arw-cli policy kill-switch --engage --reason "incident 42"
    """
    if engage is None:
        raise Misused("say --engage or --lift")
    if engage and not reason:
        raise Misused("--engage needs a --reason")
    if engage and restore_leases:
        raise Misused("--restore-leases goes with --lift")
    body = given(engaged=engage, reason=reason, restore_leases=restore_leases or None)
    answer = session.api.post("policy", "kill-switch", body=body)
    if not session.shows(answer):
        say("Telemetry is stopped" if engage else "Telemetry runs again")


@command(app, "decisions")
def decisions(
    session: Session,
    actor: Annotated[str | None, typer.Option("--actor", help="A user name or id.")] = None,
    action: Annotated[
        str | None, typer.Option("--action", help="Such as persona.manage, or telemetry. for all.")
    ] = None,
    persona: Annotated[str | None, typer.Option("--persona", help="A persona's id.")] = None,
    allowed: Annotated[
        bool | None, typer.Option("--allowed/--refused", help="Only the one or the other.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Such as policy_forbid.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="An instant.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="An instant.")] = None,
    lease: Annotated[str | None, typer.Option("--lease", help="Allowed by this lease.")] = None,
    revision: Annotated[
        str | None, typer.Option("--revision", help="The beginning of a policy's revision.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="At most 500; default 50.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every page.")] = False,
    export: Annotated[
        bool, typer.Option("--export", help="JSON Lines, the oldest first: all that match.")
    ] = False,
) -> None:
    """The decision log: what was refused, and what let a change through. Admins.

    Example: arw-cli policy decisions --refused --since 2027-01-31T00:00:00Z
    """
    query: dict[str, Any] = {
        "actor": actor,
        "action": action,
        "persona": persona,
        "allowed": None if allowed is None else str(allowed).lower(),
        "reason": reason,
        "since": None if since is None else instant("--since", since),
        "until": None if until is None else instant("--until", until),
        "lease": lease,
        "revision": revision,
    }
    if export:
        with policy_diff.exported(session, query) as lines:
            for line in lines:
                document(line, pretty=False)
        return
    answer = session.pages(
        "state", "decisions", query={**query, "limit": limit}, everything=everything
    )
    if not session.shows(answer):
        _listed(answer.items)
        if not everything and answer.record.get("next"):
            remark("there are more: --all, or --limit")


def _listed(items: list[dict[str, Any]]) -> None:
    table(
        ("AT", "TIMES", "ACTOR", "ACTION", "PERSONA", "VERDICT", "REASON", "LEASE"),
        (
            (
                item.get("at"),
                item.get("count"),
                item.get("actor"),
                item.get("action"),
                item.get("persona_id"),
                "allowed" if item.get("allowed") else "refused",
                item.get("reason"),
                item.get("lease_id"),
            )
            for item in items
        ),
        empty="no decisions",
    )
