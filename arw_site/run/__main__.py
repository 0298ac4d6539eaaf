"""`python -m arw_site.run [demo | prepare | serve FD]`.

Without a word: prepares everything, fills an empty database with demo data, and serves on
127.0.0.1:ARW_PORT. `demo` puts the demo data back and ends. `prepare` makes keys, tables and static
files and ends. `serve FD` only serves, on a listening socket passed on by the starting process.
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
            load_django()
            serve(inherited(arguments.descriptor), values["ARW_SERVER"], announce=lambda: None)
            return 0
        listener = listen(values["ARW_PORT"]) if arguments.what == "run" else None
        state = state_folder(values)
        prepare(state)
        sign_in_file = state / "sign-in.txt"
        if arguments.what != "prepare":
            fill(sign_in_file, reset=arguments.what == "demo")
        close_database()
        if arguments.what == "demo":
            print(f"The demo data is as on the first day; passwords are in {sign_in_file}")
        if listener:
            serve(listener, values["ARW_SERVER"], announce=screen(values, state, sign_in_file))
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
    words.add_parser("prepare", help="make keys, tables and static files")
    words.add_parser("serve", help="serve on a socket passed on").add_argument(
        "descriptor", type=int
    )
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
    chosen = str(values["ARW_STATE_DIR"])
    folder = Path(chosen).expanduser().absolute() if chosen else default_state_dir()
    prepare_folder(folder, os.environ)
    return folder


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


def serve(listener: socket.socket, software: str, *, announce: Callable[[], None]) -> None:
    from django.conf import settings

    from arw_site.run.serving import serve_daphne, serve_uvicorn

    if software == "daphne":
        serve_daphne(listener, announce)
    else:
        serve_uvicorn(listener, announce, behind_proxy=settings.ARW_HTTPS)


if __name__ == "__main__":
    sys.exit(main())
