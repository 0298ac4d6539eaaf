"""What the sanitizer costs, in µs a string and ms a megabyte: `python -m tests.bench.bench_redaction`.

The bars: at most 6 µs for clean strings up to 120 characters, 50 µs over the corpus, 100 ms for one
megabyte of any text.
"""

import base64
import json
import sys
from collections.abc import Callable
from random import Random
from statistics import median
from time import process_time
from typing import Any

from telemetry.redaction import EVENT_POLICY, NOTE_POLICY, sanitize
from tests.bench.report import Report
from tests.bench.running import Arguments
from tests.telemetry.redaction import look_alikes, planted
from tests.telemetry.redaction.test_detection import CORPUS

ROUNDS = 7
MEGABYTE = 1_000_000
HOW = (
    "In this process: CPU time of one call, medians of seven rounds; of a megabyte the best of "
    "three, for the slowest of many texts under both policies."
)
PROSE = (
    "felt calmer after the breathing exercise, would do it again",
    "The tone was warm but the answer came late in the conversation.",
    "Slept seven hours; less tense than on Monday, more patient with the children and with the dog.",
    "I liked how it summarised the meeting; next time shorter please.",
    "Zu förmlich, bitte lockerer im Ton",
    "Reviewed the permission inventory and removed two stale grants.",
    "quest.completed",
    "openclaw:moltfred",
    "2026-02-10T12:34:56Z",
    "daily-review",
    "planning",
    "3f2b8c1e-9d4a-4e6b-8a7c-1d2e3f4a5b6c",
)
UNITS = (
    "a", " ", "x ", "1", "1 ", "1-", "1.", "1:", "a@", "://a:", "password ", "password=", "token", "key ",
    "e" + "yJ", "s" + "k-", "+1 ", "\\", "%41", "&amp;", "-u a:", "legal ", "abandon zoo ", "a at b dot ", "\n",
    "ä", "Аa", "a\u200b", "ab1-", "/home/", "cookie: ", "login a ", "ABCD2345", "aGVsbG8gd29ybGQh", "ﷺ", "🙂",
)  # fmt: skip


def microseconds(values: list[Any], repeat: int) -> float:
    """The mean of one call, as the median of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        start = process_time()
        for _ in range(repeat):
            for value in values:
                sanitize(value)
        rounds.append((process_time() - start) / repeat / len(values) * 1e6)
    return median(rounds)


def milliseconds(work: Callable[[], object]) -> float:
    """The best of three: what the text costs, not what else the machine did."""
    rounds = []
    for _ in range(3):
        start = process_time()
        work()
        rounds.append((process_time() - start) * 1e3)
    return min(rounds)


def worst_megabyte() -> tuple[float, str]:
    """The slowest megabyte among repeated fragments, mixtures and noise, under both policies."""
    random = Random(1)
    noise = "".join(map(chr, range(32, 127)))
    texts = {repr(unit): unit * (MEGABYTE // len(unit)) for unit in UNITS}
    for number in range(6):
        texts[f"noise {number}"] = "".join(random.choices(noise, k=MEGABYTE))
        some = random.sample(UNITS, 4)
        texts[f"mixture {some}"] = "".join(random.choices(some, k=MEGABYTE // 2))[:MEGABYTE]
    return max(
        (milliseconds(lambda text=text, policy=policy: sanitize(text, policy)), name)
        for name, text in texts.items()
        for policy in (EVENT_POLICY, NOTE_POLICY)
    )


def measure(report: Report) -> None:
    clean = microseconds(list(PROSE), 2000)
    report.row("clean strings up to 120 characters", clean, "µs", most=6)
    report.row("planted secrets", microseconds(list(planted.secrets().values()), 30), "µs")
    report.row(
        "harmless look-alikes", microseconds(list(look_alikes.harmless().values()), 30), "µs"
    )
    if CORPUS.exists():
        cases = json.loads(CORPUS.read_text("utf-8"))
        values = [json.loads(base64.b64decode(case["value_b64"])) for case in cases]
        report.row(
            "a corpus of secrets and harmless texts", microseconds(values, 50), "µs", most=50
        )
    slowest, name = worst_megabyte()
    report.row("slowest megabyte", slowest, "ms", most=100, note=f"of {name}")


def main(arguments: list[str]) -> int:
    given = Arguments.read("bench_redaction", arguments)
    report = given.report("redaction", "Sanitizer", HOW)
    measure(report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
