"""`arw-cli mcp [--http [--port N]]`."""

from __future__ import annotations

from typing import Annotated

import typer

from arw_site.cli.failures import Misused
from arw_site.cli.output import remark
from arw_site.cli.session import Session, command

DEFAULT_PORT = 8092


def register(app: typer.Typer) -> None:
    """Adds the command to ``arw-cli``."""
    command(app, "mcp")(serve)


def serve(
    session: Session,
    http: Annotated[
        bool,
        typer.Option("--http", help="Streamable HTTP on 127.0.0.1; each request brings its token."),
    ] = False,
    port: Annotated[
        int | None, typer.Option("--port", help=f"With --http. Default {DEFAULT_PORT}.")
    ] = None,
) -> None:
    """Offers personas and memory as MCP tools, on standard input and output or over HTTP."""
    if session.as_json:
        raise Misused("mcp: speaks JSON-RPC; --json and --pretty do not go with it")
    if port is not None and not http:
        raise Misused("--port: goes with --http only")
    if port is not None and not 0 <= port <= 65535:
        raise Misused("--port: must be between 0 and 65535")
    if http:
        _serve_http(session, DEFAULT_PORT if port is None else port)
    else:
        _serve_stdio(session)


def _serve_stdio(session: Session) -> None:
    if not session.token:
        raise Misused("mcp: acts as the owner of a token: set ARW_TOKEN")
    # What would fail with every tool fails now, where whoever sets this up can see it.
    session.api.get("state", "persona", query={"limit": 1})
    from arw_site.cli.client import Api
    from arw_site.cli.mcp.serving import quiet_logs, run_stdio

    quiet_logs()
    run_stdio(lambda _: Api(session.base, session.token, session.timeout))


def _serve_http(session: Session, port: int) -> None:
    if session.token:
        remark(
            "The token given to this command is not used: with --http each request brings its own"
        )
    Session(session.base, None, session.timeout, as_json=False, pretty=False).api.get("healthz")
    from arw_site.cli.mcp.http import run_http
    from arw_site.cli.mcp.serving import quiet_logs

    quiet_logs()
    run_http(session.base, session.timeout, port)
