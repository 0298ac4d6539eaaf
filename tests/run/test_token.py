"""`manage.py token`: how the owner of the state folder gets the first token."""

from io import StringIO

import httpx
import pytest
from django.core.management import CommandError, call_command

from leases.models import ApiToken, User
from telemetry.memory.bridge_principal import bridge_principal
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


@pytest.mark.django_db
def test_it_makes_none_for_whom_nobody_acts_as() -> None:
    bridge = bridge_principal()
    printed = StringIO()
    for name in (bridge.username, str(bridge.pk)):
        with pytest.raises(CommandError) as refused:
            call_command("token", name, stdout=printed)
        assert str(refused.value) == "memory-bridge is the server's own: it holds no token"
        assert refused.value.returncode == 2
    assert printed.getvalue() == ""
    assert not ApiToken.objects.exists()
