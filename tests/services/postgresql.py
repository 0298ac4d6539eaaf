"""A private PostgreSQL in a temporary folder, on a free port of 127.0.0.1."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from tests.services.binaries import postgresql_bin
from tests.services.processes import ServiceFailed, end, free_port, wait_until

TRIES = 5  # a port found free may be taken a moment later
ROLE = "arw"
# A crash of this machine may lose the data of a test; a commit still waits for its log record.
FAST = ("fsync=off", "full_page_writes=off")
OPTIONS = ("max_connections=120", "unix_socket_directories=")


class PostgreSQL:
    """Starts on construction; `stop()` ends it by process id and removes its folder.

    `durable` flushes to the disk as a server of the real world does.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.options = OPTIONS if durable else (*FAST, *OPTIONS)
        folder = postgresql_bin()
        if folder is None:
            raise ServiceFailed("PostgreSQL is missing: run `python -m tests.services.ensure`")
        self.home = Path(tempfile.mkdtemp(prefix="arw-pg-"))
        self.password = secrets.token_hex(16)
        self.log = self.home / "log"
        try:
            self.account = unprivileged_account(self.home)
            self.bin = reachable(folder, self.home, self.account)
            self.initialize()
            self.process = self.start()
        except BaseException:
            shutil.rmtree(self.home, ignore_errors=True)
            raise

    def initialize(self) -> None:
        secret = self.home / "password"
        secret.write_text(self.password, encoding="utf-8")
        secret.chmod(0o644)  # inside a folder of mode 0700
        command = [
            *(str(self.bin / "initdb"), "-D", str(self.home / "data"), "-U", ROLE, "-E", "UTF8"),
            *("--locale=C", "--no-sync", "--auth=scram-sha-256", f"--pwfile={secret}"),
        ]
        done = subprocess.run(command, capture_output=True, check=False, **self.account)
        if done.returncode:
            raise ServiceFailed(f"initdb: {done.stderr.decode(errors='replace')}")

    def start(self) -> subprocess.Popen[bytes]:
        for attempt in range(1, TRIES + 1):
            self.port = free_port()
            options = [f"-c{option}" for option in (*self.options, f"port={self.port}")]
            command = [str(self.bin / "postgres"), "-D", str(self.home / "data"), *options]
            with self.log.open("ab") as output:
                process = subprocess.Popen(
                    [*command, "-clisten_addresses=127.0.0.1"],
                    **{"stdout": output, "stderr": output, "cwd": "/", **self.account},
                )
            try:
                wait_until(self.answers, process, self.log, seconds=60)
            except ServiceFailed:
                if attempt == TRIES:
                    raise
            else:
                return process
        raise AssertionError("unreachable")

    def answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        """The ARW_DATABASE_URL of one database of this server."""
        return f"postgres://{ROLE}:{self.password}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, *, template: str = "template0") -> str:
        """Makes a database, copying another; returns its URL."""
        self.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Removes a database, whoever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=60) as link:
            link.execute(statement.encode())

    def stop(self) -> None:
        end(self.process, by=signal.SIGINT)  # "fast": ends sessions, then itself
        shutil.rmtree(self.home, ignore_errors=True)


def unprivileged_account(home: Path) -> dict[str, Any]:
    """Popen's arguments to drop root's rights, which PostgreSQL refuses; gives `home` away."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(home, entry.pw_uid, entry.pw_gid)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise ServiceFailed("PostgreSQL refuses root, and there is no user 'postgres' or 'nobody'")


def reachable(folder: Path, home: Path, account: dict[str, Any]) -> Path:
    """The programs' folder, copied below `home` when the account may not enter where it lies."""
    try:
        subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, check=True, **account
        )
    except (OSError, subprocess.CalledProcessError):
        return copied(folder, home / "programs")
    return folder


def copied(folder: Path, target: Path) -> Path:
    """Copies an installation and the libraries that a wheel lays two folders above its programs."""
    package = folder.parent.parent
    installation = target / package.name / folder.parent.name
    shutil.copytree(folder.parent, installation, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    return installation / folder.name
