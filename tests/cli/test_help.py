"""Help: complete, and quick because it loads next to nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from arw_site.cli.main import app
from tests.cli.conftest import cli
from tests.services.server import ROOT, run

PROBE = """
import sys
from arw_site.cli.main import main
code = main([*sys.argv[1:], "--help"])
heavy = ("django", "rest_framework", "httpx", "rich", "rfc8785", "jsonpatch", "jsonschema_rs", "mcp", "anyio")
print(code, sorted(name for name in sys.modules if name in heavy), file=sys.stderr)
"""
COMMANDS = [
    "persona list", "persona show", "persona history", "persona proposals", "persona proposal",
    "persona propose", "persona approve", "persona reject", "persona feedback",
    "persona revise", "persona withdraw", "persona comment", "persona request-changes",
    "persona diff", "persona restore", "persona verify",
    "persona telemetry", "persona metrics", "persona vibe-history", "persona import",
    "admin persona seed", "admin persona grant", "admin lease grant", "admin lease list",
    "admin lease renew", "admin lease revoke", "admin lease revoke-prefix",
    "admin lease request", "admin lease requests", "admin lease grant-request",
    "admin lease deny-request", "policy show", "policy simulate", "policy reload",
    "policy kill-switch", "policy decisions", "policy diff",
    "admin token create", "admin token list", "admin token revoke", "events tail",
    "memory upsert", "memory search", "memory show", "memory erase", "mcp",
]  # fmt: skip


@pytest.mark.parametrize("words", ["", "persona", "admin", "admin persona", "persona propose"])
def test_it_helps_without_loading_django_httpx_or_rich(words: str) -> None:
    done = run([sys.executable, "-c", PROBE, *words.split()], {"PATH": "/usr/bin:/bin"})

    assert done.stderr.strip() == "0 []"
    assert "Usage: arw-cli" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_it_has_the_common_options_everywhere(command: str) -> None:
    done = cli(*command.split(), "--help")

    assert done.returncode == 0
    assert done.stderr == ""
    for option in ("--base", "--admin-token", "--timeout", "--json", "--pretty"):
        assert option in done.stdout
    assert "ARW_BASE" in done.stdout
    assert "http://127.0.0.1:8091" in done.stdout


def test_it_ends_quietly_when_nobody_reads_the_help() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "arw_site.cli", "--help"]
    done = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)

    assert (done.returncode, done.stderr) == (0, "")


def leaves(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


def test_it_is_documented_whole() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    found = dict(leaves(typer.main.get_command(app)))

    assert sorted(found) == sorted(COMMANDS)
    assert [name for name in found if f"`{name}" not in text] == []
    options = {
        option
        for command in found.values()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }
    assert sorted(option for option in options if option not in text) == []
