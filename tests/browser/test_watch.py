"""The browser fixtures see what a page complains about."""

from playwright.sync_api import Browser, Page

from tests.browser.accessibility import axe_findings
from tests.browser.watch import Watch


def watched(chromium: Browser, body: str, *expected: str) -> list[str]:
    page = chromium.new_context().new_page()
    watch = Watch(page, expected)
    page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=body))
    page.goto("http://127.0.0.1/")
    page.wait_for_load_state("networkidle")
    return watch.close()


def test_it_hears_a_breach_of_the_policy(chromium: Browser) -> None:
    policy = "<meta http-equiv=Content-Security-Policy content=\"style-src 'self'\">"
    complaints = watched(chromium, f"{policy}<p style='color: red'>text</p>")
    assert len(complaints) == 1
    assert "Content Security Policy" in complaints[0]


def test_it_hears_an_uncaught_exception(chromium: Browser) -> None:
    complaints = watched(chromium, "<script>throw new Error('broken')</script>")
    assert complaints == ["uncaught: broken"]


def test_it_lets_expected_errors_pass(chromium: Browser) -> None:
    assert watched(chromium, "<script>console.error('as planned')</script>", "as planned") == []


def test_it_finds_what_axe_finds(chromium: Browser) -> None:
    page: Page = chromium.new_page()
    page.set_content("<html lang=en><title>t</title><main><h1>t</h1><img src=data:,></main></html>")
    (finding,) = axe_findings(page)
    page.close()
    assert finding.startswith("image-alt")
