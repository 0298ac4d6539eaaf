"""Options that several commands of `runner telemetry` share."""

import os
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
ActorId = Annotated[
    str | None,
    typer.Option(
        "--actor-id",
        help="Who acts, for example human:jordan; else the environment's CLAWSPA_ACTOR_ID.",
        show_default=False,
    ),
]


def acting(actor_id: str | None) -> str | None:
    """The actor that was named, or the environment's; None where neither names one."""
    return actor_id or os.environ.get("CLAWSPA_ACTOR_ID") or None
