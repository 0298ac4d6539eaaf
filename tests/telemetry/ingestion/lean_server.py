"""`python -m tests.telemetry.ingestion.lean_server FD`: servers that start in a moment, to be killed.

The process loads everything once and serves nothing itself. For each line on its input it forks a
child that serves on the listening socket FD, and prints the child's id.
"""

from __future__ import annotations

import os
import signal
import sys

import uvicorn
from django.urls import get_resolver


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "arw_site.settings")
    from arw_site.asgi import application

    get_resolver().reverse_dict  # noqa: B018  loads the views before the children need them
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve(application)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def serve(application: object) -> None:
    config = uvicorn.Config(
        application,  # type: ignore[arg-type]
        fd=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
    )
    uvicorn.Server(config).run()
    os._exit(0)


if __name__ == "__main__":
    main()
