"""The dot between two facts stays on the line of the first: none begins a line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Titles of windows and options of a list are never broken.
UNBROKEN = re.compile(r"<title>.*?</title>|\{% block title %\}.*?\{% endblock title %\}", re.DOTALL)
UNBROKEN_FILES = {"version_option.html"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_keeps_the_dot_with_what_is_before_it(path: Path) -> None:
    text = UNBROKEN.sub("", path.read_text(encoding="utf-8"))
    loose = re.findall(r".{0,20}(?<!&nbsp;)·", text)
    assert path.name in UNBROKEN_FILES or loose == []
