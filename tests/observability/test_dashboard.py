"""Whatever the dashboard and the rules name exists on a running server's `/metrics`."""

import json
import re
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import StartServer
from tests.observability.conftest import consented, example, give, page_of

DASHBOARD: dict[str, Any] = json.loads(
    example("grafana/dashboards/arw-personas.json").read_text(encoding="utf-8")
)
RULES: dict[str, Any] = yaml.safe_load(example("arw-rules.yml").read_text())
RULE_LIST = [rule for group in RULES["groups"] for rule in group["rules"]]
NAME = re.compile(r"\b(?:arw_|arw:|django_|process_)[a-z0-9_:]+")


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    targets = [target["expr"] for panel in panels() for target in panel["targets"]]
    variables = [one.get("definition", "") for one in DASHBOARD["templating"]["list"]]
    return [*targets, *variables, *(rule["expr"] for rule in RULE_LIST)]


def names(page: str) -> set[str]:
    """The names of families and of their samples: a family without a series exists too."""
    families = list(text_string_to_metric_families(page))
    found = {family.name for family in families}
    found |= {f"{family.name}_total" for family in families if family.type == "counter"}
    found |= {
        f"{family.name}_{end}"
        for family in families
        if family.type == "histogram"
        for end in ("bucket", "sum", "count")
    }
    return found


def test_it_names_only_what_exists(start_server: StartServer) -> None:
    server = start_server()
    deployment = consented(server)
    with deployment.person("alice") as alice:
        give(alice, 2)
    deployment.close()
    known = names(page_of(server)) | {rule["record"] for rule in RULE_LIST if "record" in rule}
    named = {name for text in expressions() for name in NAME.findall(text)}
    assert len(named) > 25
    assert named - known == set()


def test_it_documents_every_metric_of_ours(start_server: StartServer) -> None:
    text = example("README.md").read_text(encoding="utf-8")
    written = set(re.findall(r"`(arw_[a-z_]+)", text))
    families = text_string_to_metric_families(page_of(start_server()))
    ours = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in families
        if family.name.startswith("arw_")
    }
    assert ours - written == set()
    assert written - ours == set()


def test_it_has_variables_that_every_panel_uses() -> None:
    variables = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    assert list(variables) == ["datasource", "job", "instance", "persona"]
    for panel in panels():
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all('job="$job"' in target["expr"] for target in panel["targets"])


def test_it_lays_every_panel_on_a_place_of_its_own() -> None:
    taken: set[tuple[int, int]] = set()
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_it_is_provisioned_by_what_stands_beside_it() -> None:
    source = yaml.safe_load(example("grafana/provisioning/datasources/prometheus.yml").read_text())
    provider = yaml.safe_load(example("grafana/provisioning/dashboards/arw.yml").read_text())
    assert [one["type"] for one in source["datasources"]] == ["prometheus"]
    assert provider["providers"][0]["type"] == "file"
    assert (DASHBOARD["schemaVersion"], DASHBOARD["uid"]) == (42, "arw-personas")
