"""The first start, the second, and those that cannot succeed."""

import resource
import socket
import sqlite3
import stat
from pathlib import Path

import httpx
import pytest

from tests.run.starts import environment, refused, started
from tests.services.processes import free_port, tail


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_starts_from_nothing(tmp_path: Path) -> None:
    state, log = tmp_path / "new" / "state", tmp_path / "log"
    env = environment(state)
    with started(env, log) as (base, _):
        login = httpx.get(f"{base}/admin/login/", follow_redirects=True, timeout=60)

    screen = tail(log)
    assert login.status_code == 200
    assert f"{base}/" in screen
    assert str(state / "sign-in.txt") in screen
    assert "dana (admins)" in screen
    assert f"arw-cli persona list --base {base}" in screen
    assert f"export ARW_STATE_DIR={state}" in screen
    assert mode(state) == 0o700
    files = [path for path in state.iterdir() if path.is_file()]
    assert {"secret_key", "pseudonym_key", "sign-in.txt", "arw.sqlite3"} <= {f.name for f in files}
    assert {mode(path) for path in files} == {0o600}


def test_it_keeps_keys_and_data_and_is_quick_the_second_time(tmp_path: Path) -> None:
    state, log = tmp_path / "state", tmp_path / "log"
    kept = ("secret_key", "pseudonym_key", "sign-in.txt")
    begun = seconds_of_children()
    with started(environment(state), log):
        first = {name: (state / name).read_bytes() for name in kept}
        people = user_names(state)

    between = seconds_of_children()
    with started(environment(state), log):
        assert {name: (state / name).read_bytes() for name in kept} == first
        assert user_names(state) == people
    # Whatever a second is worth on this machine: nothing of what was made is made again.
    assert seconds_of_children() - between < (between - begun) / 3


def seconds_of_children() -> float:
    """Processor time of the processes that ended: what else the machine does is not counted."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def user_names(state: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(state / "arw.sqlite3") as link:
        rows = link.execute("SELECT username, password FROM leases_user ORDER BY username")
        found = rows.fetchall()
    link.close()
    return found


def test_it_says_that_the_port_is_in_use(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        line = refused(environment(tmp_path / "state", ARW_PORT=str(port)))
    assert line == f"error: port {port} on 127.0.0.1 is in use; choose another with ARW_PORT"
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("port", ["0", "65536", "http", "80 91"])
def test_it_says_that_the_port_is_wrong(tmp_path: Path, port: str) -> None:
    line = refused(environment(tmp_path / "state", ARW_PORT=port))
    assert "ARW_PORT" in line
    assert not (tmp_path / "state").exists()


def test_it_says_that_the_state_folder_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("kept")
    line = refused(environment(blocked / "state"))
    assert line == f"error: cannot write the state folder {blocked / 'state'}: Not a directory"
    assert blocked.read_text() == "kept"


def test_it_says_that_the_database_is_out_of_reach(tmp_path: Path) -> None:
    url = f"postgres://arw@127.0.0.1:{free_port()}/arw"
    line = refused(environment(tmp_path / "state", ARW_DATABASE_URL=url))
    assert line.startswith("error: database: ")


def test_it_refuses_a_key_that_is_too_short(tmp_path: Path) -> None:
    line = refused(environment(tmp_path / "state", ARW_SECRET_KEY="short"))
    assert line.startswith("error: arw.E")
    assert not (tmp_path / "state" / "arw.sqlite3").exists()
