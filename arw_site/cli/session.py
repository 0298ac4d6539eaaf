"""The options that every command has, and what a command does with an answer."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import typer

from arw_site.cli import output
from arw_site.cli.client import Answer, Api
from arw_site.cli.failures import Misused

DEFAULT_BASE = "http://127.0.0.1:8091"
LONGEST_TIMEOUT = 3600


@dataclass(frozen=True)
class Session:
    """Which server, as whom, and how to print."""

    base: str
    token: str | None
    timeout: float
    as_json: bool
    pretty: bool

    @cached_property
    def api(self) -> Api:
        if not 0 < self.timeout <= LONGEST_TIMEOUT:
            raise Misused(f"--timeout: must be above 0 and at most {LONGEST_TIMEOUT} seconds")
        return Api(self.base, self.token, self.timeout)

    def shows(self, answer: Answer) -> bool:
        """Prints the server's JSON when it was asked for; False leaves the words to the command."""
        if self.as_json:
            output.document(answer.text, pretty=self.pretty)
        return self.as_json

    def pages(self, *place: str, query: dict[str, Any], everything: bool) -> Answer:
        """One page of a list, or all of it."""
        fetch = self.api.every if everything else self.api.get
        return fetch(*place, query=query)


def _option(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


_COMMON = [
    _option(
        "base",
        Annotated[str, typer.Option("--base", envvar="ARW_BASE", help="The server's address.")],
        DEFAULT_BASE,
    ),
    _option(
        "token",
        Annotated[
            str | None,
            typer.Option(
                "--admin-token",
                "--token",
                envvar=["ARW_ADMIN_TOKEN", "ARW_TOKEN"],
                metavar="TOKEN",
                help="An API token.",
            ),
        ],
        None,
    ),
    _option(
        "timeout",
        Annotated[float, typer.Option("--timeout", help="Seconds to wait for an answer.")],
        5.0,
    ),
    _option(
        "as_json",
        Annotated[bool, typer.Option("--json", help="Print the server's JSON.")],
        False,
    ),
    _option(
        "pretty",
        Annotated[bool, typer.Option("--pretty", help="Indent it; implies --json.")],
        False,
    ),
]


def command(app: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers ``function(session, ...)`` as a command, with the common options added."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]

        @functools.wraps(function)
        def run(**given: Any) -> None:
            names = ("base", "token", "timeout", "as_json", "pretty")
            common = {name: given.pop(name) for name in names}
            common["as_json"] = common["as_json"] or common["pretty"]
            function(Session(**common), **given)

        keyword_only = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
        parameters = [*keyword_only, *_COMMON]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        # Types and not their spelling: typer would evaluate every annotation again, twice.
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        del run.__wrapped__
        app.command(name)(run)
        return function

    return register
