"""`python -m arw_site.run [demo | prepare | serve FD | cluster]`.

Without a word: prepares everything, fills an empty database with demo data, and serves on
127.0.0.1:ARW_PORT. `demo` puts the demo data back and ends. `prepare` makes keys, tables and static
files and ends. `serve FD` only serves, on a listening socket passed on by the starting process.
`cluster` runs two servers with PostgreSQL, Redis and a proxy, the latter on 127.0.0.1:ARW_PORT.
"""

import argparse
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from arw_site.environment import Environment
from arw_site.run.failures import CannotStart
from arw_site.run.folder import prepare_folder
from arw_site.run.listener import inherited, listen
from arw_site.state import default_state_dir


def main() -> int:
    """The process' exit code: 0 when it stopped as asked, 1 when it could not start."""
    arguments = parse()
    os.umask(0o077)  # the database and its journals are the owner's alone
    try:
        values = read_environment()
        if arguments.what == "serve":
            return serve_only(values, arguments)
        if arguments.what == "cluster":
            return run_cluster(values)
        listener = listen(values["ARW_PORT"]) if arguments.what == "run" else None
        state = state_folder(values)
        prepare(state)
        sign_in_file = state / "sign-in.txt"
        if arguments.what != "prepare" or arguments.fill:
            fill(sign_in_file, reset=arguments.what == "demo")
        close_database()
        if arguments.what == "demo":
            print(f"The demo data is as on the first day; passwords are in {sign_in_file}")
        if listener:
            return serve(listener, values, state, announce=screen(values, state, sign_in_file))
    except CannotStart as failure:
        for line in str(failure).splitlines():
            print(f"error: {line}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m arw_site.run", description=__doc__)
    parser.set_defaults(what="run")
    words = parser.add_subparsers(dest="what", required=False)
    words.add_parser("demo", help="put the demo data back as it was on the first start")
    prepared = words.add_parser("prepare", help="make keys, tables and static files")
    prepared.add_argument("--fill", action="store_true", help="and demo data, if it is empty")
    words.add_parser("cluster", help="two servers, PostgreSQL, Redis and a proxy")
    served = words.add_parser("serve", help="serve on a socket passed on")
    served.add_argument("descriptor", type=int)
    served.add_argument("--alone", action="store_true", help="whatever ARW_PROCESSES says")
    served.add_argument("--announce", type=int, metavar="FD", help="where to write once it answers")
    parsed = parser.parse_args()
    parsed.what = parsed.what or "run"
    return parsed


def read_environment() -> dict[str, Any]:
    environment = Environment(os.environ)
    values = environment.read()
    if environment.problems:
        raise CannotStart("\n".join(environment.problems))
    return values


def state_folder(values: dict[str, Any]) -> Path:
    """The state folder, private and with its keys (contract §1: no default secret)."""
    folder = chosen_folder(values)
    prepare_folder(folder, os.environ)
    return folder


def chosen_folder(values: dict[str, Any]) -> Path:
    """Where the state folder is, or will be."""
    chosen = str(values["ARW_STATE_DIR"])
    return Path(chosen).expanduser().absolute() if chosen else default_state_dir()


def load_django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "arw_site.settings")
    django.setup()


def prepare(state: Path) -> None:
    load_django()
    from arw_site.run.preparation import check_settings, collect_static, migrate

    check_settings()
    migrate()
    collect_static()


def fill(sign_in_file: Path, *, reset: bool) -> None:
    from arw_site.run.people import ensure_demo

    ensure_demo(sign_in_file, reset=reset)


def close_database() -> None:
    """Nothing stays open between preparing and serving; SQLite folds its journal into the file."""
    from django.db import connections

    connections.close_all()


def screen(values: dict[str, Any], state: Path, sign_in_file: Path) -> Callable[[], None]:
    from arw_site.run.people import read_sign_ins
    from arw_site.run.screen import welcome

    people = read_sign_ins(sign_in_file)
    text = welcome(
        port=values["ARW_PORT"],
        state=state,
        state_chosen=bool(values["ARW_STATE_DIR"]),
        sign_in_file=sign_in_file,
        people=people,
    )
    return lambda: print(text, flush=True)


def serve_only(values: dict[str, Any], arguments: argparse.Namespace) -> int:
    """Serve on the inherited socket, and write one byte to `--announce` once it answers."""
    descriptor = arguments.announce

    def announce() -> None:
        if descriptor is not None:
            os.write(descriptor, b".")
            os.close(descriptor)

    if arguments.alone:
        values = {**values, "ARW_PROCESSES": 1}
    return serve(inherited(arguments.descriptor), values, chosen_folder(values), announce=announce)


def serve(
    listener: socket.socket, values: dict[str, Any], state: Path, *, announce: Callable[[], None]
) -> int:
    if values["ARW_PROCESSES"] > 1:
        from arw_site.run.processes import serve_many

        return serve_many(listener.fileno(), values["ARW_PROCESSES"], state, announce)
    load_django()
    from django.conf import settings

    from arw_site.run.serving import serve_daphne, serve_uvicorn

    if values["ARW_SERVER"] == "daphne":
        serve_daphne(listener, announce)
    else:
        serve_uvicorn(listener, announce, behind_proxy=settings.ARW_HTTPS)
    return 0


def run_cluster(values: dict[str, Any]) -> int:
    from arw_site.run.cluster.running import Cluster

    listen(values["ARW_PORT"]).close()  # better to hear it now than from the proxy, later
    return Cluster(state_folder(values), values["ARW_PORT"]).run()


if __name__ == "__main__":
    sys.exit(main())
