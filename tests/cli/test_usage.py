"""Command lines that make no sense: exit code 2, one line, and nothing is sent anywhere."""

from pathlib import Path

import pytest

from tests.cli.conftest import cli, lines

# Nothing listens there: whatever is sent would end in exit code 3.
NOWHERE = {"ARW_BASE": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Missing command"),
        (["nonsense"], "No such command 'nonsense'"),
        (["persona"], "Missing command"),
        (["persona", "show"], "Missing argument 'ID'"),
        (["persona", "show", ".."], "'..' is no id"),
        (["persona", "show", ""], "'' is no id"),
        (["persona", "list", "--nonsense"], "No such option"),
        (["persona", "list", "--limit", "many"], "--limit"),
        (["persona", "list", "--timeout", "0"], "--timeout"),
        (["persona", "list", "--timeout", "nan"], "--timeout"),
        (["persona", "list", "--base", "ftp://x"], "--base"),
        (["persona", "list", "--base", "127.0.0.1:8091"], "--base"),
        (["persona", "list", "--base", "http://"], "--base"),
        (["persona", "list", "--base", "http://x:99999"], "--base"),
        (["persona", "list", "--base", "http://u:p@x"], "--base"),
        (["persona", "list", "--base", "http://x?y=1"], "--base"),
        (["persona", "list", "--base", "http://[::1"], "--base"),
        (["persona", "list", "--admin-token", "two words"], "--admin-token"),
        (["persona", "list", "--admin-token", "tökén"], "--admin-token"),
        (["persona", "propose", "x"], "Missing option '--file'"),
        (["persona", "propose", "x", "--file", "no/such/file"], "No such file"),
        (["persona", "propose", "x", "--file", "."], "Is a directory"),
        (["persona", "reject", "x"], "Missing option '--rationale'"),
        (["persona", "feedback", "x"], "nothing to say"),
        (["persona", "feedback", "x", "--strength", "nan"], "--strength"),
        (["persona", "feedback", "x", "--strength", "inf"], "--strength"),
        (["persona", "feedback", "x", "--signal", "s", "--metadata", "[]"], "--metadata"),
        (["persona", "feedback", "x", "--file", "-", "--note", "n"], "--file"),
        (["persona", "telemetry", "x"], "--enable or --disable"),
        (["admin", "persona", "seed", "--telemetry-scope", "s"], "--enable-telemetry"),
        (["admin", "persona", "seed", "--traits", "{"], "--traits: "),
        (["admin", "persona", "seed", "--traits", "@no/such/file"], "No such file"),
        (["admin", "lease", "grant", "c", "--ttl", "soon"], "--ttl"),
        (["admin", "lease", "grant", "c", "--ttl", "1h", "--ttl-secs", "9"], "--ttl-secs"),
        (["admin", "token", "create", "t", "--expires", "2027-01-01T00:00:00"], "--expires"),
        (["admin", "token", "create", "t", "--expires", "999999999d"], "--expires"),
        (["events", "tail", "--limit", "0"], "--limit"),
    ],
)
def test_it_says_in_one_line_what_is_wrong(arguments: list[str], says: str) -> None:
    done = cli(*arguments, env=NOWHERE)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(lines(done.stderr)) == 1
    assert says in done.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[\n  {"op": "add"\n]', "Expecting ',' delimiter at line 3, column 1"),
        ("", "Expecting value at line 1, column 1"),
        ('{"a": 1, "a": 2}', "at /a: the key occurs more than once"),
        ('{"a": NaN}', "at /a: NaN"),
        ('{"a": 9007199254740993}', "at /a: "),
        ("[" * 5000 + "]" * 5000, "nested deeper"),
        ('{"a": "\\u0000"}', "at /a: "),
    ],
)
def test_it_says_where_a_file_is_no_json(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "diff.json"
    file.write_text(text)

    done = cli("persona", "propose", "x", "--file", str(file), env=NOWHERE)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(lines(done.stderr)) == 1
    assert done.stderr.startswith(str(file))
    assert says in done.stderr


def test_it_reads_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "diff.json"
    file.write_bytes(b'{"a": "\xff"}')

    done = cli("persona", "propose", "x", "--file", str(file), env=NOWHERE)

    assert done.returncode == 2
    assert "not valid UTF-8 at byte 7" in done.stderr


def test_it_names_standard_input() -> None:
    done = cli("persona", "propose", "x", "--file", "-", env=NOWHERE, stdin="[1,")

    assert done.returncode == 2
    assert done.stderr.startswith("standard input: ")


@pytest.mark.parametrize("argument", [b"\xff\xfe", "ü".encode("latin-1")])
def test_it_survives_arguments_that_are_no_text(argument: bytes) -> None:
    word = argument.decode(errors="surrogateescape")

    shown = cli("persona", "show", word, env=NOWHERE)
    keyed = cli("persona", "feedback", "x", "--note", "n", "--idempotency-key", word, env=NOWHERE)

    assert (shown.returncode, keyed.returncode) == (2, 2)
    assert "Traceback" not in shown.stderr + keyed.stderr
