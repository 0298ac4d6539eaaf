"""Demo data, and passwords for the demo's people: made at random, kept in one private file."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.core.management import CommandError, call_command

from arw_site.run.failures import CannotStart
from arw_site.run.folder import write_private
from leases.models import User

NOTE = "# The demo's people, their roles and passwords. Made at random on the first start."


@dataclass(frozen=True)
class SignIn:
    """One line of the sign-in file."""

    username: str
    role: str
    password: str


def ensure_demo(file: Path, *, reset: bool = False) -> None:
    """Demo data and passwords, once for an empty database, or again when `reset`.

    Raises CannotStart when the demo refuses, because there are personas that are not its own.
    """
    if not reset and User.objects.filter(interactive=True).exists():
        return
    try:
        call_command("demo", reset=reset, verbosity=0)
    except CommandError as refusal:
        raise CannotStart(f"demo: {refusal}") from refusal
    give_passwords(file)


def give_passwords(file: Path) -> None:
    """Every person without a usable password gets the one in `file`, or a new one kept there."""
    known = {line.username: line.password for line in read_sign_ins(file)}
    lines: list[SignIn] = []
    for person in User.objects.filter(interactive=True).order_by("username"):
        password = known.get(person.username)
        if not person.has_usable_password():
            password = password or secrets.token_urlsafe(12)
            person.set_password(password)
            person.save(update_fields=["password"])
        if password:
            role = person.groups.order_by("name").values_list("name", flat=True).first()
            lines.append(SignIn(person.username, role or "-", password))
    rows = [f"{line.username:<12} {line.role:<12} {line.password}" for line in lines]
    write_private(file, "\n".join([NOTE, *rows, ""]))


def read_sign_ins(file: Path) -> list[SignIn]:
    """The lines of the sign-in file; none when there is no such file."""
    if not file.exists():
        return []
    rows = [row.split() for row in file.read_text(encoding="utf-8").splitlines()]
    return [SignIn(*row) for row in rows if len(row) == 3 and not row[0].startswith("#")]
