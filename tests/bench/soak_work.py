"""What people and agents do during a soak: each kind of work paced, each answer looked at."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from tests.bench.products import plain_batch
from tests.services.server import RunningServer

STEADY, TOGGLED = "soak.steady", "soak.toggled"
BULK = [f"soak.bulk{number}" for number in range(20)]
WORKSPACE, PROJECT = "telemetry:persona:workspace", "telemetry:persona:project"
WHO_IS_BOB = "from leases.models import User; print(User.objects.get(username='bob').pk)"
BATCH = plain_batch(100)
SOME_WRONG = 20  # answers that are quoted; the rest is only counted


class Work:
    """The people's clients, and what they got. ``answers`` counts by kind of work."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.number = 0
        self.samples = 0
        self.ends = threading.Event()
        self.lock = threading.Lock()

    def client(self, name: str = "") -> httpx.Client:
        """alice, bob or dana; without a name the service principal."""
        token = self.server.tokens[name] if name else self.server.admin_token
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.server.base, headers=headers, timeout=60)

    def ask(
        self, kind: str, client: httpx.Client, wanted: int, method: str, path: str, **more: Any
    ) -> httpx.Response:
        """One request. An answer that is not ``wanted`` is remembered as wrong."""
        try:
            answer = client.request(method, path, **more)
            found = f"{answer.status_code} {answer.text[:300]}"
        except httpx.TransportError as failure:
            answer, found = httpx.Response(599), repr(failure)
        with self.lock:
            self.answers[kind] += 1
            if answer.status_code != wanted and len(self.wrong) < SOME_WRONG:
                self.wrong.append(f"{method} {path}: {found}")
            self.answers["wrong"] += answer.status_code != wanted
        return answer

    def prepare(self) -> None:
        """Personas and leases. Whoever reads the stream sees nothing of the bulk."""
        bob = self.server.manage("shell", "--no-imports", "-v0", "-c", WHO_IS_BOB).strip()
        with self.client() as admin:
            self.ask(
                "prepare", admin, 201, "POST", "/leases", json={"capability": "persona:manage"}
            )
            for capability, holder in ((WORKSPACE, None), (PROJECT, bob)):
                lease = {"capability": capability, "subject": holder, "ttl_secs": 86_400}
                self.ask("prepare", admin, 201, "POST", "/leases", json=lease)
            for persona, kind in (
                *((one, "workspace") for one in (STEADY, TOGGLED)),
                *((one, "project") for one in BULK),
            ):
                vibe = {"telemetry": {"vibe": {"enabled": True, "scope": kind}}}
                body = {"id": persona, "owner_kind": kind, "owner_ref": "soak", "preferences": vibe}
                self.ask("prepare", admin, 201, "POST", "/admin/persona", json=body)

    def steady(self, client: httpx.Client) -> None:
        """One numbered sample, which every reader is to get."""
        metadata = {"n": self.number + 1, "at": time.monotonic()}
        sample = {"signal": "warmer", "strength": 0.5, "note": "felt calm", "metadata": metadata}
        self.ask("single", client, 202, "POST", f"/persona/{STEADY}/feedback", json=sample)
        self.number += 1
        self.samples += 1

    def bulk(self, client: httpx.Client) -> None:
        path = f"/persona/{BULK[self.answers['batch'] % len(BULK)]}/feedback"
        headers = {"Content-Type": "application/json"}
        self.ask("batch", client, 202, "POST", path, content=BATCH, headers=headers)
        self.samples += 100

    def repeat(self, client: httpx.Client) -> None:
        """The same key counts once; with another body it is refused."""
        path = f"/persona/{BULK[0]}/feedback"
        headers = {"Idempotency-Key": f"soak-{self.answers['repeat']}"}
        for strength, wanted in ((0.1, 202), (0.1, 202), (0.2, 409)):
            body = {"signal": "calm", "strength": strength}
            self.ask("repeat", client, wanted, "POST", path, json=body, headers=headers)

    def read(self, client: httpx.Client) -> None:
        base = f"/state/persona/{STEADY}"
        for path in ("", "/vibe_metrics", "/vibe_history?limit=20", "/history?limit=5"):
            self.ask("read", client, 200, "GET", base + path)
        self.ask("read", client, 200, "GET", "/state/persona?limit=50")

    def toggle(self, client: httpx.Client) -> None:
        """Consent that is given lets feedback in; one that is taken back holds at once."""
        sample = {"signal": "cooler", "strength": 0.4}
        metrics = f"/state/persona/{TOGGLED}/vibe_metrics"
        for enabled, given, seen in ((True, 202, 200), (False, 412, 412)):
            path = f"/admin/persona/{TOGGLED}/telemetry"
            self.ask("consent", client, 200, "POST", path, json={"enabled": enabled})
            feedback = f"/persona/{TOGGLED}/feedback"
            self.ask("after consent", client, given, "POST", feedback, json=sample)
            self.ask("after consent", client, seen, "GET", metrics)

    def review(self, pages: httpx.Client, alice: httpx.Client, bob: httpx.Client) -> None:
        """A proposal is written, looked at in the browser's page, and decided."""
        turn = self.answers["decision"]
        diff = [{"op": "add", "path": "/traits/turn", "value": turn}]
        path = f"/admin/persona/{STEADY}/proposals"
        made = self.ask("proposal", alice, 200, "POST", path, json={"diff": diff})
        proposal = made.json()["proposal_id"] if made.status_code == 200 else "none"
        page = f"/admin/personas/proposal/{proposal}/review/"
        for look in ("/admin/personas/proposal/queue/", page):
            self.ask("page", pages, 200, "GET", look)
        verb, body = ("reject", {"rationale": "Not today."}) if turn % 4 == 3 else ("approve", {})
        path = f"/admin/persona/proposals/{proposal}/{verb}"
        self.ask("decision", bob, 200, "POST", path, json=body)

    def signed_in(self, name: str) -> httpx.Client:
        """A browser's client: by the form, with a session."""
        client = httpx.Client(base_url=self.server.base, timeout=60, follow_redirects=True)
        form = client.get("/admin/login/").raise_for_status().text
        token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[0]
        fields = {"username": name, "password": self.server.passwords[name]}
        data = {**fields, "csrfmiddlewaretoken": token, "next": "/admin/"}
        headers = {"Referer": f"{self.server.base}/admin/login/"}
        client.post("/admin/login/", data=data, headers=headers).raise_for_status()
        return client

    def run(self, work: Callable[[], None], each: float) -> None:
        """Do a piece of work every so many seconds until the soak ends."""
        due = time.monotonic()
        while not self.ends.is_set():
            work()
            due = max(due + each, time.monotonic() - each)
            self.ends.wait(due - time.monotonic())
