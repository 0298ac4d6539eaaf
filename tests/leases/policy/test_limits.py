"""Policies and files that would end the server, or hold it, are refused before they can."""

import json
import os
from pathlib import Path

import pytest

from leases.policy.document import policy_parse
from leases.policy.faults import InvalidPolicy, PolicyFault
from leases.policy.files import policy_file_parse
from tests.leases.policy.rules import FORBID, no_file

BOMBS = {
    "brackets": "(" * 20_000 + "true" + ")" * 20_000,
    "sets": "[" * 20_000 + "1" + "]" * 20_000 + " == [1]",
    "chain": " && ".join(['context.subject == "x"'] * 20_000),
    "conditions": "if true then " * 20_000 + "true" + " else false" * 20_000,
    "what JSON cannot hold": " && ".join(['context.subject == "x"'] * 150),
}


def refused(path: Path) -> PolicyFault:
    with pytest.raises(InvalidPolicy) as raised:
        policy_file_parse(path)
    (fault,) = raised.value.errors
    assert isinstance(fault, PolicyFault)
    return fault


@pytest.mark.parametrize("bomb", BOMBS)
def test_it_refuses_what_nests_too_deeply_and_says_where(bomb: str) -> None:
    policy = f"{FORBID}\npermit(principal, action, resource) when {{ {BOMBS[bomb]} }};"
    text = json.dumps({"cedar": {"policy": policy}})
    with pytest.raises(InvalidPolicy) as raised:
        policy_parse(text, read_file=no_file)
    (fault,) = raised.value.errors
    assert isinstance(fault, PolicyFault)
    assert (fault.code, fault.pointer, fault.line) == ("too_deep", "/cedar/policy", 1)
    assert fault.column >= text.index("permit")


def test_it_counts_no_brackets_in_strings_and_comments() -> None:
    brackets = "(" * 500
    policy = f'@id("{brackets}") permit(principal, action, resource); // {brackets}'
    document = policy_parse(json.dumps({"cedar": {"policy": policy}}), read_file=no_file)
    assert document.cedar is not None
    assert document.cedar.policy == policy


def test_it_waits_for_no_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in refused(tmp_path / "pipe").message
    file = tmp_path / "policy.json"
    file.write_text('{"cedar": {"policy_path": "pipe"}}')
    fault = refused(file)
    assert (fault.pointer, fault.code) == ("/cedar/policy_path", "unreadable")


def test_it_says_that_a_home_folder_is_unknown(tmp_path: Path) -> None:
    assert refused(Path("~nobody.of.that.name/policy.json")).code == "unreadable"
    file = tmp_path / "policy.json"
    file.write_text('{"cedar": {"policy_path": "~nobody.of.that.name/x"}}')
    assert refused(file).pointer == "/cedar/policy_path"
