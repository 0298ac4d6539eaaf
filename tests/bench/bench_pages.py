"""How the desk's pages open: `python -m tests.bench.bench_pages [PAGE …] [--short]`.

A headless Chromium, with nothing in its cache, opens each page on a real server with people,
personas and proposals. What the browser complains about fails the bench, and so does an answer
that is not 200.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.products import HIGH
from tests.bench.report import Report
from tests.bench.running import Arguments, own_environment
from tests.browser.conftest import ARGUMENTS
from tests.browser.desk import COOKIE, LIVE, PROPOSE, QUEUE, SEED
from tests.browser.watch import Watch
from tests.services.binaries import chromium
from tests.services.server import RunningServer, Template

LARGE = "from tests.bench.pages_data import main; main()"
SEEN = Path(__file__).with_name("pages_seen.js")
SETTLE_MS = 300
STREAM_SECONDS = 3
STREAM_RATE = 20
STREAMED = "persona.tomas"
PAGES = {
    "home": ("bob", "/admin/"),
    "queue": ("bob", QUEUE),
    "review": ("bob", "/admin/personas/proposal/{proposal}/review/"),
    "persona": ("dana", f"/admin/personas/persona/{STREAMED}/page/"),
    "telemetry": ("dana", "/admin/telemetry/consentreceipt/consent/"),
    "live": ("bob", LIVE),
    "propose": ("alice", PROPOSE),
}
STREAMING = ("home", "persona", "live")
HOW = (
    "Headless Chromium at 1280 x 900 on the same cores, an empty cache for each visit. The review "
    "is of a 64 KiB record with 500 changed paths. Server: from the request until the whole page "
    "has come. Bytes: scripts and styles as they travel. While streaming: 20 samples a second."
)


class Desk:
    """A server with data on it, and one browser."""

    def __init__(self, server: RunningServer, browser: Browser, report: Report) -> None:
        self.server = server
        self.browser = browser
        self.report = report
        made = self.made(SEED)
        self.sessions: dict[str, str] = made["sessions"]
        self.proposal: str = self.made(LARGE)

    def made(self, script: str) -> Any:
        printed = self.server.manage("shell", "--no-imports", "-v", "0", "-c", script)
        return json.loads(printed.strip().splitlines()[-1])

    def open(self, name: str) -> tuple[Page, Watch]:
        """The page after it has come to rest, in a browser that has seen nothing."""
        who, address = PAGES[name]
        viewport = {"width": 1280, "height": 900}
        context = self.browser.new_context(base_url=self.server.base, viewport=viewport)
        context.add_init_script(path=SEEN)
        cookie = {"name": COOKIE, "value": self.sessions[who], "url": self.server.base}
        context.add_cookies([cookie])
        page = context.new_page()
        watch = Watch(page, ())
        answer = page.goto(address.format(proposal=self.proposal), wait_until="load")
        if answer is None or answer.status != 200:
            self.report.wrong(f"{name} was answered {answer and answer.status}")
        page.wait_for_timeout(SETTLE_MS)
        return page, watch

    def visit(self, name: str) -> dict[str, float]:
        """What one visit took."""
        page, watch = self.open(name)
        told: dict[str, float] = page.evaluate("window.told()")
        self.complain(name, watch)
        return told

    def stream(self, name: str) -> float:
        """How much of the page moved by itself while events came in."""
        page, watch = self.open(name)
        self.give()
        page.wait_for_timeout(SETTLE_MS)
        shift: float = page.evaluate("window.told().shift")
        self.complain(name, watch)
        return shift

    def give(self) -> None:
        headers = {"Authorization": f"Bearer {self.server.admin_token}"}
        with httpx.Client(base_url=self.server.base, headers=headers, timeout=60) as client:
            for number in range(STREAM_SECONDS * STREAM_RATE):
                sample = {"signal": "warmer", "strength": number % 10 / 10, "note": "felt calm"}
                answer = client.post(f"/persona/{STREAMED}/feedback", json=sample)
                if answer.status_code != 202:
                    self.report.wrong(f"feedback was answered {answer.status_code}")
                time.sleep(1 / STREAM_RATE)

    def complain(self, name: str, watch: Watch) -> None:
        for complaint in watch.close():
            self.report.wrong(f"{name}: {complaint}")


def measure(desk: Desk, given: Arguments) -> None:
    names = given.chosen(list(PAGES))
    seen: dict[str, dict[str, float]] = {}
    for name in names:
        desk.visit(name)  # the server compiles its templates once
        visits = [desk.visit(name) for _ in range(given.rounds())]
        seen[name] = {key: median(one[key] for one in visits) for key in visits[0]}
    for name in names:
        tell(desk.report, name, seen[name])
    row = desk.report.row
    if "review" in seen:
        row("review: on the server", seen["review"]["server"], "ms", most=300, headline=True)
    most = max(seen, key=lambda name: seen[name]["bytes"])
    row("most scripts and styles", seen[most]["bytes"] / 1000, "kB", most=100, note=most)
    most = max(seen, key=lambda name: seen[name]["shift"])
    row("largest layout shift", seen[most]["shift"], most=0.01, note=most)
    for name in STREAMING:
        if name in names:
            row(f"{name}: layout shift while streaming", desk.stream(name), most=0)


def tell(report: Report, name: str, found: dict[str, float]) -> None:
    note = (
        f"server {found['server']:.0f} ms, loaded {found['load']:.0f} ms, shift "
        f"{found['shift']:.3f}, {found['files']:.0f} files with {found['bytes'] / 1000:.0f} kB"
    )
    report.row(f"{name}: largest contentful paint", found["paint"], "ms", most=1000, note=note)


def main(arguments: list[str]) -> int:
    given = Arguments.read("bench_pages", arguments)
    program = chromium()
    if program is None:
        raise SystemExit("Chromium is missing: install the system's package of that name")
    report = given.report("pages", "The desk in a browser", HOW)
    options = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with own_environment() as folder:
        template = Template(folder / "template", None)
        server = RunningServer(template, folder / "server", "uvicorn", HIGH)
        try:
            server.start()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=str(program), headless=True, args=options
                )
                desk = Desk(server, browser, report)
                headers = {"Authorization": f"Bearer {server.admin_token}"}
                lease = {"capability": "telemetry:persona:agent"}
                made = httpx.post(f"{server.base}/leases", json=lease, headers=headers, timeout=60)
                made.raise_for_status()
                measure(desk, given)
                browser.close()
        finally:
            server.stop()
        if "Traceback" in server.log:
            report.wrong(f"the server printed a traceback: {server.log[-3000:]}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
