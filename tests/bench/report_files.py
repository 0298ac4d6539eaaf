"""Where the sections of all benches are kept: docs/benchmarks.json, and the pages made from it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench.report_page import between, headlines, ordered, page

DOCS = Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- figures of make bench: begin -->", "<!-- figures of make bench: end -->"


def keep(key: str, section: Mapping[str, Any], docs: Path = DOCS) -> None:
    """Replace one section, and leave what other benches found; then write the pages anew."""
    sections = {**known(docs), key: section}
    sections = {name: sections[name] for name in ordered(sections)}
    text = json.dumps({"schema": 1, "sections": sections}, indent=1, ensure_ascii=False)
    replace(docs / "benchmarks.json", text + "\n")
    replace(docs / "benchmarks.md", page(sections))
    scaling = docs / "scaling.md"
    if scaling.exists():
        before = scaling.read_text("utf-8")
        replace(scaling, between(before, BEGIN, END, f"\n{headlines(sections)}\n"))


def known(docs: Path = DOCS) -> dict[str, Any]:
    """The sections that are kept, by key."""
    file = docs / "benchmarks.json"
    if not file.exists():
        return {}
    sections: dict[str, Any] = json.loads(file.read_text("utf-8"))["sections"]
    return sections


def replace(file: Path, text: str) -> None:
    """Whole or not at all, whoever ends this process."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, "utf-8")
    os.replace(beside, file)
