"""A private Redis (or Valkey) without persistence, on a free port of 127.0.0.1."""

import shutil
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
            options = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "")
            command = [str(self.program), *options, "--appendonly", "no", "--dir", str(self.home)]
            with self.log.open("ab") as output:
                process = subprocess.Popen(command, stdout=output, stderr=output)
            try:
                wait_until(self.answers, process, self.log, seconds=10)
            except ServiceFailed:
                if attempt == TRIES:
                    raise
            else:
                return process
        raise AssertionError("unreachable")

    def answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as client:
                return bool(client.ping())
        except Unreachable:
            return False

    def flush(self) -> None:
        """Forgets everything, as a restart would."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        end(self.process)
        shutil.rmtree(self.home, ignore_errors=True)
