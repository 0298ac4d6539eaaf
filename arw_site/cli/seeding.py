"""`arw-cli admin persona seed | grant`, with the flags and words of the reference server."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arw_site.cli.client import Answer
from arw_site.cli.failures import Misused, Refused
from arw_site.cli.leases import Budget, LeaseScope, create_lease, granted_line
from arw_site.cli.notice import show_notice
from arw_site.cli.output import document, remark, say
from arw_site.cli.session import Session, command
from arw_site.cli.values import json_value

app = typer.Typer(rich_markup_mode=None)


def _facet(flag: str) -> Any:
    return Annotated[str | None, typer.Option(flag, metavar="JSON|@FILE", help="A JSON field.")]


@command(app, "grant")
def grant(
    session: Session,
    scope: LeaseScope = None,
    budget: Budget = None,
    ttl_secs: Annotated[int, typer.Option("--ttl-secs", help="How long, in seconds.")] = 3600,
    reason: Annotated[str | None, typer.Option("--reason", help="Why it is lent.")] = None,
) -> None:
    """Lends persona:manage for a while."""
    capability = "persona:manage"
    answer = create_lease(
        session, capability=capability, ttl_secs=ttl_secs, scope=scope, budget=budget, reason=reason
    )
    if not session.shows(answer):
        say(granted_line(capability, answer.record))


@command(app, "seed")
def seed(
    session: Session,
    persona_id: Annotated[str, typer.Option("--id", help="The persona's id.")] = "persona.alpha",
    owner_kind: Annotated[
        str, typer.Option("--owner-kind", help="workspace, project or agent.")
    ] = "workspace",
    owner_ref: Annotated[str, typer.Option("--owner-ref", help="Its identifier.")] = "local",
    name: Annotated[str | None, typer.Option("--name", help="Display name.")] = None,
    archetype: Annotated[str | None, typer.Option("--archetype", help="Such as coach.")] = None,
    traits: _facet("--traits") = None,  # type: ignore[valid-type]
    preferences: _facet("--preferences") = None,  # type: ignore[valid-type]
    worldview: _facet("--worldview") = None,  # type: ignore[valid-type]
    vibe_profile: _facet("--vibe-profile") = None,  # type: ignore[valid-type]
    calibration: _facet("--calibration") = None,  # type: ignore[valid-type]
    enable_telemetry: Annotated[
        bool, typer.Option("--enable-telemetry", help="Grant consent with the creation.")
    ] = False,
    telemetry_scope: Annotated[
        str | None, typer.Option("--telemetry-scope", help="Its scope; default: the owner kind.")
    ] = None,
    state_dir: Annotated[str | None, typer.Option("--state-dir", hidden=True)] = None,
) -> None:
    """Creates a persona through the server, which keeps its history from the first version on."""
    facets = {
        "traits": traits,
        "preferences": preferences,
        "worldview": worldview,
        "vibe_profile": vibe_profile,
        "calibration": calibration,
    }
    body: dict[str, Any] = {"id": persona_id, "owner_kind": owner_kind, "owner_ref": owner_ref}
    body |= {"name": name, "archetype": archetype}
    body |= {
        field: json_value(f"--{field.replace('_', '-')}", text)
        for field, text in facets.items()
        if text is not None
    }
    if state_dir is not None:
        remark("--state-dir is ignored: records are created through the server")
    if telemetry_scope is not None and not enable_telemetry:
        raise Misused("--telemetry-scope needs --enable-telemetry")
    if enable_telemetry:
        _enable(body, telemetry_scope or owner_kind)
        show_notice(session)
    created = session.api.post("admin", "persona", body=body)
    _show(session, created, telemetry=enable_telemetry)


def _enable(body: dict[str, Any], scope: str) -> None:
    here: Any = body
    for key in ("preferences", "telemetry"):
        here = here.setdefault(key, {})
        if not isinstance(here, dict):
            raise Misused("--preferences: must be an object to enable telemetry in")
    here["vibe"] = {"enabled": True, "scope": scope}


def _show(session: Session, created: Answer, *, telemetry: bool) -> None:
    try:
        preview = session.api.get("state", "persona", str(created.record.get("id")))
    except Refused:
        preview = None  # created, though who created it may not read it
    if session.as_json:
        both = f'{{"entry":{created.text}' + (f',"preview":{preview.text}' if preview else "") + "}"
        document(both, pretty=session.pretty)
        return
    from arw_site.cli.seed_text import preview_lines, seeded_lines

    say(*seeded_lines(created.record, telemetry=telemetry))
    if preview:
        say(*preview_lines(preview.record))
