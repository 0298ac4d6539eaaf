"""Sign-in lock-out: after eight wrong passwords, stored under keyed digests alone (§1)."""

import pickle
import secrets
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from arw_site.sign_in import throttle_client, throttle_user
from leases.models import User

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.77"


@pytest.fixture
def password(alice: User) -> str:
    cache.clear()
    secret = secrets.token_urlsafe(20)
    alice.set_password(secret)
    alice.save()
    return secret


def sign_in(username: str, password: str, *, address: str = ADDRESS) -> HttpResponse:
    client = Client(REMOTE_ADDR=address)
    return client.post(
        reverse("admin:login"),
        {"username": username, "password": password, "next": "/admin/"},
        headers={"Accept": "text/html"},
    )


def test_it_locks_out_after_the_limit_and_says_for_how_long(password: str) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert sign_in("alice", "wrong").status_code == 200
    refused = sign_in("alice", "wrong")
    assert refused.status_code == 429
    assert refused["Retry-After"] == "600"
    # Even the right password waits now, from here; elsewhere it does not.
    assert sign_in("alice", password).status_code == 429
    assert sign_in("alice", password, address="203.0.113.78").status_code == 302


def test_it_counts_names_whatever_their_case(password: str) -> None:
    for at in range(settings.AXES_FAILURE_LIMIT):
        sign_in("ALICE" if at % 2 else "alice", "wrong")
    assert sign_in("Alice", "wrong").status_code == 429


def test_it_forgets_failures_after_a_success(password: str) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        sign_in("alice", "wrong")
    assert sign_in("alice", password).status_code == 302
    assert sign_in("alice", "wrong").status_code == 200


def test_it_stores_neither_name_nor_address(password: str) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        sign_in("alice", "wrong")
    files = list(Path(settings.CACHES["default"]["LOCATION"]).iterdir())
    assert files
    stored = [file.name.encode() + file.read_bytes() + content(file) for file in files]
    for secret in (b"alice", ADDRESS.encode(), b"wrong"):
        assert all(secret not in text for text in stored)


def test_it_counts_under_keyed_digests(password: str, settings: Settings) -> None:
    request = RequestFactory(REMOTE_ADDR=ADDRESS).post("/admin/login/", {"username": "alice"})
    keys = throttle_user(request), throttle_client(request)
    assert throttle_user(request, {"username": "ALICE"}) == keys[0]
    settings.ARW_PSEUDONYM_KEY = settings.ARW_PSEUDONYM_KEY[::-1]
    assert throttle_user(request) != keys[0]
    assert throttle_client(request) != keys[1]
    assert "alice" not in keys[0]
    assert ADDRESS not in keys[1]


def content(file: Path) -> bytes:
    """What the cache keeps in a file: a time, then a compressed value."""
    with file.open("rb") as stream:
        pickle.load(stream)
        return zlib.decompress(stream.read())
