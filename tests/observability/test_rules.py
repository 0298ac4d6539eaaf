"""The alert rules, their unit tests, and the examples of configuration."""

from pathlib import Path

import pytest
import yaml

from tests.observability.conftest import FOLDER, Promtool, example

pytestmark = pytest.mark.pure

RULES = yaml.safe_load(example("arw-rules.yml").read_text())
TESTS = yaml.safe_load(example("arw-rules.test.yml").read_text())


def alerts() -> list[dict[str, object]]:
    return [rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule]


def test_promtool_takes_the_rules(promtool: Promtool) -> None:
    assert "SUCCESS" in promtool("check", "rules", "arw-rules.yml")


def test_promtool_passes_their_unit_tests(promtool: Promtool) -> None:
    assert "SUCCESS" in promtool("test", "rules", "arw-rules.test.yml")


def test_promtool_takes_the_configuration(promtool: Promtool) -> None:
    assert "SUCCESS" in promtool("check", "config", "--syntax-only", "prometheus.yml")


def test_it_sees_every_alert_fire_in_a_unit_test() -> None:
    fired = {
        case["alertname"]
        for test in TESTS["tests"]
        for case in test.get("alert_rule_test", [])
        if case["exp_alerts"]
    }
    assert fired == {rule["alert"] for rule in alerts()}


def test_it_says_of_every_alert_how_bad_it_is_and_what_to_do() -> None:
    text = example("README.md").read_text()
    for rule in alerts():
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}  # type: ignore[index]
        assert rule["annotations"]["summary"]  # type: ignore[index]
        assert f"`{rule['alert']}`" in text


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.yml")), ids=lambda file: file.name)
def test_it_is_yaml(file: Path) -> None:
    assert yaml.safe_load(file.read_text())
