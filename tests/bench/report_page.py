"""Sections of benches as Markdown. Pure.

A section is what `Report.facts` returns; sections are shown in the order of ``ORDER``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

Section = Mapping[str, Any]

ORDER = (
    "ingestion",
    "reads",
    "fanout",
    "growth",
    "soak",
    "pages",
    "changes",
    "start",
    "decisions",
    "metrics",
    "redaction",
    "eventlog",
)
PREFACE = """\
# Benchmarks

Written by `make bench`, each section by a run of its own; the same figures are in
[benchmarks.json](benchmarks.json). Real servers in processes of their own, every check, sanitizer,
metrics and events on, medians of at least three rounds. Compare ratios, which are taken in one run
with what they are compared with beside, and never a lone figure of one machine with that of
another: load, readers, database and browser run on the same cores as the server. `Busy before` is
what share of all cores others were using when it began; above 0.1 a section wants a quieter moment.

One bench or a part of it: `python -m tests.bench.bench_ingestion single`; with `--short` it only
shows that it works, and is not kept. `make bench-soak` runs for ten minutes.

An answer that the workload did not ask for, and an event lost or doubled, fails a bench. A bar that
is missed is shown as missed.
"""


def page(sections: Mapping[str, Section]) -> str:
    """The whole page."""
    parts = [PREFACE, verdict(sections)]
    parts += [section_text(sections[key]) for key in ordered(sections)]
    return "\n".join(parts)


def ordered(keys: Iterable[str]) -> list[str]:
    """The keys by topic; those of one topic (``ingestion.single``) as they are spelled."""

    def place(key: str) -> tuple[int, str]:
        topic = key.partition(".")[0]
        return (ORDER.index(topic) if topic in ORDER else len(ORDER), key)

    return sorted(keys, key=place)


def verdict(sections: Mapping[str, Section]) -> str:
    """How many bars are met, and which are not."""
    rows = [(sections[key], row) for key in ordered(sections) for row in sections[key]["rows"]]
    judged = [(section, row) for section, row in rows if row["met"] is not None]
    missed = [f"- {section['title']}: {row['what']}" for section, row in judged if not row["met"]]
    lines = [f"{len(judged) - len(missed)} of {len(judged)} bars are met."]
    if missed:
        lines += ["", "Missed:", "", *missed]
    wrong = [f"- {one['title']}: {what}" for one in sections.values() for what in one["wrong"]]
    if wrong:
        lines += ["", "Wrong:", "", *wrong]
    return "\n".join([*lines, ""])


def section_text(section: Section) -> str:
    """A heading, how it was measured and where, and the table."""
    busy, seconds = shown_figure(section["busy_before"]), shown_figure(section["seconds"])
    lines = [
        f"## {section['title']}",
        "",
        section["how"],
        "",
        (
            f"`{section['command']}`, {section['began']}, {seconds} s, {section['cores']} cores, "
            f"Python {section['python']}, {section['system']}, busy before: {busy}."
        ),
        "",
        "| what | figure | bar | |",
        "|---|--:|--:|---|",
        *(row_text(row) for row in section["rows"]),
        "",
    ]
    return "\n".join(lines)


def row_text(row: Mapping[str, Any]) -> str:
    what = f"{row['what']} ({row['note']})" if row["note"] else row["what"]
    verdict = {None: "", True: "met", False: "**missed**"}[row["met"]]
    return f"| {cell(what)} | {cell(amount(row))} | {cell(bar_text(row))} | {verdict} |"


def amount(row: Mapping[str, Any]) -> str:
    return f"{shown_figure(row['figure'])} {row['unit']}".strip()


def bar_text(row: Mapping[str, Any]) -> str:
    if row["bar"] is None:
        return ""
    bar = shown_figure(row["bar"])
    if row["bar_is"] == "least":
        return f"at least {bar}"
    return "none" if row["bar"] == 0 else f"at most {bar}"


def headlines(sections: Mapping[str, Section]) -> str:
    """A table of the rows that other pages quote."""
    lines = ["| what | figure | bar | when |", "|---|--:|--:|---|"]
    for key in ordered(sections):
        section = sections[key]
        for row in section["rows"]:
            if row["headline"]:
                what = cell(f"{section['title']}: {row['what']}")
                day = section["began"][:10]
                figures = f"{cell(amount(row))} | {cell(bar_text(row))}"
                lines.append(f"| {what} | {figures} | {day} |")
    return "\n".join(lines) + "\n"


def between(text: str, begin: str, end: str, inside: str) -> str:
    """``text`` with what stands between two marks replaced. Raises ValueError without the marks."""
    start = text.index(begin) + len(begin)
    return f"{text[:start]}\n{inside}{text[text.index(end, start) :]}"


def cell(text: str) -> str:
    """Text that cannot end its cell."""
    return " ".join(text.replace("|", "\\|").split())


def shown_figure(figure: float | None) -> str:
    """Three digits that count, and no exponent."""
    if figure is None or not math.isfinite(figure):
        return "not measured"
    if figure == int(figure) or abs(figure) >= 1000:
        return f"{figure:,.0f}"
    places = 1 if abs(figure) >= 100 else 2 if abs(figure) >= 1 else 3
    return f"{figure:,.{places}f}"
