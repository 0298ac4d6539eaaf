"""Servers as real processes: each with its own state folder, database, port and log."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from tests.services.postgresql import PostgreSQL
from tests.services.processes import end, tail, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 300  # seconds for a command or a start on a slow machine; none is expected to need them


class Template:
    """A state folder and a database as `python -m arw_site.run prepare` leaves them, to be copied.

    The database also holds the four people of tests/services/people.py.
    """

    def __init__(self, folder: Path, postgresql: PostgreSQL | None) -> None:
        self.state = folder / "state"
        self.postgresql = postgresql
        self.file = folder / "template.sqlite3"
        self.name = f"arw_template_{secrets.token_hex(4)}"
        url = postgresql.create(self.name) if postgresql else f"sqlite:///{self.file}"
        env = {**os.environ, "ARW_STATE_DIR": str(self.state), "ARW_DATABASE_URL": url}
        run([sys.executable, "-m", "arw_site.run", "prepare"], env, check=True)
        printed = run([sys.executable, "-m", "tests.services.people"], env, check=True).stdout
        self.people: dict[str, dict[str, str]] = json.loads(printed)

    def copy(self, state: Path) -> tuple[str, str]:
        """Fills a new state folder; returns its database's name and ARW_DATABASE_URL."""
        state.mkdir(parents=True, mode=0o700)
        (state / "static").symlink_to(self.state / "static", target_is_directory=True)
        if self.postgresql:
            name = f"arw_{secrets.token_hex(6)}"
            return name, self.postgresql.create(name, template=self.name)
        file = state / "arw.sqlite3"
        shutil.copy(self.file, file)
        return str(file), f"sqlite:///{file}"


class RunningServer:
    """One server process. `base` is its address, `env` what it and its commands run with.

    `tokens` and `passwords` of alice, bob, dana and charlie, by name; `admin_token` is the service
    principal's.
    `beside` shares state, database and keys of another server: two processes, one deployment.
    """

    def __init__(
        self,
        template: Template,
        folder: Path,
        software: str,
        env: dict[str, str],
        beside: "RunningServer | None" = None,
    ) -> None:
        folder.mkdir(parents=True)
        self.template = template
        self.log_file = folder / "server.log"
        self.tracebacks_expected = False
        self.owns_database = beside is None
        self.state: Path
        self.database: str
        self.env: dict[str, str]
        shared: dict[str, str]
        if beside:
            self.state, self.database, shared = beside.state, beside.database, beside.env
        else:
            self.state = folder / "state"
            self.database, url = template.copy(self.state)
            shared = {
                **os.environ,
                "ARW_STATE_DIR": str(self.state),
                "ARW_DATABASE_URL": url,
                "AGENTWELLNESS_HOME": str(folder / "wellness"),
                "ARW_EVENT_LOG": "true",
                "ARW_ADMIN_TOKEN": secrets.token_urlsafe(24),
            }
        self.env = {**shared, "ARW_SERVER": software, **env}
        self.admin_token = self.env["ARW_ADMIN_TOKEN"]
        self.tokens = {name: facts["token"] for name, facts in template.people.items()}
        self.passwords = {name: facts["password"] for name, facts in template.people.items()}
        self.process: subprocess.Popen[bytes] | None = None
        self.base = ""

    def start(self) -> None:
        """Starts the process on a free port and returns once `/readyz` says 200."""
        with socket.socket() as listener, self.log_file.open("ab") as output:
            listener.bind(("127.0.0.1", 0))
            listener.listen(2048)
            port = listener.getsockname()[1]
            self.base = self.env["ARW_BASE"] = f"http://127.0.0.1:{port}"
            self.env["ARW_PORT"] = str(port)
            command = [sys.executable, "-m", "arw_site.run", "serve", str(listener.fileno())]
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[listener.fileno()],
            )
        wait_until(self.answers, self.process, self.log_file, seconds=PATIENCE)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.base}/readyz", timeout=PATIENCE).status_code == 200
        except httpx.TransportError:
            return False

    def manage(self, *arguments: str, input: str | None = None) -> str:  # noqa: A002 as in subprocess
        """What `manage.py ...` printed; fails the test when it failed."""
        return run([sys.executable, "manage.py", *arguments], self.env, input, check=True).stdout

    def cli(
        self,
        *arguments: str,
        token: str | None = None,
        input: str | None = None,  # noqa: A002 as in subprocess
    ) -> subprocess.CompletedProcess[str]:
        """Runs `arw-cli ...` against this server, as the service principal or with a token."""
        script = Path(sys.executable).with_name("arw-cli")
        program = [str(script)] if script.exists() else [sys.executable, "-m", "arw_site.cli"]
        env = {**self.env, "ARW_ADMIN_TOKEN": self.admin_token if token is None else token}
        return run([*program, *arguments], env, input)

    def stop(self) -> int | None:
        """Ends the process politely; its exit code, or None when it never ran."""
        return end(self.process) if self.process else None

    def kill(self) -> None:
        """Ends the process at once, as a power cut would; `start()` brings it back."""
        if self.process:
            end(self.process, by=signal.SIGKILL)

    @property
    def log(self) -> str:
        """The end of what the server printed."""
        return tail(self.log_file, 20_000)

    def forget(self) -> None:
        """Drops the database, and fails the test if the server printed a traceback."""
        if self.owns_database and self.template.postgresql:
            self.template.postgresql.drop(self.database)
        assert self.tracebacks_expected or "Traceback (most recent" not in self.log, self.log


def run(
    command: list[str],
    env: dict[str, str],
    input: str | None = None,  # noqa: A002 as in subprocess
    *,
    check: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Runs a command of the project to its end; `check` fails the test with what it printed."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        input=input or "",
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    failed = check and done.returncode
    assert not failed, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done
