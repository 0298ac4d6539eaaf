"""PostgreSQL for the cluster: made once, with a password of its own, and kept."""

import hashlib
import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from arw_site.run.cluster.programs import POSTGRESQL
from arw_site.run.failures import CannotStart
from arw_site.run.folder import ensure_key
from arw_site.run.listener import HOST

ROLE = DATABASE = "arw"
FOR_ROOT = Path("/var/lib/arw-personas")
OPTIONS = ("max_connections=100", "unix_socket_directories=", f"listen_addresses={HOST}")


class PostgreSQL:
    """Files below `folder`, a server on `port`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.account = unprivileged_account()
        ensure_key(folder / "postgresql-password")
        self.password = (folder / "postgresql-password").read_text(encoding="utf-8").strip()
        self.home = self.own_folder(folder / "postgresql")
        self.data = self.home / "data"
        self.bin = self.usable_programs()
        if not (self.data / "PG_VERSION").exists():
            self.initialize()

    @property
    def url(self) -> str:
        """The ARW_DATABASE_URL of the cluster."""
        return f"postgres://{ROLE}:{self.password}@{HOST}:{self.port}/{DATABASE}"

    @property
    def command(self) -> list[str]:
        options = [f"-c{option}" for option in (*OPTIONS, f"port={self.port}")]
        return [str(self.bin / "postgres"), "-D", str(self.data), *options]

    def answers(self) -> bool:
        """Whether it is up; from then on its database exists."""
        try:
            with self.connect("postgres") as link:
                query = "SELECT 1 FROM pg_database WHERE datname = %s"
                if link.execute(query, [DATABASE]).fetchone() is None:
                    link.execute(f'CREATE DATABASE "{DATABASE}"'.encode())
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=HOST,
            port=self.port,
            user=ROLE,
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def own_folder(self, wanted: Path) -> Path:
        """`wanted`; for root, who may not run PostgreSQL, a place that its account can reach."""
        if self.account:
            name = hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
            FOR_ROOT.mkdir(mode=0o755, exist_ok=True)
            FOR_ROOT.chmod(0o755)  # whatever the umask is
            place = FOR_ROOT / name
            place.mkdir(mode=0o700, exist_ok=True)
            os.chown(place, self.account["user"], self.account["group"])
            if not wanted.is_symlink():
                wanted.symlink_to(place, target_is_directory=True)
            return place
        wanted.mkdir(mode=0o700, exist_ok=True)
        return wanted

    def usable_programs(self) -> Path:
        """Programs that the account may run, of the version that made the data."""
        file = self.data / "PG_VERSION"
        made_by = file.read_text(encoding="utf-8").strip() if file.exists() else ""
        for folder in POSTGRESQL.find():
            version = version_of(folder, self.account)
            if version and (not made_by or version.split(".")[0] == made_by):
                return folder
        wanted = f"PostgreSQL {made_by}, which made {self.data}," if made_by else "PostgreSQL"
        raise CannotStart(f"{wanted} is not installed where its account can run it")

    def initialize(self) -> None:
        secret = self.home / "password"
        secret.write_text(self.password, encoding="utf-8")
        if self.account:
            os.chown(secret, self.account["user"], self.account["group"])
        command = [
            *(str(self.bin / "initdb"), "-D", str(self.data), "-U", ROLE, "-E", "UTF8"),
            *("--locale=C", "--auth=scram-sha-256", f"--pwfile={secret}"),
        ]
        done = subprocess.run(command, capture_output=True, cwd="/", check=False, **self.account)
        secret.unlink()
        if done.returncode:
            raise CannotStart(f"initdb: {done.stderr.decode(errors='replace').strip()}")


def unprivileged_account() -> dict[str, Any]:
    """Popen's arguments to drop root's rights, which PostgreSQL refuses; empty for anybody else."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise CannotStart("PostgreSQL refuses root, and there is no user 'postgres' or 'nobody'")


def version_of(folder: Path, account: dict[str, Any]) -> str:
    """Such as `15.18`; empty where the account cannot run it."""
    try:
        done = subprocess.run(
            [str(folder / "postgres"), "--version"],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **account,
        )
    except OSError:
        return ""
    words = done.stdout.split()
    return words[2] if done.returncode == 0 and len(words) > 2 else ""
