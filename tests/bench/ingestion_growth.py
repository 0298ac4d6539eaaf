"""Ten million samples on a thousand personas: whether rate and memory stay what they were."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from tests.bench.load import Figure, Target, wrk
from tests.bench.products import PERSONAS, SINGLE, Products, plain_batch
from tests.bench.running import Arguments

BATCH = 1000
FILL_SECONDS = 4
MARKS = (1_000_000, 2_000_000, 5_000_000, 10_000_000)
SHORT_MARKS = (100_000, 200_000, 300_000, 400_000)


def growth(bench: Products, given: Arguments) -> None:
    marks = SHORT_MARKS if given.short else MARKS
    with bench.product("growth") as own, bench.empty() as empty:
        lua = {
            "one sample a request, c=32": (bench.script("one", [SINGLE], PERSONAS), 32),
            "batches of 100, c=8": (bench.script("growth", [plain_batch(100)], PERSONAS), 8),
        }
        fill = bench.script("fill", [plain_batch(BATCH)], PERSONAS)
        wrk(own, fill, 8, 1)  # every persona has all the rows that retention leaves it
        before = {what: shares(bench, given, own, empty, *how) for what, how in lua.items()}
        total, memory = 0.0, {}
        for mark in marks:
            total = filled(bench, own, fill, total, mark)
            memory[mark] = own.memory
            if mark == marks[2]:
                after = {what: shares(bench, given, own, empty, *how) for what, how in lua.items()}
    tell_rates(bench, before, after, marks[2])
    tell_memory(bench, memory, marks)


def shares(
    bench: Products, given: Arguments, own: Target, empty: Target, lua: Path, clients: int
) -> float:
    """This server's rate as a share of the empty application's, asked in turns."""
    found, seconds = [], max(1, bench.seconds // 2)
    for _ in range(given.rounds()):
        mine = wrk(own, lua, clients, seconds)
        found.append(mine.rate / wrk(empty, lua, clients, seconds).rate)
        count_wrong(bench, mine)
    return median(found)


def filled(bench: Products, own: Target, fill: Path, total: float, until: float) -> float:
    """Give samples until there were so many; returns how many there were."""
    while total < until:
        seconds = FILL_SECONDS if until >= 1_000_000 else 1
        figure = wrk(own, fill, 8, seconds)
        count_wrong(bench, figure)
        total += figure.rate * seconds * BATCH
    return total


def count_wrong(bench: Products, figure: Figure) -> None:
    if figure.wrong:
        bench.report.wrong(f"{figure.wrong} answers were not 2xx")


def tell_rates(
    bench: Products, before: dict[str, float], after: dict[str, float], mark: int
) -> None:
    for what, share in before.items():
        bench.report.row(f"{what}: share of the empty app at the start", share)
        kept = after[what] / share
        row = f"{what}: rate kept after {mark:,} samples"
        bench.report.row(row, kept, least=0.9, headline=True)


def tell_memory(bench: Products, memory: dict[int, float], marks: tuple[int, ...]) -> None:
    row = bench.report.row
    first, second, third, last = marks
    row(f"memory after {first:,} samples", memory[first], "MiB", most=150, headline=True)
    for mark in (second, third, last):
        row(f"memory after {mark:,} samples", memory[mark], "MiB")
    # Pages that the allocator has taken and not yet given back are no growth.
    grown = memory[last] / memory[second]
    row(f"memory after {last:,}, times that after {second:,}", grown, most=1.03, headline=True)
