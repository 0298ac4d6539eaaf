"""The notice before memory is shared, where a lease rule of the policy says what shares (§6, §10)."""

import json
from pathlib import Path

from tests.conftest import StartServer
from tests.deployments import Deployment

RULES = [
    {"kind_prefix": "telemetry.", "capability": "vibes"},
    {"kind_prefix": "memory.", "capability": "notes:read"},
    {"kind_prefix": "memory.share.", "capability": "too:late"},
]


def test_it_stands_before_what_the_rule_names(start_server: StartServer, tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"lease_rules": RULES}), encoding="utf-8")
    deployment = Deployment(start_server(env={"ARW_POLICY_FILE": str(path)}))
    notice = deployment.admin.get("/state/sharing-notice").json()

    def grant(*arguments: str) -> tuple[int, str]:
        token = deployment.tokens["dana"]
        done = deployment.server.cli("admin", "lease", "grant", *arguments, token=token)
        return done.returncode, done.stderr

    for capability in ("notes:read", "share:persona"):
        code, said = grant(capability)
        assert code == 2
        assert notice["title"] in said
    assert deployment.admin.get("/state/leases").json()["items"] == []
    code, said = grant("notes:read", "--yes")
    assert code == 0
    assert notice["title"] in said
    for capability in ("vibes", "too:late"):
        assert grant(capability) == (0, "")
    deployment.close()
