"""`arw-cli mcp --http`: every request with its own token, and only from this machine."""

import json
import socket
from urllib.parse import urlsplit

import httpx
import pytest

from tests.cli.conftest import Desk, cli
from tests.cli.mcp.conftest import ERAS, HttpMcp, done, refused
from tests.cli.mcp.test_tools import ROUTES
from tests.services.processes import tail

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
HEADERS = {"Accept": "application/json, text/event-stream"}


def authors(desk: Desk, persona_id: str) -> list[str]:
    items = desk.get("/state/proposals", persona=persona_id).json()["items"]
    return [item["submitted_by"] for item in items]


@pytest.mark.parametrize("mode", ERAS)
async def test_it_acts_as_whoever_sent_the_request(
    desk: Desk, http_mcp: HttpMcp, mode: str
) -> None:
    persona_id = f"mcp.http.{mode}"
    desk.seed(persona_id)
    made = {}
    for who in ("alice", "bob"):
        async with http_mcp.client(desk.tokens[who], mode) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == list(ROUTES)
            proposed = await client.call_tool(
                "persona_propose",
                {"persona_id": persona_id, "diff": {"name": who}, "rationale": "Mine."},
            )
            made[who] = done(proposed)["proposal_id"]
    async with http_mcp.client(desk.tokens["charlie"], mode) as client:
        stranger = await client.call_tool("persona_list", {})
    async with http_mcp.client("x" * 20, mode) as client:
        unknown = await client.call_tool("persona_list", {})

    submitted = {
        who: desk.get(f"/state/proposals/{one}").json()["submitted_by"] for who, one in made.items()
    }
    assert submitted["alice"] != submitted["bob"]
    assert refused(stranger)["status"] == 403
    assert refused(unknown)["status"] == 401
    assert sorted(authors(desk, persona_id)) == sorted(submitted.values())
    assert desk.record(persona_id)["version"] == 1


@pytest.mark.parametrize(
    "given",
    [{}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Basic YTpi"},
     {"X-ARW-Admin": "t" * 20}],
)  # fmt: skip
def test_it_refuses_a_request_without_a_token_of_its_own(
    http_mcp: HttpMcp, given: dict[str, str]
) -> None:
    call = {**LIST, "method": "tools/call", "params": {"name": "persona_list", "arguments": {}}}

    for message in (LIST, call):
        answer = httpx.post(http_mcp.url, json=message, headers={**HEADERS, **given}, timeout=60)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["title"] == "Unauthorized"


def test_it_does_not_choose_between_two_tokens(desk: Desk, http_mcp: HttpMcp) -> None:
    headers = [*HEADERS.items(), *(("Authorization", f"Bearer {one}") for one in ("x" * 20, "y"))]

    answer = httpx.post(http_mcp.url, json=LIST, headers=headers, timeout=60)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ({"Host": "desk.example.org"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Origin": "http://desk.example.org"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_it_answers_no_page_that_came_under_another_name(
    desk: Desk, http_mcp: HttpMcp, named: dict[str, str], status: int
) -> None:
    headers = {**HEADERS, "Authorization": f"Bearer {desk.tokens['alice']}"}

    fine = httpx.post(http_mcp.url, json=LIST, headers=headers, timeout=60)
    strange = httpx.post(http_mcp.url, json=LIST, headers={**headers, **named}, timeout=60)

    assert fine.status_code == 200
    assert len(fine.json()["result"]["tools"]) == len(ROUTES)
    assert strange.status_code == status
    assert "result" not in strange.text


def test_it_takes_no_request_above_its_size(desk: Desk, http_mcp: HttpMcp) -> None:
    headers = {**HEADERS, "Authorization": f"Bearer {desk.tokens['alice']}"}
    large = json.dumps({**LIST, "params": {"cursor": "x" * 300_000}})

    answer = httpx.post(
        http_mcp.url,
        content=large,
        headers={**headers, "Content-Type": "application/json"},
        timeout=60,
    )

    assert answer.status_code == 413


def test_it_listens_on_this_machine_only(http_mcp: HttpMcp) -> None:
    port = urlsplit(http_mcp.url).port
    assert port is not None

    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port), 5):
        pass


def test_it_says_that_its_own_token_is_not_used(http_mcp: HttpMcp) -> None:
    assert "The token given to this command is not used" in tail(http_mcp.log)


def test_it_does_not_start_on_a_port_that_is_taken(desk: Desk, http_mcp: HttpMcp) -> None:
    port = str(urlsplit(http_mcp.url).port)

    ended = cli("mcp", "--http", "--port", port, "--base", desk.server.base)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"--port: {port}: Address already in use\n"
