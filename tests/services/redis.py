"""A private Redis (or Valkey) without persistence, on a free port of 127.0.0.1."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as Unreachable

from tests.services.binaries import redis_server
from tests.services.processes import ServiceFailed, end, free_port, wait_until

TRIES = 5  # a port found free may be taken a moment later


class RedisServer:
    """Starts on construction; `stop()` ends it by process id and removes its folder."""

    def __init__(self) -> None:
        program = redis_server()
        if program is None:
            raise ServiceFailed("Redis is missing: run `python -m tests.services.ensure`")
        self.program = program
        self.home = Path(tempfile.mkdtemp(prefix="arw-redis-"))
        self.log = self.home / "log"
        self.process = self.start()

    @property
    def url(self) -> str:
        """The ARW_REDIS_URL of this server."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> subprocess.Popen[bytes]:
        for attempt in range(1, TRIES + 1):
            self.port = free_port()
            try:
                return self.launch()
            except ServiceFailed:
                if attempt == TRIES:
                    raise
        raise AssertionError("unreachable")

    def launch(self) -> subprocess.Popen[bytes]:
        options = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "")
        command = [str(self.program), *options, "--appendonly", "no", "--dir", str(self.home)]
        with self.log.open("ab") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
        wait_until(self.answers, process, self.log, seconds=60)
        return process

    def answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as client:
                return bool(client.ping())
        except Unreachable:
            return False

    def client(self) -> Redis:
        """A connection to look inside; the caller closes it."""
        return Redis.from_url(self.url)

    def flush(self) -> None:
        """Forgets everything, as a restart would."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def halt(self) -> None:
        """Ends the process, and what it knew with it; `resume()` brings it back, empty."""
        end(self.process)

    def resume(self) -> None:
        """Starts it again where it was."""
        self.process = self.launch()

    def freeze(self) -> None:
        """It answers nobody, as behind a broken network, until `thaw()`; it forgets nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.thaw()
        end(self.process)
        shutil.rmtree(self.home, ignore_errors=True)
