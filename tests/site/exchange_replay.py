"""Replaying recorded exchanges against a server, and saying where its answers differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from tests.deployments import Deployment

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What people write into a record: its kind is compared, not what is in it.
OPAQUE = {"traits", "preferences", "worldview", "vibe_profile", "calibration", "metadata", "diff"}
SEEDABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
DECIDING = re.compile(r"/(approve|reject)$")


@dataclass(frozen=True, order=True)
class Difference:
    """One answer that is not as recorded: its status, or the place and kind of a value."""

    request: str
    reference: str
    here: str


@dataclass
class Replay:
    """Sends exchanges in order, as an admin; bob decides, since nobody approves their own."""

    deployment: Deployment
    recorded_ids: set[str]
    base: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    def differences(self, exchanges: list[dict[str, Any]]) -> Iterator[Difference]:
        for exchange in exchanges:
            name = name_of(exchange)
            answer = self.send(exchange)
            self.learn(exchange, answer)
            yield from compare(name, exchange, answer)

    def send(self, exchange: dict[str, Any]) -> httpx.Response:
        path = UUID.sub(lambda found: self.own_id(found[0]), exchange["path"])
        base = self.base or self.deployment.server.base
        decides = DECIDING.search(path)
        token = self.deployment.tokens["bob"] if decides else self.deployment.server.admin_token
        body = exchange.get("request_body")
        headers = {"Content-Type": "application/json"} if body is not None else {}
        with self.deployment.client(token, base=base) as client:
            if path.startswith("/events"):
                return first_frame(client, path)
            return client.request(exchange["method"], path, content=body, headers=headers)

    def own_id(self, recorded: str) -> str:
        """Our proposal for a recorded id; a stand-in where its making was not recorded."""
        if recorded not in self.ids and recorded not in self.recorded_ids and int(recorded[:8], 16):
            self.ids[recorded] = self.deployment.propose(
                {"name": f"Stand-in {len(self.ids)}"}, "persona.tel"
            )
        return self.ids.get(recorded, recorded)

    def learn(self, exchange: dict[str, Any], answer: httpx.Response) -> None:
        recorded, ours = exchange["response_body"], parsed(answer)
        if not (isinstance(ours, dict) and isinstance(recorded, dict)):
            return
        if exchange["path"].endswith("/proposals") and "proposal_id" in ours:
            self.ids[recorded["proposal_id"]] = ours["proposal_id"]


def first_frame(client: httpx.Client, path: str) -> httpx.Response:
    """The stream's answer with its first event, which is all that a replay waits for."""
    text = ""
    with client.stream("GET", path) as stream:
        for line in stream.iter_lines():
            text += line + "\n"
            if line.startswith("data:"):
                break
        return httpx.Response(stream.status_code, headers=stream.headers, text=text)


def seed(deployment: Deployment, exchanges: list[dict[str, Any]]) -> list[int]:
    """Makes the personas of the recorded ``arw-cli admin persona seed`` lines; their statuses.

    The lease for it is used up afterwards, so that whoever comes next has none.
    """
    records = [record_of(one["cli"]) for one in exchanges]
    # What cannot be made comes first: refusals cost nothing.
    records.sort(key=lambda record: SEEDABLE.fullmatch(record["id"]) is not None)
    good = sum(SEEDABLE.fullmatch(record["id"]) is not None for record in records)
    body = {"capability": "persona:manage", "budget": good}
    deployment.admin.post("/leases", json=body).raise_for_status()
    return [deployment.admin.post("/admin/persona", json=record).status_code for record in records]


def flag(command: list[str], name: str, default: str = "") -> str:
    return command[command.index(name) + 1] if name in command else default


def record_of(command: list[str]) -> dict[str, Any]:
    """The record that a seed command asks for."""
    record: dict[str, Any] = {
        "id": flag(command, "--id"),
        "owner_kind": flag(command, "--owner-kind", "workspace"),
        "owner_ref": flag(command, "--owner-ref"),
        "name": flag(command, "--name"),
    }
    if "--archetype" in command:
        record["archetype"] = flag(command, "--archetype")
    for name in ("traits", "worldview", "preferences", "vibe-profile", "calibration"):
        if f"--{name}" in command:
            record[name.replace("-", "_")] = json.loads(flag(command, f"--{name}"))
    if "--enable-telemetry" in command:
        vibe = {"enabled": True, "scope": flag(command, "--telemetry-scope")}
        record.setdefault("preferences", {})["telemetry"] = {"vibe": vibe}
    return record


def name_of(exchange: dict[str, Any]) -> str:
    """Section and label, as the table writes them."""
    section = str(exchange["section"]).split(" ", 1)[0]
    return f"{section}: {exchange['label']}".replace("|", "/")


def parsed(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text


def compare(name: str, exchange: dict[str, Any], answer: httpx.Response) -> Iterator[Difference]:
    recorded, ours = exchange["response_body"], parsed(answer)
    if exchange["status"] != answer.status_code:
        then, now = told(exchange["status"], recorded), told(answer.status_code, ours)
        yield Difference(name, then, now)
        return
    for place, then, now in shape_differences(recorded, ours, ""):
        where = f" at `{place}`" if place else ""
        yield Difference(name, f"{answer.status_code}, {then}{where}", f"{now}{where}")


def told(status: int, body: Any) -> str:
    title = body.get("title") if isinstance(body, dict) else None
    return f"{status} {title}" if title else str(status)


def shape_differences(then: Any, now: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Members that are missing here, and values of another kind; null goes with anything."""
    if then is None or now is None:
        return
    if kind_of(then) != kind_of(now):
        yield place, kind_of(then), kind_of(now)
    elif isinstance(then, dict) and place.rpartition("/")[2] not in OPAQUE:
        for key, value in then.items():
            inner = f"{place}/{quote(key, safe=':+*. ')}"
            if key not in now:
                yield inner, kind_of(value), "nothing"
            else:
                yield from shape_differences(value, now[key], inner)
    elif isinstance(then, list) and place.rpartition("/")[2] not in OPAQUE:
        for one, other in pairs(then, now):
            yield from shape_differences(one, other, f"{place}/*")
            break


def pairs(then: list[Any], now: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Items that belong together: by their id where that is a name, else by their order."""
    ours = {item.get("id"): item for item in now if isinstance(item, dict)}
    named = [one for one in then if isinstance(one, dict) and isinstance(one.get("id"), str)]
    matched = [(one, ours[one["id"]]) for one in named if one["id"] in ours]
    yield from matched or zip(then, now, strict=False)


def kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "number"
    if value == "":
        return "no text"
    names = {str: "text", dict: "object", list: "array", type(None): "null"}
    return names[type(value)]
