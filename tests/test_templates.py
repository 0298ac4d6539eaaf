"""Templates hold no inline script, style or handler, which the content security policy forbids."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(
    path
    for top in ("templates", "arw_site", "leases", "personas", "telemetry")
    for path in (ROOT / top).rglob("*.html")
)

pytestmark = pytest.mark.pure


class InlineFinder(HTMLParser):
    """Collects what a strict policy would block, with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, _ = self.getpos()
        names = {name for name, _ in attrs}
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(f"{line}: <{tag}>")
        for name, value in attrs:
            scripted = (value or "").lstrip().lower().startswith("javascript:")
            if name == "style" or name.startswith("on") or scripted:
                self.found.append(f"{line}: {name}={value}")


def inline_parts(text: str) -> list[str]:
    finder = InlineFinder()
    finder.feed(text)
    finder.close()
    return finder.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_it_has_nothing_inline(path: Path) -> None:
    assert inline_parts(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "<style>p {}</style>",
        "<script>1</script>",
        '<p style="color: red">',
        '<a onclick="x()">',
        '<a href=" javascript:x()">',
    ],
)
def test_it_finds_what_is_inline(text: str) -> None:
    assert len(inline_parts(text)) == 1


def test_it_lets_files_pass() -> None:
    assert inline_parts('<script type="module" src="{% static "a.js" %}"></script>') == []
