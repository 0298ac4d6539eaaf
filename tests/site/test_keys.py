"""The help of a page lists every single key that its script listens to, and no other."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = ROOT / "arw_site" / "static" / "desk"
PAGES = {
    "queue.js": ("queue.html",),
    "review.js": ("review.html", "compare.html"),
    "live.js": ("live.html",),
    "charts.js": ("persona.html",),
}
CALL = re.compile(r"onSingleKeys\(\{(.*?)\}\)", re.DOTALL)
KEY = re.compile(r"(?:^|[{,\s])(\w):")
LISTED = re.compile(r"<kbd>(\w)</kbd>")
BLOCK = re.compile(r"{% block keys %}(.*?){% endblock", re.DOTALL)


def listened_to(script: str) -> set[str]:
    calls = CALL.findall((SCRIPTS / script).read_text(encoding="utf-8"))
    return {key for call in calls for key in KEY.findall(call)}


def listed(page: str) -> set[str]:
    source = (ROOT / "templates" / "desk" / page).read_text(encoding="utf-8")
    return {key for block in BLOCK.findall(source) for key in LISTED.findall(block)}


@pytest.mark.parametrize("script", PAGES)
def test_it_lists_every_key(script: str) -> None:
    assert listened_to(script)
    assert set.union(*(listed(page) for page in PAGES[script])) == listened_to(script)


def test_it_knows_every_script_that_listens() -> None:
    listening = {path.name for path in SCRIPTS.glob("*.js") if listened_to(path.name)}
    assert listening == PAGES.keys()


def test_it_lists_what_works_everywhere() -> None:
    frame = (ROOT / "templates" / "admin" / "base_site.html").read_text(encoding="utf-8")
    shown = set(re.findall(r"<kbd>([^<]+)</kbd>", frame))
    assert {"?", "Ctrl", "K", "Tab", "Esc"} <= shown
