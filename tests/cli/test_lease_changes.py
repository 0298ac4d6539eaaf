"""Leases that are lent already, and requests for one, from the command line."""

import json

from tests.cli.conftest import Desk, Done, lines


def lend(desk: Desk, capability: str, *more: str) -> dict[str, object]:
    done = desk("admin", "lease", "grant", capability, "--json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def live(desk: Desk) -> dict[str, dict[str, object]]:
    return {item["id"]: item for item in desk.get("/state/leases", limit="500").json()["items"]}


def test_it_renews_a_lease(desk: Desk) -> None:
    lease = lend(desk, "cli:renew", "--ttl", "10s")
    done = desk("admin", "lease", "renew", str(lease["id"]), "--ttl", "1h", "--reason", "longer")

    renewed = live(desk)[str(lease["id"])]
    assert done.returncode == 0
    assert done.stdout == f"Renewed lease {lease['id']} valid until {renewed['ttl_until']}\n"
    assert str(renewed["ttl_until"]) > str(lease["ttl_until"])
    assert renewed["reason"] == "longer"


def test_it_revokes_one_lease_and_no_other(desk: Desk) -> None:
    gone, stays = lend(desk, "cli:revoke"), lend(desk, "cli:revoke")
    for _ in range(2):
        done = desk("admin", "lease", "revoke", str(gone["id"]), "--reason", "over")
        assert (done.returncode, done.stdout) == (0, f"Revoked lease {gone['id']}\n")

    assert gone["id"] not in live(desk)
    assert stays["id"] in live(desk)
    late = desk("admin", "lease", "renew", str(gone["id"]))
    assert (late.returncode, late.stdout) == (1, "")
    assert "Lease Not Live" in late.stderr


def test_it_revokes_by_prefix(desk: Desk) -> None:
    gone = [lend(desk, "cli:prefix:one"), lend(desk, "cli:prefix:two")]
    stays = lend(desk, "cli:other")
    done = desk("admin", "lease", "revoke-prefix", "cli:prefix:")

    assert done.returncode == 0
    assert lines(done.stdout)[-1] == "2 revoked"
    assert sorted(lines(done.stdout)[:-1]) == sorted(
        f"Revoked {one['capability']} lease {one['id']}" for one in gone
    )
    assert stays["id"] in live(desk)


def ask(desk: Desk, capability: str) -> str:
    done = desk(
        "admin", "lease", "request", capability, "--ttl", "20m", "--reason", "tone", "--json",
        who="alice",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["id"])


def test_it_asks_and_grants(desk: Desk) -> None:
    request_id = ask(desk, "cli:asked")
    listed = desk("admin", "lease", "requests", "--status", "pending", "--all")
    refused = desk("admin", "lease", "grant-request", request_id, who="alice")
    done = desk("admin", "lease", "grant-request", request_id, "--ttl", "30m")

    assert any(line.startswith(request_id) for line in lines(listed.stdout))
    assert refused.returncode == 1
    assert done.returncode == 0, done.stderr
    [lease] = [one for one in live(desk).values() if one["capability"] == "cli:asked"]
    assert done.stdout == f"Granted request {request_id}: lease {lease['id']}\n"
    again = desk("admin", "lease", "grant-request", request_id)
    assert again.returncode == 1
    assert "Lease Request Not Pending" in again.stderr


def test_it_denies_with_a_reason(desk: Desk) -> None:
    request_id = ask(desk, "cli:denied")
    without = desk("admin", "lease", "deny-request", request_id)
    done = desk("admin", "lease", "deny-request", request_id, "--reason", "not now")

    assert without.returncode == 2
    assert (done.returncode, done.stdout) == (0, f"Denied request {request_id}\n")
    assert not [one for one in live(desk).values() if one["capability"] == "cli:denied"]


def test_it_takes_one_duration_only(desk: Desk) -> None:
    done: Done = desk("admin", "lease", "renew", "x", "--ttl", "1h", "--ttl-secs", "5")

    assert (done.returncode, done.stdout) == (2, "")
