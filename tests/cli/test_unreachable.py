"""Where no ARW server answers: exit code 3, whatever else answers there."""

import json
import socket
from collections.abc import Callable

import pytest

from tests.cli.conftest import Foreign, cli, lines
from tests.services.processes import free_port


def test_it_says_that_nothing_listens() -> None:
    base = f"http://127.0.0.1:{free_port()}"

    done = cli("persona", "list", "--base", base)

    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr == f"cannot reach {base}: Connection refused\n"


def test_it_gives_up_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        read = cli("persona", "list", "--base", base, "--timeout", "0.3")
        write = cli(
            "persona", "reject", "p", "--rationale", "r", "--base", base, "--timeout", "0.3"
        )

    assert (read.returncode, write.returncode) == (3, 3)
    assert read.stderr == f"{base} gave no answer within 0.3 s\n"
    assert "may be done all the same" in write.stderr


def test_it_does_not_find_a_name_that_does_not_exist() -> None:
    done = cli("persona", "list", "--base", "http://nowhere.invalid", "--timeout", "2")

    assert done.returncode == 3
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (200, b"<html>hello", "text/html", "is this an ARW server?"),
        (502, b"<html>bad gateway", "text/html", "status 502"),
        (200, b"[1, 2]", "application/json", "is this an ARW server?"),
        (200, b'{"items": 5}', "application/json", "is this an ARW server?"),
        (200, b'{"items": [5]}', "application/json", "is this an ARW server?"),
        (200, b'\xff"', "application/json", "is this an ARW server?"),
        (200, b"", "application/json", "is this an ARW server?"),
    ],
)
def test_it_tells_other_servers_from_an_arw_server(
    foreign: Callable[..., Foreign], status: int, body: bytes, kind: str, says: str
) -> None:
    other = foreign(status, body, kind)

    done = cli("persona", "list", "--base", other.base)

    assert done.returncode == 3
    assert done.stdout == ""
    assert len(lines(done.stderr)) == 1
    assert says in done.stderr


def test_it_does_not_take_its_token_along_a_redirect(foreign: Callable[..., Foreign]) -> None:
    elsewhere = foreign(200, b'{"items": [], "next": null}', "application/json")
    here = foreign(302, b"", "text/html", {"Location": elsewhere.base})

    done = cli("persona", "list", "--base", here.base, env={"ARW_ADMIN_TOKEN": "t" * 20})

    assert done.returncode == 3
    assert elsewhere.base in done.stderr
    assert here.tokens == ["Bearer " + "t" * 20]
    assert elsewhere.tokens == []


def test_it_prints_a_refusal_that_is_no_problem_document(foreign: Callable[..., Foreign]) -> None:
    other = foreign(400, json.dumps("no").encode(), "application/json")

    done = cli("persona", "list", "--base", other.base)

    assert done.returncode == 1
    assert done.stderr == "the server answered 400: no\n"


def test_it_spells_out_control_characters(foreign: Callable[..., Foreign]) -> None:
    name = "\x1b[2Jgone\u202egnp\nnext"
    item = {"id": "p", "name": name, "owner_kind": "agent", "owner_ref": "a", "version": 1}
    other = foreign(200, json.dumps({"items": [item]}).encode(), "application/json")

    words = cli("persona", "list", "--base", other.base)
    raw = cli("persona", "list", "--base", other.base, "--json")

    assert words.returncode == 0
    assert "\\x1b[2Jgone\\u202egnp\\nnext" in words.stdout
    assert "\x1b" not in words.stdout
    assert json.loads(raw.stdout)["items"][0]["name"] == name
