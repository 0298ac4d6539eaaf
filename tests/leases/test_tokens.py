"""API tokens: made once, shown once, hashed, expiring, revoked by their owner (contract §1, §13)."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import serializers
from django.test import Client
from django.utils import timezone

from leases.errors import InvalidInput, TokenForbidden, TokenNotFound
from leases.models import ApiToken, User
from leases.tokens import MAX_LIFE, NOTED_EVERY, token_create, token_revoke, token_use_note
from telemetry.memory.bridge_principal import bridge_principal
from tests.fixtures import ApiFor
from tests.people import NOW, Api, pointers, problem

pytestmark = pytest.mark.django_db


def using(secret: str) -> Api:
    client = Api(None)
    client.headers["Authorization"] = f"Bearer {secret}"
    return client


def test_it_shows_the_token_once(api: ApiFor, alice: User) -> None:
    made = api(alice).post("/tokens", {"name": "nightly"})
    assert made.status_code == 201
    secret = made.json()["token"]
    assert using(secret).get("/state/persona").status_code == 200
    listed = using(secret).get("/state/tokens")
    assert secret not in listed.content.decode()
    assert "nightly" in {token["name"] for token in listed.json()["items"]}
    assert all(
        token.keys() == {"id", "name", "created", "expires", "last_used"}
        for token in listed.json()["items"]
    )


def test_it_stores_only_a_hash(alice: User) -> None:
    token, secret = token_create(user=alice, name="x", now=timezone.now())
    stored = json.dumps(serializers.serialize("json", ApiToken.objects.all()))
    assert secret not in stored
    assert len(token.digest) == 128
    # The part kept to find the row by is far from the whole.
    assert secret.startswith(token.token_key)
    assert len(secret) - len(token.token_key) > 40


@pytest.mark.parametrize("expires", [None, NOW + timedelta(days=7)])
def test_it_lives_until_the_instant_that_now_gives(alice: User, expires: datetime | None) -> None:
    until = expires or NOW + timedelta(days=30)
    token, _ = token_create(user=alice, name="x", now=NOW, expires=expires)
    assert token.expiry == until
    token.refresh_from_db()
    assert token.expiry == until
    assert token.is_live(until - timedelta(microseconds=1))
    assert not token.is_live(until)


def test_it_makes_none_for_whom_nobody_acts_as() -> None:
    with pytest.raises(TokenForbidden):
        token_create(user=bridge_principal(), name="x", now=NOW)
    assert not ApiToken.objects.exists()


def test_it_refuses_an_expired_token(alice: User) -> None:
    token, secret = token_create(user=alice, name="x", now=timezone.now())
    assert using(secret).get("/state/persona").status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(expiry=timezone.now())
    problem(using(secret).get("/state/persona"), 401, "Unauthorized")


def test_it_refuses_a_revoked_token_with_the_next_request(api: ApiFor, alice: User) -> None:
    made = api(alice).post("/tokens", {"name": "x"}).json()
    mine = using(made["token"])
    assert mine.delete(f"/tokens/{made['id']}").status_code == 204
    problem(mine.get("/state/tokens"), 401, "Unauthorized")
    problem(api(alice).delete(f"/tokens/{made['id']}"), 404, "Token Not Found")


def test_it_keeps_other_peoples_tokens(api: ApiFor, alice: User, dana: User) -> None:
    token, secret = token_create(user=alice, name="x", now=timezone.now())
    problem(api(dana).delete(f"/tokens/{token.public_id}"), 404, "Token Not Found")
    with pytest.raises(TokenNotFound):
        token_revoke(user=dana, public_id=token.public_id)
    assert using(secret).get("/state/tokens").status_code == 200
    listed = api(dana).get("/state/tokens").json()["items"]
    assert str(token.public_id) not in {one["id"] for one in listed}


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "  "}, "/name"),
        ({"expires": timedelta(0)}, "/expires"),
        ({"expires": timedelta(days=-1)}, "/expires"),
        ({"expires": MAX_LIFE + timedelta(seconds=1)}, "/expires"),
    ],
)
def test_it_refuses_bad_terms(alice: User, terms: dict[str, object], pointer: str) -> None:
    now = timezone.now()
    terms = {"name": "x", **terms}
    if "expires" in terms:
        terms["expires"] = now + terms["expires"]
    with pytest.raises(InvalidInput) as refused:
        token_create(user=alice, now=now, **terms)
    assert [fault.pointer for fault in refused.value.errors] == [pointer]
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "/name"),
        ({"name": None}, "/name"),
        ({"name": ["x"]}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": "x", "expires": "tomorrow"}, "/expires"),
        ({"name": "x", "expires": 5}, "/expires"),
        ({"name": "x", "expires": {}}, "/expires"),
        ({"name": "x", "expires": "0001-01-01T00:00:00+23:59"}, "/expires"),
        ({"name": "x", "expires": "9999-12-31T23:59:59-23:59"}, "/expires"),
        ({"name": "x", "expires": "2020-01-01T00:00:00Z"}, "/expires"),
    ],
)
def test_it_points_at_faults_of_the_body(
    api: ApiFor, alice: User, body: object, where: str
) -> None:
    client = api(alice)
    before = ApiToken.objects.count()
    assert pointers(problem(client.post("/tokens", body), 400, "Invalid Request")) == [where]
    assert ApiToken.objects.count() == before


def test_it_lets_a_stranger_manage_tokens_of_their_own(api: ApiFor, charlie: User) -> None:
    client = api(charlie)
    assert client.post("/tokens", {"name": "mine"}).status_code == 201
    assert len(client.get("/state/tokens").json()["items"]) == 2
    problem(api(None).get("/state/tokens"), 401)
    problem(api(None).post("/tokens", {"name": "x"}), 401)


def used_at(token: ApiToken) -> datetime | None:
    return ApiToken.objects.values_list("last_used_at", flat=True).get(pk=token.pk)


def test_it_notes_when_a_token_was_last_used(api: ApiFor, alice: User) -> None:
    token, secret = token_create(user=alice, name="x", now=timezone.now())
    other, _ = token_create(user=alice, name="y", now=timezone.now())
    assert used_at(token) is None
    before = timezone.now()
    listed = using(secret).get("/state/tokens").json()["items"]
    assert {one["id"]: one["last_used"] is None for one in listed}[str(other.public_id)]
    noted = used_at(token)
    assert noted is not None
    assert before <= noted <= timezone.now()
    assert used_at(other) is None
    problem(using("not-" + secret).get("/state/tokens"), 401)
    assert used_at(token) == noted


def test_it_notes_a_use_at_most_once_an_hour(alice: User, django_assert_num_queries: Any) -> None:
    now = timezone.now()
    token, _ = token_create(user=alice, name="x", now=now)
    assert token_use_note(token, now=now)
    assert not token_use_note(token, now=now)  # what was read before somebody else noted it
    token.refresh_from_db()
    with django_assert_num_queries(0):
        assert not token_use_note(token, now=now + NOTED_EVERY - timedelta(microseconds=1))
    assert used_at(token) == now
    assert token_use_note(token, now=now + NOTED_EVERY)
    assert used_at(token) == now + NOTED_EVERY


def test_it_shows_the_last_use_on_the_desk(client: Client, dana: User, alice: User) -> None:
    for user in (dana, alice):
        token, _ = token_create(user=user, name=f"of {user}", now=timezone.now())
        token_use_note(token, now=timezone.now())
    client.force_login(dana, backend="leases.authentication.PeopleBackend")
    assert client.get("/admin/tokens/").content.decode().count("last used") == 1
    shown = client.get("/admin/leases/apitoken/").content.decode()
    assert "Last used" in shown
    assert shown.count("<time") >= 6
