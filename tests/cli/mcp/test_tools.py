"""What the tools are, and that no arguments lead one of them anywhere else."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arw_site.cli.client import Api
from arw_site.cli.mcp.serving import answered
from arw_site.cli.mcp.tools import TOOLS

ROUTES = {
    "persona_list": ("GET", "/state/persona", None),
    "persona_show": ("GET", "/state/persona/{persona_id}", None),
    "persona_propose": ("POST", "/admin/persona/{persona_id}/proposals", None),
    "persona_feedback": ("POST", "/persona/{persona_id}/feedback", None),
    "memory_upsert": ("POST", "/actions", "memory.upsert"),
    "memory_search": ("POST", "/actions", "memory.search"),
    "memory_rehydrate": ("POST", "/actions", "memory.rehydrate"),
}
READING = {"persona_list", "persona_show", "memory_search", "memory_rehydrate"}
UUID = "9ff80ed0-ae9c-4f1c-8367-dfb1561688b3"
HOSTILE = [
    f"proposals/{UUID}/approve",
    f"../proposals/{UUID}/approve?",
    f"proposals%2F{UUID}%2Fapprove#",
    "..", ".", "", "x\r\nHost: elsewhere", "x/../../y", "persona.approve", "\u0000", "😀",
]  # fmt: skip


def test_it_has_exactly_these_tools_and_none_decides() -> None:
    made = {
        name: (tool.method, "/" + "/".join(tool.place), tool.kind) for name, tool in TOOLS.items()
    }

    assert made == ROUTES
    assert not any(re.search("approve|reject|restore|lease|seed", str(one)) for one in made.items())


@pytest.mark.parametrize("name", ROUTES)
def test_it_takes_and_answers_by_a_closed_schema(name: str) -> None:
    tool = TOOLS[name]

    assert jsonschema_rs.meta.is_valid(tool.input_schema)
    assert jsonschema_rs.meta.is_valid(tool.output_schema)
    assert tool.input_schema["type"] == tool.output_schema["type"] == "object"
    assert tool.input_schema["additionalProperties"] is False
    assert tool.read_only is (name in READING)
    filled = {part[1:-1] for part in tool.place if part[0] == "{"}
    assert filled <= set(tool.input_schema["required"])
    assert {*tool.query, *tool.headers} <= set(tool.input_schema["properties"])


class Recorder:
    """A server that says yes to everything, and what it was asked."""

    def __init__(self) -> None:
        asked: list[tuple[str, str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers["Content-Length"] or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                asked.append((self.command, self.path, body))
                answer = b'{"id": "a", "output": {}, "items": [], "next": null}'
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_POST = do_DELETE = do_PUT = do_PATCH = do_GET  # noqa: N815  names of http.server

            def log_message(self, *arguments: object) -> None:
                """Says nothing."""

        self.asked = asked
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    running = Recorder()
    yield running
    running.server.shutdown()
    running.server.server_close()


def allowed(name: str, method: str, target: str, body: Any) -> bool:
    wanted_method, route, kind = ROUTES[name]
    path = target.partition("?")[0]
    pattern = re.escape(route).replace(re.escape("{persona_id}"), "[A-Za-z0-9._:-]+")
    # An action's kind is never what the arguments say.
    return (
        method == wanted_method
        and re.fullmatch(pattern, path) is not None
        and (kind is None or (set(body) == {"kind", "input"} and body["kind"] == kind))
    )


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_it_reaches_its_own_route_only_whatever_it_is_given(
    recorder: Recorder, name: str, hostile: str
) -> None:
    recorder.asked.clear()
    known = TOOLS[name].input_schema["properties"]
    sensible = {"persona_id": "p", "id": UUID, "diff": [{"op": "remove", "path": "/name"}],
                "rationale": "r", "signal": "warmer", "lane": "semantic",
                "owner_kind": "agent", "owner_ref": "a"}  # fmt: skip
    fitting = {key: value for key, value in sensible.items() if key in known}
    everything = [
        *({**fitting, key: hostile} for key in known),
        *({**fitting, key: hostile} for key in ("kind", "input", "decision", "place", "path")),
        dict.fromkeys(known, hostile),
    ]
    for arguments in everything:
        answered(TOOLS[name], arguments, Api(recorder.base, None, 10))

    assert [asked for asked in recorder.asked if not allowed(name, *asked)] == []


@given(name=st.sampled_from(sorted(ROUTES)), persona=st.text(max_size=40), kind=st.text())
def test_it_makes_no_call_to_another_place(name: str, persona: str, kind: str) -> None:
    tool = TOOLS[name]
    arguments = {"persona_id": persona, "kind": kind, "input": {"kind": kind}}
    call = tool.call({**arguments, "id": UUID})

    assert (call.method, len(call.place)) == (tool.method, len(tool.place))
    fixed = [(given_, part) for given_, part in zip(call.place, tool.place) if part[0] != "{"]  # noqa: B905
    assert all(given_ == part for given_, part in fixed)
    if tool.kind is not None:
        assert call.body["kind"] == tool.kind


def test_it_sends_nothing_for_arguments_that_do_not_fit(recorder: Recorder) -> None:
    recorder.asked.clear()

    result = answered(
        TOOLS["persona_feedback"],
        {"persona_id": "p", "strength": 2, "mood": 1},
        Api(recorder.base, None, 10),
    )

    assert result.is_error
    assert recorder.asked == []
    problem = result.structured_content
    assert problem["title"] == "Invalid Arguments"
    assert sorted((one["pointer"], one["detail"]) for one in problem["errors"]) == [
        ("", "no such argument: mood"),
        ("", "signal is missing"),
        ("/strength", "breaks maximum 1"),
    ]
