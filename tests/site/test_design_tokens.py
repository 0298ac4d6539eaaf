"""The colours of the desk contrast enough, in both schemes, wherever they stand on each other."""

import re
from pathlib import Path

import pytest

from arw_site.desk.design_tokens import (
    GRAPHIC_PAIRS,
    STYLESHEETS,
    TEXT_PAIRS,
    Pair,
    colours,
    contrast,
    pairs,
    tokens,
)

CSS = (STYLESHEETS / "tokens.css").read_text(encoding="utf-8")
SHEETS = sorted(path for path in STYLESHEETS.glob("*.css") if path.name != "print.css")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
INK = re.compile(r"(?<![\w-])color:\s*var\(--([\w-]+)\)")
GROUND = re.compile(r"background(?:-color)?:\s*var\(--([\w-]+)\)")
ALIAS = re.compile(r"--([\w-]+):\s*var\(--([\w-]+)\)")
USED = re.compile(r"var\(--([\w-]+)")
DECLARED = re.compile(r"--([\w-]+)\s*:")
LITERAL = re.compile(r"#[0-9a-f]{3,8}\b", re.IGNORECASE)


def rules(path: Path) -> list[tuple[str, str]]:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [(name.strip(), body) for name, body in RULE.findall(text)]


@pytest.mark.parametrize(
    "pair",
    list(pairs(CSS)),
    ids=lambda pair: f"{pair.ink.name} on {pair.background.name}, {pair.needs}",
)
def test_it_contrasts_enough_in_both_schemes(pair: Pair) -> None:
    assert pair.light >= pair.needs
    assert pair.dark >= pair.needs


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_it_measures_every_pair_that_a_rule_puts_together(path: Path) -> None:
    measured = {frozenset(pair) for pair in TEXT_PAIRS}
    unmeasured = [
        (rule, ink, ground)
        for rule, body in rules(path)
        for ink in INK.findall(body)
        for ground in GROUND.findall(body)
        if frozenset((ink, ground)) not in measured
    ]
    assert unmeasured == []


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_it_writes_with_inks_that_are_measured_on_some_ground(path: Path) -> None:
    measured = {name for pair in (*TEXT_PAIRS, *GRAPHIC_PAIRS) for name in pair}
    body = "".join(body for _rule, body in rules(path))
    another_name_of = dict(ALIAS.findall(body))
    inks = {another_name_of.get(ink, ink) for ink in INK.findall(body)}
    assert inks <= measured


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_it_takes_tokens_that_exist_and_no_colour_of_its_own(path: Path) -> None:
    text = "".join(body for _rule, body in rules(path))
    known = tokens(CSS).keys() | set(DECLARED.findall(text))
    assert set(USED.findall(text)) <= known
    assert path.name == "tokens.css" or LITERAL.findall(text) == []


def test_it_has_the_same_scales_as_the_pages_use() -> None:
    known = tokens(CSS)
    assert [name for name in known if name.startswith("text-")] == [
        *("text-xs", "text-s", "text-m", "text-l", "text-xl", "text-xxl"),
    ]
    assert [name for name in known if name.startswith("space-")] == [
        f"space-{step}" for step in range(1, 8)
    ]
    steps = [float(known[f"space-{step}"].removesuffix("rem")) for step in range(1, 8)]
    assert steps == sorted(set(steps))
    assert {"paper", "ink", "accent", "danger"} <= colours(CSS).keys()


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_it_measures_as_the_guidelines_say(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


def test_it_would_notice_a_pair_that_is_too_pale() -> None:
    pale = re.sub(r"--ink-quiet: [^;]+;", "--ink-quiet: light-dark(#999999, #55565e);", CSS)
    found = [pair for pair in pairs(pale) if not pair.holds]
    assert {pair.ink.name for pair in found} == {"ink-quiet"}
