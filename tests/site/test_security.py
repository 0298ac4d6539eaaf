"""Sessions, forms, cookies, headers, and what the logs say of people (contract §1)."""

import json

import httpx
import pytest
from django.test import Client

from arw_site.sign_in import throttle_client
from leases.authentication import FAILURES_PER_MINUTE
from leases.models import Lease, User
from tests.conftest import StartServer
from tests.deployments import Deployment
from tests.fixtures import ApiFor
from tests.people import make_persona, problem
from tests.services.server import RunningServer

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def policy_of(header: str) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in header.split(";")]
    return {name: sources for name, _, sources in parts}


def signed_in(user: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="leases.authentication.PeopleBackend")
    return client


@pytest.mark.django_db
def test_it_wants_a_csrf_token_with_a_session(dana: User) -> None:
    client = signed_in(dana)
    body = {"capability": "persona:manage"}
    refused = client.post("/leases", body, content_type="application/json")
    assert problem(refused, 403, "Forbidden")["code"] == "forbidden"
    assert not Lease.objects.exists()
    client.get("/admin/login/")
    page = client.get("/admin/")
    assert page.status_code == 200
    token = client.cookies["arw_csrf"].value
    made = client.post(
        "/leases", body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert made.status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    "media_type", ["text/plain", "multipart/form-data; boundary=x", "multipart/form-data"]
)
def test_it_is_not_written_to_by_forms_from_elsewhere(dana: User, media_type: str) -> None:
    client = signed_in(dana)
    refused = client.generic("POST", "/leases", b'{"capability": "a"}', content_type=media_type)
    assert refused.status_code in {400, 403}
    assert refused["Content-Type"] == "application/problem+json"
    assert not Lease.objects.exists()


@pytest.mark.django_db
def test_it_needs_no_csrf_token_with_a_bearer_token(api: ApiFor, dana: User) -> None:
    client = api(dana)
    client.client = Client(enforce_csrf_checks=True)
    assert client.post("/leases", {"capability": "a"}).status_code == 201


@pytest.mark.django_db
def test_it_reads_with_a_session_alone(alice: User) -> None:
    make_persona()
    assert signed_in(alice).get("/state/persona/persona.alpha").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/api/docs", "/nope", "/healthz"])
def test_it_sends_the_strict_policy(dana: User, address: str) -> None:
    answer = signed_in(dana).get(address, headers={"Accept": "text/html"})
    assert policy_of(answer["Content-Security-Policy"]) == POLICY
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_it_marks_cookies(start_server: StartServer) -> None:
    server = start_server(env={"ARW_HTTPS": "true"})
    with httpx.Client(
        base_url=server.base, headers={"X-Forwarded-Proto": "https"}, timeout=60
    ) as client:
        answer = sign_in(client, server)
        cookies = answer.headers.get_list("set-cookie")
    assert answer.status_code == 302
    session = next(one for one in cookies if one.startswith("arw_session="))
    for mark in ("HttpOnly", "SameSite=Lax", "Secure"):
        assert mark in session
    assert all("Secure" in one for one in cookies)
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_it_sends_plain_http_on_to_https(start_server: StartServer) -> None:
    server = start_server(env={"ARW_HTTPS": "true"})
    answer = httpx.get(f"{server.base}/state/persona", timeout=60)
    assert (answer.status_code, answer.headers["Location"][:8]) == (301, "https://")
    assert httpx.get(f"{server.base}/healthz", timeout=60).status_code == 200


GUESSES = FAILURES_PER_MINUTE + 10


def guesses(server: RunningServer, *, addresses: int) -> list[int]:
    """Wrong tokens that come, so the header says, from so many addresses in turn."""
    with httpx.Client(base_url=server.base, timeout=60) as client:
        return [
            client.get(
                "/state/persona",
                headers={
                    "Authorization": "Bearer wrong",
                    "X-Forwarded-For": f"203.0.113.{at % addresses}",
                    "X-Forwarded-Proto": "https",
                },
            ).status_code
            for at in range(2 * GUESSES)
        ]


@pytest.mark.parametrize("software", ["uvicorn", "daphne"])
def test_it_believes_no_forwarded_headers_unless_it_is_behind_tls(
    start_server: StartServer, software: str
) -> None:
    server = start_server(software=software)
    # Whatever addresses a client makes up, it is one client: its guesses are counted together.
    assert set(guesses(server, addresses=200)) == {401, 429}
    with httpx.Client(
        base_url=server.base, headers={"X-Forwarded-Proto": "https"}, timeout=60
    ) as client:
        answer = client.get("/admin/login/")
    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers
    assert not any("Secure" in one for one in answer.headers.get_list("set-cookie"))


def test_it_tells_clients_apart_behind_its_own_proxy(start_server: StartServer) -> None:
    server = start_server(env={"ARW_HTTPS": "true"})
    assert set(guesses(server, addresses=2 * GUESSES)) == {401}
    assert set(guesses(server, addresses=1)) == {401, 429}


def test_it_logs_neither_names_nor_addresses(start_server: StartServer) -> None:
    server = start_server(env={"ARW_LOG_FORMAT": "json", "ARW_LOG_LEVEL": "debug"})
    deployment = Deployment(server)
    deployment.lease()
    deployment.persona()
    deployment.propose({"name": "Other"})
    with httpx.Client(base_url=server.base, timeout=60) as client:
        assert sign_in(client, server).status_code == 302
        assert client.get("/admin/").status_code == 200
        sign_in(client, server, password="wrong")
        client.get("/state/persona", headers={"Authorization": "Bearer wrong"})
    with deployment.person("charlie") as charlie:
        assert charlie.get("/state/persona").status_code == 403
    deployment.close()
    server.stop()
    lines = [json.loads(line) for line in server.log_file.read_text().splitlines()]
    finished = [line for line in lines if line["event"] == "request_finished"]
    assert {line["actor"].partition(":")[0] for line in finished} == {"actor"}
    assert len({line["actor"] for line in finished}) >= 4
    text = server.log_file.read_text()
    for secret in (
        "alice",
        "charlie",
        "service-admin",
        "127.0.0.1",
        server.passwords["alice"],
        "wrong",
    ):
        assert secret not in text, [line for line in lines if secret in json.dumps(line)][:2]
    for token in deployment.tokens.values():
        assert token not in text


def test_it_believes_no_address_that_a_client_sends() -> None:
    """A header that anybody may send is no address."""
    plain = Client().get("/healthz").wsgi_request
    forged = Client().get("/healthz", headers={"X-Forwarded-For": "198.51.100.9"}).wsgi_request
    assert throttle_client(plain) == throttle_client(forged)


def sign_in(
    client: httpx.Client, server: RunningServer, password: str | None = None
) -> httpx.Response:
    """alice's sign-in on a server, with the form's own token."""
    client.get("/admin/login/")
    form = {
        "username": "alice",
        "password": password or server.passwords["alice"],
        "csrfmiddlewaretoken": client.cookies["arw_csrf"],
        "next": "/admin/",
    }
    scheme = client.headers.get("X-Forwarded-Proto", "http")
    headers = {"Referer": str(client.base_url.copy_with(scheme=scheme))}
    if scheme == "https":
        # The client itself speaks plain http and would keep a secure cookie back.
        headers["Cookie"] = f"arw_csrf={client.cookies['arw_csrf']}"
    return client.post("/admin/login/", data=form, headers=headers)
