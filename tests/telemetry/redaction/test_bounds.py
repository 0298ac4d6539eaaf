"""Lengths, depth, items, keys: what is cut, what is dropped, and that it is counted."""

import subprocess
import sys

import pytest

from telemetry.redaction import NOTE_POLICY, Policy, sanitize, sanitize_text
from tests.telemetry.redaction import planted


def test_it_cuts_long_event_strings_after_searching_them() -> None:
    result = sanitize_text("word " * 60)
    assert result.value == ("word " * 40).rstrip() + "...[truncated]"
    assert (result.redacted, result.truncated) == (0, 1)
    straddling = "y " * 95 + planted.github()
    assert sanitize_text(straddling).value == "[redacted]"


def test_it_leaves_a_note_of_2000_characters_whole() -> None:
    note = ("a calm day\n\tand then some; " * 90)[:2000].strip()
    result = sanitize_text(note, NOTE_POLICY)
    assert (result.value, result.redacted, result.truncated) == (note, 0, 0)


def test_it_keeps_nothing_that_it_has_not_searched() -> None:
    late = "word " * 4000 + planted.github()
    result = sanitize_text(late, NOTE_POLICY)
    assert len(result.value) < NOTE_POLICY.max_scan
    assert result.value.endswith("...[truncated]")
    assert planted.github()[:10] not in result.value
    assert result.truncated == 1


def test_it_keeps_no_beginning_of_a_secret_at_the_end_of_what_is_searched() -> None:
    token = planted.github()
    for shift in range(0, len(token) + 4, 3):
        text = ("w " * NOTE_POLICY.max_scan)[: NOTE_POLICY.max_scan - shift] + token
        assert token[:8] not in sanitize_text(text, NOTE_POLICY).value


@pytest.mark.parametrize(("keep", "expected"), [(True, "a\n\tb"), (False, "a  b")])
def test_it_keeps_line_breaks_only_where_the_policy_says(keep: bool, expected: str) -> None:
    assert sanitize_text("  a\n\tb \n", Policy(keep_layout=keep)).value == expected


def test_it_drops_control_and_invisible_characters() -> None:
    text = "a\x00b\u200bc\u202ed\ufeff\ud800e\u3164\x1b[1mf"
    assert sanitize_text(text).value == "abcdef"


def test_it_replaces_what_is_nested_too_deeply() -> None:
    value = {"a": {"a": {"a": 1}}}
    result = sanitize(value, Policy(max_depth=2))
    assert result.value == {"a": {"a": "...[truncated]"}}
    assert (result.redacted, result.truncated) == (0, 1)


def test_it_survives_nesting_beyond_the_interpreter() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    assert sanitize(value).truncated == 1


def test_it_counts_the_items_it_drops() -> None:
    result = sanitize(["a", "b", "c", "d"], Policy(max_items=3))
    assert (result.value, result.truncated) == (["a", "b", "c"], 1)


def test_it_bounds_all_strings_together() -> None:
    result = sanitize(["calm day"] * 10, Policy(max_total=24))
    assert result.value == ["calm day"] * 3 + ["...[truncated]"] * 7
    assert result.truncated == 7


def test_it_loses_no_value_when_keys_become_equal() -> None:
    first, second = planted.github(), planted.github()[:-1] + "Z"
    result = sanitize({first: 1, second: 2, "a\u200b": 3, "a": 4, "a#2": 5})
    assert result.value == {"[redacted]": 1, "[redacted]#2": 2, "a#3": 3, "a": 4, "a#2": 5}
    assert result.redacted == 2


def test_it_tells_thousands_of_redacted_keys_apart() -> None:
    policy = Policy(max_items=3000, max_total=10**6)
    result = sanitize({f"a{number}@example.com": number for number in range(3000)}, policy)
    assert list(result.value.values()) == list(range(3000))
    assert list(result.value)[-1] == "[redacted]#3000"
    assert (result.redacted, result.truncated) == (3000, 0)


def test_it_redacts_under_a_name_that_is_cut() -> None:
    name = "x" * 300 + "_pass" + "word"
    result = sanitize({name: planted.pass_word()})
    assert list(result.value.values()) == ["[redacted]"]


def test_it_redacts_only_the_items_that_make_up_a_split_secret() -> None:
    token = planted.github()
    result = sanitize(["before", token[:20], token[20:], 7, "after"])
    assert result.value == ["before", "[redacted]", "[redacted]", 7, "after"]
    assert result.redacted == 2


def test_it_starts_without_its_detectors() -> None:
    code = (
        "import sys, telemetry.redaction as r; r.sanitize({'note': 'a calm day'});"
        "heavy = {'phonenumbers', 'mnemonic', 'redact_secret', 'django', 'ipaddress'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
