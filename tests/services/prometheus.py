"""A private Prometheus that scrapes servers of ours, on a free port of 127.0.0.1."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.services.binaries import prometheus
from tests.services.processes import PACE, ServiceFailed, end, free_port, tail, wait_until
from tests.services.server import PATIENCE, ROOT

CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: arw
    authorization: {{type: Bearer, credentials_file: {token}}}
    static_configs: [{{targets: [{targets}]}}]
"""


class Prometheus:
    """Scrapes `targets` (`host:port`) with a token, by our own rules; `stop()` ends it by its id."""

    def __init__(self, targets: Sequence[str], token: str) -> None:
        program = prometheus()
        if program is None:
            raise ServiceFailed("Prometheus is missing: run `python -m tests.services.ensure`")
        self.home = Path(tempfile.mkdtemp(prefix="arw-prometheus-"))
        self.log = self.home / "log"
        secret, config = self.home / "token", self.home / "prometheus.yml"
        secret.write_text(token)
        rules = ROOT / "docs" / "observability" / "arw-rules.yml"
        config.write_text(CONFIG.format(rules=rules, token=secret, targets=", ".join(targets)))
        self.base = f"http://127.0.0.1:{free_port()}"
        command = [
            *(str(program), f"--config.file={config}", f"--storage.tsdb.path={self.home / 'data'}"),
            f"--web.listen-address={self.base.removeprefix('http://')}",
        ]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output)
        wait_until(self.answers, self.process, self.log, seconds=PATIENCE)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.base}/-/ready", timeout=60).status_code == 200
        except httpx.TransportError:
            return False

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Labels and value of each series that the expression has now."""
        answer = httpx.get(f"{self.base}/api/v1/query", params={"query": expression}, timeout=60)
        assert answer.status_code == 200, answer.text
        result: list[dict[str, Any]] = answer.json()["data"]["result"]
        return [(one["metric"], float(one["value"][1])) for one in result]

    def value(self, expression: str) -> float | None:
        """The one value of the expression, or None where there is none yet."""
        found = self.query(expression)
        return found[0][1] if len(found) == 1 else None

    def wait_for(self, expression: str, value: float) -> None:
        """Returns once the expression has this value; fails when it does not get it."""
        deadline = time.monotonic() + PATIENCE
        while (seen := self.value(expression)) != value:
            assert time.monotonic() < deadline, f"{expression}: {seen}; {tail(self.log)}"
            try:
                self.process.wait(PACE)
            except subprocess.TimeoutExpired:
                continue
            raise ServiceFailed(f"Prometheus ended: {tail(self.log)}")

    def stop(self) -> None:
        end(self.process)
        shutil.rmtree(self.home, ignore_errors=True)
