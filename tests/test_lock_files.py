"""The locks: every package pinned and hashed, no host named, and dev no different from base."""

import re
from pathlib import Path

import pytest

LOCKS = Path(__file__).resolve().parent.parent / ".ci" / "requirements"
PINNED = re.compile(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ ;]+)", re.MULTILINE)

pytestmark = pytest.mark.pure


def pins(name: str) -> set[tuple[str, str]]:
    text = (LOCKS / f"{name}.txt").read_text(encoding="utf-8")
    return {(match[1], match[2]) for match in PINNED.finditer(text)}


@pytest.mark.parametrize("name", ["base", "dev"])
def test_it_pins_everything_with_hashes(name: str) -> None:
    text = (LOCKS / f"{name}.txt").read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=[a-z])", text) if "==" in entry.split("\n")[0]]
    assert len(entries) > 50
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_it_tests_what_it_ships() -> None:
    assert pins("base")
    assert pins("base") <= pins("dev")
