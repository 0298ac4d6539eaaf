"""Streamable HTTP on this machine alone; every request brings its own token."""

from __future__ import annotations

import os
import re
import socket

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from arw_site.cli.client import Api
from arw_site.cli.failures import Misused
from arw_site.cli.mcp.serving import Context, make_server
from arw_site.cli.output import remark

ADDRESS = "127.0.0.1"
PATH = "/mcp"
LARGEST_REQUEST = 256 * 1024
_BEARER = re.compile(r"bearer +([\x21-\x7e]+) *", re.IGNORECASE)


class BearerOnly:
    """Refuses with 401 whatever brings no bearer token, before any of it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and bearer_token(Headers(scope=scope)) is None:
            refusal = JSONResponse(
                {"title": "Unauthorized", "status": 401, "detail": "bring a bearer token"},
                status_code=401,
                headers={"WWW-Authenticate": "Bearer"},
                media_type="application/problem+json",
            )
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)


def bearer_token(headers: Headers) -> str | None:
    """The token of the one ``Authorization`` header; None where there is none, or several."""
    given = headers.getlist("authorization")
    match = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
    return match[1] if match else None


def run_http(base: str, timeout: float, port: int) -> None:
    """Serves ``http://127.0.0.1:<port>/mcp`` until interrupted; 0 takes any free port.

    No token of this process is used: each call is made with the one that its own request brought.
    Raises ``Misused`` where the port is taken.
    """

    def api_for(context: Context) -> Api:
        token = bearer_token(context.request.headers) if context.request is not None else None
        if token is None:
            # Not reached behind `BearerOnly`; without it this must not become an open door.
            raise PermissionError("a request without a bearer token")
        return Api(base, token, timeout)

    listener = _listener(port)
    port = listener.getsockname()[1]
    app = make_server(api_for).streamable_http_app(
        streamable_http_path=PATH,
        # No sessions: nothing of one caller is there for the next request to find.
        stateless_http=True,
        json_response=True,
        max_request_body_size=LARGEST_REQUEST,
        transport_security=_security(port),
    )
    remark(f"MCP at http://{ADDRESS}:{port}{PATH} for {base}; Ctrl-C ends it")
    config = uvicorn.Config(
        BearerOnly(app), log_config=None, access_log=False, server_header=False, lifespan="on"
    )
    uvicorn.Server(config).run(sockets=[listener])


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port))
    except OSError as failure:
        reason = os.strerror(failure.errno) if failure.errno else failure
        raise Misused(f"--port: {port}: {reason}") from None


def _security(port: int) -> TransportSecuritySettings:
    # A page in a browser here could be pointed at this port under a name of its own.
    hosts = [f"{ADDRESS}:{port}", f"localhost:{port}"]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=hosts,
        allowed_origins=[f"http://{host}" for host in hosts],
    )
