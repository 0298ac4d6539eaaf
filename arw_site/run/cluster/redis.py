"""Redis for the cluster: with a password, and a file that a restart is read back from."""

from pathlib import Path

from redis import Redis as Client
from redis.exceptions import RedisError

from arw_site.run.cluster.programs import REDIS
from arw_site.run.folder import ensure_key, write_private
from arw_site.run.listener import HOST


class Redis:
    """Files below `folder`, a server on `port`."""

    def __init__(self, folder: Path, port: int) -> None:
        home = folder / "redis"
        home.mkdir(mode=0o700, exist_ok=True)
        ensure_key(folder / "redis-password")
        self.port = port
        self.password = (folder / "redis-password").read_text(encoding="utf-8").strip()
        self.config = home / "redis.conf"
        # In a file and not on the command line, which everybody on the machine can read.
        write_private(self.config, configuration(home, port, self.password))

    @property
    def url(self) -> str:
        """The ARW_REDIS_URL of the cluster."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    @property
    def command(self) -> list[str]:
        return [str(REDIS.find()[0]), str(self.config)]

    def answers(self) -> bool:
        try:
            with Client.from_url(self.url, socket_timeout=5) as client:
                return bool(client.ping())
        except RedisError:
            return False


def configuration(home: Path, port: int, password: str) -> str:
    return "\n".join(
        (
            f"bind {HOST}",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{home}"',
            "daemonize no",
            'save ""',
            "appendonly yes",
            "appendfsync everysec",
            # What is kept expires or is bounded by the servers: nothing may be thrown away early.
            "maxmemory-policy noeviction",
            "",
        )
    )
