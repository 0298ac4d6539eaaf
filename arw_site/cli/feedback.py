"""`arw-cli persona feedback | telemetry | metrics | vibe-history`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arw_site.cli.failures import Misused
from arw_site.cli.notice import agree_to_grant
from arw_site.cli.output import facts, one_line, say, table
from arw_site.cli.session import Session, command
from arw_site.cli.values import finite, json_file, json_object

PersonaId = Annotated[str, typer.Argument(metavar="ID", help="The persona's id.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to ``arw-cli persona``."""
    command(app, "feedback")(feedback)
    command(app, "telemetry")(telemetry)
    command(app, "metrics")(metrics)
    command(app, "vibe-history")(vibe_history)


def feedback(
    session: Session,
    persona_id: PersonaId,
    signal: Annotated[
        str | None, typer.Option("--signal", help="Such as warmer, cooler, faster, slower.")
    ] = None,
    strength: Annotated[float | None, typer.Option("--strength", help="From 0 to 1.")] = None,
    note: Annotated[str | None, typer.Option("--note", help="In your own words.")] = None,
    metadata: Annotated[
        str | None, typer.Option("--metadata", metavar="JSON|@FILE", help="An object.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="A label for the samples.")] = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file", help="JSON file with one sample or an array of them; - reads standard input."
        ),
    ] = None,
    idempotency_key: Annotated[
        str | None,
        typer.Option("--idempotency-key", help="A repeat with the same key counts once."),
    ] = None,
) -> None:
    """Says how a persona comes across."""
    sample = {"signal": signal, "strength": finite("--strength", strength), "note": note}
    given: Any = {name: value for name, value in sample.items() if value is not None}
    if metadata is not None:
        given["metadata"] = json_object("--metadata", metadata)
    if file is not None:
        if given:
            raise Misused(
                "--file holds whole samples: it does not go with --signal, --strength, "
                "--note or --metadata"
            )
        given = json_file(file)
    elif not given:
        raise Misused("nothing to say: give --signal, --strength, --note or --file")
    headers = {"Idempotency-Key": idempotency_key} if idempotency_key is not None else {}
    answer = session.api.post(
        "persona", persona_id, "feedback", body=given, query={"kind": kind}, headers=headers
    )
    if not session.shows(answer):
        count = answer.record.get("count")
        say(f"Accepted {count} sample{'' if count == 1 else 's'} for persona {persona_id}")


def telemetry(
    session: Session,
    persona_id: PersonaId,
    enable: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Grant or withdraw consent.")
    ] = None,
    scope: Annotated[
        str | None, typer.Option("--scope", help="The scope; default: the kind of owner.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask after the notice.")] = False,
    attested: Annotated[
        bool,
        typer.Option(
            "--accessibility-attested",
            help="The interface that takes feedback offers on-screen alternatives.",
        ),
    ] = False,
) -> None:
    """Grants or withdraws consent to feedback telemetry."""
    if enable is None:
        raise Misused("say which: --enable or --disable")
    body: dict[str, Any] = {"enabled": enable}
    if scope is not None:
        body["scope"] = scope
    if enable:
        agree_to_grant(session, f"This turns vibe telemetry on for persona {persona_id}.", yes=yes)
        if attested:
            body["accessibility_attested"] = True
    answer = session.api.post("admin", "persona", persona_id, "telemetry", body=body)
    if session.shows(answer):
        return
    if enable:
        vibe = _vibe(answer.record)
        say(f"Telemetry enabled for persona {persona_id} (scope: {one_line(vibe.get('scope'))})")
    else:
        say(f"Telemetry disabled for persona {persona_id}")


def metrics(session: Session, persona_id: PersonaId) -> None:
    """What the feedback so far adds up to."""
    answer = session.api.get("state", "persona", persona_id, "vibe_metrics")
    if session.shows(answer):
        return
    data = answer.record
    names = ("total_feedback", "average_strength", "last_signal", "last_strength", "last_updated",
             "since", "retain_max")  # fmt: skip
    say(*facts((name, data.get(name)) for name in names))
    counts = data.get("signal_counts") or {}
    weights, strengths = data.get("signal_weights") or {}, data.get("signal_strength") or {}
    if counts:
        table(
            ("SIGNAL", "COUNT", "WEIGHT", "STRENGTH"),
            (
                (name, count, _two(weights.get(name)), _two(strengths.get(name)))
                for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            ),
            empty="",
        )


def vibe_history(
    session: Session,
    persona_id: PersonaId,
    limit: Annotated[int | None, typer.Option("--limit", help="How many, newest first.")] = None,
) -> None:
    """The newest samples that are kept."""
    answer = session.api.get("state", "persona", persona_id, "vibe_history", query={"limit": limit})
    if session.shows(answer):
        return
    table(
        ("RECORDED AT", "SIGNAL", "STRENGTH", "KIND", "NOTE"),
        (
            (
                item.get("recorded_at"),
                item.get("signal"),
                _two(item.get("strength")),
                item.get("kind"),
                item.get("note"),
            )
            for item in answer.items
        ),
        empty="no samples are kept",
    )


def _vibe(data: dict[str, Any]) -> dict[str, Any]:
    vibe: Any = data
    for key in ("preferences", "telemetry", "vibe"):
        vibe = vibe.get(key) if isinstance(vibe, dict) else None
    return vibe if isinstance(vibe, dict) else {}


def _two(number: Any) -> str | None:
    return f"{number:.2f}" if isinstance(number, int | float) else None
