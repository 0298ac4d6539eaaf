"""Chromium for the tests of this folder. Whatever the browser complains about fails the test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.watch import Watch
from tests.services.binaries import chromium as find_chromium
from tests.services.server import RunningServer, Template

ARGUMENTS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
NewPage = Callable[..., Page]

# How long a page may take that is busy, not what is expected of one: green tests wait for nothing.
expect.set_options(timeout=30_000)
PATIENCE = 60_000  # milliseconds for an action or an address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a module: Playwright keeps an event loop while it is open."""
    program = find_chromium()
    assert program, "Chromium is missing: run `python -m tests.services.ensure`"
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(program), headless=True, args=arguments, timeout=2 * PATIENCE
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[NewPage]:
    """`new_page(server, width=1280, height=900, expect=(), **context options) -> Page`.

    Each page has its own cookies, so each is another person. `expect` lists texts of console
    errors that belong to the test ("status of 403"); any other console error, breach of the
    content security policy or uncaught exception fails it. `color_scheme="dark"`,
    `reduced_motion="reduce"`, `java_script_enabled=False` are Playwright's own.
    """
    watches: list[Watch] = []

    def open_page(
        server: RunningServer,
        *,
        width: int = 1280,
        height: int = 900,
        expect: tuple[str, ...] = (),
        **options: Any,
    ) -> Page:
        context = chromium.new_context(
            base_url=server.base, viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        watches.append(Watch(page, expect))
        return page

    yield open_page
    complaints = [complaint for watch in watches for complaint in watch.close()]
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def screenshot(tmp_path: Path) -> Callable[[Page, str], Path]:
    """`screenshot(page, "review")` writes review.png into ARW_SCREENSHOTS, else a temporary folder.

    `make screenshots` runs the tests marked `screenshots`.
    """
    folder = Path(os.environ.get("ARW_SCREENSHOTS") or tmp_path)

    def write(page: Page, name: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.png"
        page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    return write


@pytest.fixture(scope="module")
def shared_server(
    server_template: Template, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """One server for the tests of a module, which then must not stand in each other's way."""
    server = RunningServer(
        server_template, tmp_path_factory.mktemp("shared") / "server", "uvicorn", {}
    )
    server.start()
    yield server
    server.stop()
    server.forget()


@pytest.fixture
def page(new_page: NewPage, server: RunningServer) -> Page:
    """A page at the address of `server`."""
    return new_page(server)
