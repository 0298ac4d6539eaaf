"""The one screen of text that a cluster prints once it is up."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from arw_site.run.children import Child
from arw_site.run.listener import HOST


def welcome(state: Path, port: int, ports: Mapping[str, int], running: Mapping[str, Child]) -> str:
    """Where everything is, with process ids: any part may be ended to see what happens."""
    rows = [
        f"  {name:<12} {HOST}:{ports.get(name, port):<6} process {child.pid}"
        for name, child in running.items()
    ]
    return "\n".join(
        (
            "The cluster is running. Ctrl-C stops it.",
            "",
            f"  open         http://{HOST}:{port}/",
            f"  passwords    {state / 'sign-in.txt'}",
            f"  state        {state / 'cluster'} (data, passwords, logs)",
            "",
            *rows,
            "",
            "  What ends by itself is started again. Commands, in another terminal:",
            f"    . {shlex.quote(str(state / 'cluster' / 'env'))}",
            "    export ARW_ADMIN_TOKEN=$(.venv/bin/python manage.py token dana)",
            "    .venv/bin/arw-cli persona list",
            "",
        )
    )
