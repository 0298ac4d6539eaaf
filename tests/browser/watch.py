"""Listens to everything a page complains about."""

from playwright.sync_api import ConsoleMessage, Error, Page


class Watch:
    """Collects console errors, which include breaches of the policy, and uncaught exceptions."""

    def __init__(self, page: Page, expected: tuple[str, ...]) -> None:
        self.page = page
        self.expected = expected
        self.complaints: list[str] = []
        page.on("console", self.on_console)
        page.on("pageerror", self.on_error)
        page.on("crash", lambda _: self.complaints.append("the page crashed"))

    def on_console(self, message: ConsoleMessage) -> None:
        expected = any(text in message.text for text in self.expected)
        if message.type == "error" and not expected:
            place = message.location.get("url", "")
            self.complaints.append(f"console: {message.text} ({place})")

    def on_error(self, error: Error) -> None:
        self.complaints.append(f"uncaught: {error.message}")

    def close(self) -> list[str]:
        """Closes the page's context; returns what it complained about."""
        self.page.context.close()
        return self.complaints
