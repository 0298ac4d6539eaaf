"""`manage.py token`: how the owner of the state folder gets the first token."""

from io import StringIO

import httpx
import pytest
from django.core.management import CommandError, call_command

from leases.models import ApiToken, User
from tests.services.server import RunningServer


def test_it_prints_a_token_that_the_server_takes(server: RunningServer) -> None:
    server.manage("demo")
    token = server.manage("token", "dana").strip()
    url = f"{server.base}/state/persona"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert answer.status_code == 200
    assert answer.json()["items"]
    assert httpx.get(url, timeout=60).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize(
    "arguments", [["nobody"], ["alice", "--days", "0"], ["alice", "--days", "9999999999"]]
)
def test_it_refuses_and_makes_nothing(arguments: list[str]) -> None:
    User.objects.create(username="alice")
    printed = StringIO()
    with pytest.raises(CommandError):
        call_command("token", *arguments, stdout=printed)
    assert printed.getvalue() == ""
    assert not ApiToken.objects.exists()
