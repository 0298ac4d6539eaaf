"""Memory through the tools: kept, found, opened, and never more than the caller may read."""

import uuid

import pytest

from arw_site.cli.mcp.tools import TOOLS
from tests.cli.conftest import Desk
from tests.cli.mcp.conftest import ERAS, HttpMcp, Open, done, refused, told

OWNER = {"owner_kind": "project", "owner_ref": "mcp"}


@pytest.mark.parametrize("mode", ERAS)
async def test_it_keeps_finds_and_opens_what_is_its_own(over_stdio: Open, mode: str) -> None:
    word = f"heron{uuid.uuid4().hex[:8]}"
    item = {
        **OWNER, "lane": "semantic", "text": f"The {word} waits.", "tags": ["river"],
        "value": {"seen": 3}, "confidence": 0.8, "source": "field notes",
    }  # fmt: skip
    async with over_stdio("alice", mode=mode) as client:
        kept = done(await client.call_tool("memory_upsert", item))
        found = done(await client.call_tool("memory_search", {"text": word, "lane": "semantic"}))
        other = done(await client.call_tool("memory_search", {"text": word, "lane": "profile"}))
        opened = done(await client.call_tool("memory_rehydrate", {"item_id": kept["item_id"]}))
        changed = {**item, "item_id": kept["item_id"], "text": f"The {word} left."}
        again = done(await client.call_tool("memory_upsert", changed))
        after = done(await client.call_tool("memory_search", {"text": word}))

    [hit] = found["items"]
    assert hit["item"]["id"] == kept["item_id"]
    assert other["items"] == []
    assert opened["state"] == "present"
    assert {name: opened["item"][name] for name in item} == item
    assert again["item_id"] == kept["item_id"]
    assert [one["item"]["text"] for one in after["items"]] == [f"The {word} left."]


async def test_it_keeps_once_for_a_key(over_stdio: Open) -> None:
    word = f"once{uuid.uuid4().hex[:8]}"
    item = {**OWNER, "lane": "episodic", "text": f"Seen {word}.", "idempotency_key": word}
    async with over_stdio("alice") as client:
        first = done(await client.call_tool("memory_upsert", item))
        second = done(await client.call_tool("memory_upsert", item))
        conflict = await client.call_tool("memory_upsert", {**item, "text": "Other."})
        found = done(await client.call_tool("memory_search", {"text": word}))

    assert first == second
    assert refused(conflict)["title"] == "Idempotency Conflict"
    assert [one["item"]["text"] for one in found["items"]] == [f"Seen {word}."]


async def test_it_shows_nobody_what_is_not_shared(desk: Desk, http_mcp: HttpMcp) -> None:
    word = f"secret{uuid.uuid4().hex[:8]}"
    item = {**OWNER, "lane": "semantic", "text": f"My {word}."}
    async with http_mcp.client(desk.tokens["alice"]) as client:
        item_id = done(await client.call_tool("memory_upsert", item))["item_id"]
    async with http_mcp.client(desk.tokens["bob"]) as client:
        found = done(await client.call_tool("memory_search", {"text": word}))
        opened = await client.call_tool("memory_rehydrate", {"item_id": item_id})
        taken = await client.call_tool("memory_upsert", {**item, "item_id": item_id})
    async with http_mcp.client(desk.tokens["charlie"]) as client:
        stranger = await client.call_tool("memory_upsert", item)
    async with http_mcp.client(desk.tokens["alice"]) as client:
        after = done(await client.call_tool("memory_search", {"text": word}))

    assert found["items"] == []
    assert (done(opened)["state"], done(opened)["item"]) == ("withheld", None)
    assert word not in told(opened)
    assert refused(taken)["status"] == 404
    assert refused(stranger)["status"] == 403
    assert [one["item"]["id"] for one in after["items"]] == [item_id]


async def test_it_points_at_the_argument_that_the_server_refuses(over_stdio: Open) -> None:
    deep: object = 1
    for _ in range(8):
        deep = [deep]
    async with over_stdio("alice") as client:
        result = await client.call_tool(
            "memory_upsert", {**OWNER, "lane": "semantic", "value": {"a": deep}}
        )

    problem = refused(result)
    assert problem["status"] == 400
    pointers = [fault["pointer"] for fault in problem["errors"]]
    assert pointers
    assert all(pointer.startswith("/value") for pointer in pointers)
    assert "/input" not in told(result)


def test_it_takes_no_more_than_the_action_does(desk: Desk) -> None:
    kinds = {one["kind"]: one for one in desk.get("/api/actions").json()["items"]}

    for tool in TOOLS.values():
        if tool.kind is not None:
            known = set(kinds[tool.kind]["input"]["properties"])
            assert set(tool.input_schema["properties"]) - set(tool.headers) <= known
            required = set(kinds[tool.kind]["input"].get("required", ()))
            assert required <= set(tool.input_schema["required"])
