"""Kills writers at random points: `python -m tests.telemetry.eventlog.kill_writers KILLS SEED`.

Four writers of one log, each a process that appends one event or a batch and acknowledges on a pipe
what was returned to it. One is killed at a random moment and another takes its place. Prints the
acknowledged events, as `[[writer, number], …]`.
"""

import json
import os
import select
import signal
import sys
from random import Random
from typing import NoReturn

from telemetry.eventlog.rows import Event, prepare
from telemetry.eventlog.store import Store

WRITERS = 4


def write(name: int, pipe: int, random: Random) -> NoReturn:
    store = Store(rotate_bytes=2_000_000)
    number = 0
    while True:
        size = random.choice((1, 1, 1, 40, 250))
        events = [
            Event("quest.completed", {"by": name, "n": number + each}) for each in range(size)
        ]
        store.append_many(events)
        number += size
        os.write(pipe, b"%d\n" % number)


def start(name: int, seed: int) -> tuple[int, int]:
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        write(name, writing, Random(seed + name))
    os.close(writing)
    return process, reading


def acknowledged(pipe: int) -> int:
    """How many of its events a dead writer was told are stored."""
    with os.fdopen(pipe, "rb") as stream:
        told = stream.read().splitlines(keepends=True)
    return int(told[-1]) if told else 0


def main() -> None:
    kills, seed = int(sys.argv[1]), int(sys.argv[2])
    random = Random(seed)
    prepare(Event("quest.completed"))  # what is loaded here need not be loaded in each writer
    running = [(name, *start(name, seed)) for name in range(WRITERS)]
    result = []
    for kill in range(kills + WRITERS):
        name, process, pipe = running.pop(random.randrange(len(running)))
        select.select([], [], [], random.random() * 0.06)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        result.append([name, acknowledged(pipe)])
        if kill < kills:
            running.append((WRITERS + kill, *start(WRITERS + kill, seed)))
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
