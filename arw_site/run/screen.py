"""The one screen of text that a start prints."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from arw_site.run.people import SignIn

DEFAULT_PORT = 8091  # what arw-cli assumes (contract §11)


def welcome(
    *, port: int, state: Path, state_chosen: bool, sign_in_file: Path, people: Sequence[SignIn]
) -> str:
    """Where to go, who can sign in, where state lives, and what to try next.

    `state_chosen`: the folder is not the default, so another terminal has to be told.
    """
    who = ", ".join(
        person.username if person.role == "-" else f"{person.username} ({person.role})"
        for person in people
    )
    passwords = f"passwords in {sign_in_file}" if people else "made by `manage.py createsuperuser`"
    managing = [person.username for person in people if person.role == "admins"]
    token_for = managing[0] if managing else "NAME"
    base = "" if port == DEFAULT_PORT else f" --base http://127.0.0.1:{port}"
    return "\n".join(
        (
            "ARW Personas is running. Ctrl-C stops it.",
            "",
            f"  open       http://127.0.0.1:{port}/",
            f"  sign in    {who or 'nobody yet'}",
            f"             {passwords}",
            f"  state      {state}",
            "",
            "  try next, in another terminal:",
            *([f"    export ARW_STATE_DIR={shlex.quote(str(state))}"] if state_chosen else []),
            f"    export ARW_ADMIN_TOKEN=$(.venv/bin/python manage.py token {token_for})",
            f"    .venv/bin/arw-cli persona list{base}",
            "",
        )
    )
