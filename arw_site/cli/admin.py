"""`arw-cli admin …`: what administrators do, and one's own tokens."""

from __future__ import annotations

import typer

from arw_site.cli import leases, seeding, tokens

app = typer.Typer(rich_markup_mode=None)
app.add_typer(seeding.app, name="persona", help="Seed a persona, grant persona:manage.")
app.add_typer(leases.app, name="lease", help="Capabilities lent for a while.")
app.add_typer(tokens.app, name="token", help="Your own API tokens.")
