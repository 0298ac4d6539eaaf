"""Where messages go is a setting, and a secret (contract §1: nothing unsafe by default)."""

import os
import sys

import pytest
from django.views.debug import SafeExceptionReporterFilter

from arw_site.addresses import SecretUrls
from arw_site.environment import Environment
from tests.services.server import run


def read(**source: str) -> tuple[dict[str, object], list[str]]:
    environment = Environment(source)
    return environment.read(), environment.problems


def test_it_is_off_unless_set() -> None:
    values, problems = read()
    assert not values["ARW_NOTIFY_URLS"]
    assert list(values["ARW_NOTIFY_URLS"]) == []  # type: ignore[call-overload]
    assert values["ARW_BASE_URL"] == ""
    assert problems == []


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("json://a/b", ["json://a/b"]),
        ("json://a, slack://x/y ,mailto://u@z", ["json://a", "slack://x/y", "mailto://u@z"]),
        ("json://a\n  jsons://b:8/c\t", ["json://a", "jsons://b:8/c"]),
        ("mailto://z?to=a@x.org,b@x.org,json://c", ["mailto://z?to=a@x.org,b@x.org", "json://c"]),
        ("json://a,", ["json://a"]),
    ],
)
def test_it_takes_lists_apart(text: str, urls: list[str]) -> None:
    values, problems = read(ARW_NOTIFY_URLS=text)
    assert list(values["ARW_NOTIFY_URLS"]) == urls  # type: ignore[call-overload]
    assert problems == []


@pytest.mark.parametrize("text", ["hidden-word", "json://a hidden-word", "json://, hidden-word"])
def test_it_refuses_without_quoting(text: str) -> None:
    values, problems = read(ARW_NOTIFY_URLS=text)
    (problem,) = problems
    assert problem.startswith("ARW_NOTIFY_URLS has no scheme:// in its address number ")
    assert "hidden-word" not in problem
    assert not values["ARW_NOTIFY_URLS"]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://desk.example.org", "https://desk.example.org"),
        ("http://127.0.0.1:8091/", "http://127.0.0.1:8091"),
        ("https://example.org/desk/", "https://example.org/desk"),
    ],
)
def test_it_takes_the_address_of_the_server(text: str, url: str) -> None:
    values, problems = read(ARW_BASE_URL=text)
    assert (values["ARW_BASE_URL"], problems) == (url, [])


@pytest.mark.parametrize("text", ["desk.example.org", "ftp://x", "https://u@x", "https://x/?a=b"])
def test_it_refuses_other_addresses(text: str) -> None:
    values, problems = read(ARW_BASE_URL=text)
    assert (values["ARW_BASE_URL"], len(problems)) == ("", 1)


def test_it_is_hidden_on_debug_pages() -> None:
    urls = SecretUrls(["json://127.0.0.1/hidden-word"])
    shown = SafeExceptionReporterFilter().cleanse_setting("ARW_NOTIFY_URLS", urls)
    assert f"{shown!r} {shown}" == "<1 secret addresses> <1 secret addresses>"


def test_it_keeps_the_server_from_starting_without_saying_why_in_full() -> None:
    env = {**os.environ, "ARW_NOTIFY_URLS": "hidden-word"}
    done = run([sys.executable, "-c", "import arw_site.asgi"], env)
    assert done.returncode == 1
    assert "arw.E001: ARW_NOTIFY_URLS has no scheme://" in done.stderr
    assert "hidden-word" not in done.stderr
