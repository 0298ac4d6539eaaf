"""`arw-cli mcp` on standard input and output."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.cli.conftest import Desk, Foreign, cli, lines
from tests.cli.mcp.conftest import COMMAND, ERAS, Open, done, refused, told
from tests.cli.mcp.test_tools import READING, ROUTES
from tests.services.processes import free_port
from tests.services.server import ROOT


@pytest.mark.parametrize("mode", ERAS)
async def test_it_lists_its_tools(over_stdio: Open, mode: str) -> None:
    async with over_stdio(mode=mode) as client:
        listed = (await client.list_tools()).tools
        info = client.server_info

    assert info.name == "arw"
    assert [tool.name for tool in listed] == list(ROUTES)
    for tool in listed:
        assert tool.title
        assert tool.description
        assert tool.output_schema
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is (tool.name in READING)
        assert tool.annotations.destructive_hint is False
        assert tool.annotations.open_world_hint is False


@pytest.mark.parametrize("mode", ERAS)
async def test_it_reads_and_proposes_as_the_owner_of_the_token(
    desk: Desk, over_stdio: Open, mode: str
) -> None:
    persona_id = f"mcp.stdio.{mode}"
    before = desk.seed(persona_id)
    async with over_stdio("alice", mode=mode) as client:
        page = done(await client.call_tool("persona_list", {"limit": 1}))
        shown = done(await client.call_tool("persona_show", {"persona_id": persona_id}))
        made = done(
            await client.call_tool(
                "persona_propose",
                {"persona_id": persona_id, "diff": {"name": "Wren"}, "rationale": "A name."},
            )
        )

    assert len(page["items"]) == 1
    assert page["next"]
    assert (shown["id"], shown["version"]) == (persona_id, before["version"])
    proposal = desk.get(f"/state/proposals/{made['proposal_id']}").json()
    assert proposal["status"] == "pending"
    assert proposal["rationale"] == "A name."
    assert proposal["submitted_by"] == principal(desk, "alice")
    assert desk.record(persona_id)["version"] == before["version"]
    assert desk.record(persona_id)["name"] == before["name"]


def principal(desk: Desk, who: str) -> str:
    """The id that proposals name somebody by."""
    made = desk.propose("persona.tomas", {"archetype": f"asked {free_port()}"})
    proposal = desk.get(f"/state/proposals/{made}").json()
    desk("persona", "withdraw", made, who=who)
    return proposal["submitted_by"]


async def test_it_gives_feedback_once_for_a_key(desk: Desk, over_stdio: Open) -> None:
    desk.seed("mcp.vibe", "--enable-telemetry")
    arguments = {
        "persona_id": "mcp.vibe", "signal": "warmer", "strength": 0.7, "note": "kinder",
        "kind": "retro", "idempotency_key": "once",
    }  # fmt: skip
    async with over_stdio("alice") as client:
        first = done(await client.call_tool("persona_feedback", arguments))
        again = done(await client.call_tool("persona_feedback", arguments))

    assert first == again == {"status": "accepted", "count": 1}
    [sample] = desk.get("/state/persona/mcp.vibe/vibe_history").json()["items"]
    assert (sample["signal"], sample["strength"]) == ("warmer", 0.7)
    assert (sample["note"], sample["kind"]) == ("kinder", "retro")


async def test_it_tells_a_refusal_as_the_server_did(desk: Desk, over_stdio: Open) -> None:
    before = desk.seed("mcp.refused")
    async with over_stdio("alice") as client:
        feedback = await client.call_tool(
            "persona_feedback", {"persona_id": "mcp.refused", "signal": "warmer"}
        )
        diff = await client.call_tool(
            "persona_propose",
            {
                "persona_id": "mcp.refused",
                "diff": [{"op": "replace", "path": "/version", "value": 9}],
                "rationale": "r",
            },
        )
        missing = await client.call_tool("persona_show", {"persona_id": "mcp.nobody"})

    assert refused(feedback)["title"] == "Telemetry Disabled"
    assert refused(feedback)["status"] == 412
    problem = refused(diff)
    assert (problem["title"], problem["status"]) == ("Immutable Field", 400)
    [fault] = problem["errors"]
    assert fault["pointer"] in told(diff)
    assert fault["detail"] in told(diff)
    assert (refused(missing)["title"], refused(missing)["status"]) == ("Persona Not Found", 404)
    for result in (feedback, diff, missing):
        assert told(result).startswith(f"{refused(result)['title']}: ")
        assert "Traceback" not in told(result)
    record = desk.record("mcp.refused")
    assert (record["version"], record["pending_proposals"]) == (before["version"], [])


async def test_it_says_so_when_the_server_has_gone(
    over_stdio: Open, foreign: Callable[..., Foreign]
) -> None:
    other = foreign(200, b'{"items": [], "next": null}', "application/json")
    async with over_stdio(base=other.base) as client:
        there = done(await client.call_tool("persona_list", {}))
        other.stop()
        gone = await client.call_tool("persona_list", {})

    assert there == {"items": [], "next": None}
    assert refused(gone)["title"] == "Unreachable"
    assert other.base in told(gone)


@pytest.mark.parametrize(
    ("arguments", "token", "code", "says"),
    [
        ([], "", 2, "mcp: acts as the owner of a token: set ARW_TOKEN"),
        (["--json"], "alice", 2, "mcp: speaks JSON-RPC; --json and --pretty do not go with it"),
        (["--port", "8092"], "alice", 2, "--port: goes with --http only"),
        (["--http", "--port", "65536"], "alice", 2, "--port: must be between 0 and 65535"),
    ],
)
def test_it_does_not_start_when_it_makes_no_sense(
    desk: Desk, arguments: list[str], token: str, code: int, says: str
) -> None:
    given = {"ARW_ADMIN_TOKEN": desk.tokens[token]} if token else {}

    ended = cli("mcp", "--base", desk.server.base, *arguments, env=given)

    assert (ended.returncode, ended.stdout, lines(ended.stderr)) == (code, "", [says])


def test_it_does_not_start_where_every_tool_would_fail(desk: Desk) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    unknown = {"ARW_TOKEN": "x" * 20}

    gone = cli("mcp", "--base", nowhere, env=unknown)
    gone_too = cli("mcp", "--http", "--base", nowhere)
    wrong = cli("mcp", "--base", desk.server.base, env=unknown)
    stranger = desk("mcp", who="charlie")

    assert (gone.returncode, gone_too.returncode) == (3, 3)
    assert gone.stderr == gone_too.stderr == f"cannot reach {nowhere}: Connection refused\n"
    assert (wrong.returncode, stranger.returncode) == (1, 1)
    assert "Unauthorized" in wrong.stderr
    assert "Forbidden" in stranger.stderr


def test_it_ends_with_its_input(desk: Desk) -> None:
    ended = desk("mcp", who="alice", stdin="no json\n")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert httpx.get(f"{desk.server.base}/healthz", timeout=60).status_code == 200


def started(desk: Desk, **streams: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *COMMAND], cwd=ROOT, env=desk.env("alice"), text=True,
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, **streams,
    )  # fmt: skip


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "tests", "version": "0"},
    },
}


def test_it_ends_quietly_when_nobody_reads_its_answers(desk: Desk) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = started(desk, stdout=writing)
    os.close(writing)

    _, said = process.communicate(json.dumps(HELLO) + "\n", timeout=180)

    assert (process.returncode, said) == (0, "")


def test_it_ends_at_once_when_it_is_interrupted(desk: Desk) -> None:
    with started(desk, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(json.dumps(HELLO) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1
        process.send_signal(signal.SIGINT)

        # Its input is still open: it does not wait for more of it.
        assert process.wait(timeout=60) == -signal.SIGINT
        assert process.stderr.read() == ""
