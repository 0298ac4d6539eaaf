"""The demo's people, one for each role and a stranger."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group

from leases.models import User
from leases.roles import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in; without a role, a stranger who is refused everywhere."""

    username: str
    role: Role | None


ALICE = Person("alice", Role.MEMBERS)
BOB = Person("bob", Role.APPROVERS)
DANA = Person("dana", Role.ADMINS)
CHARLIE = Person("charlie", None)
PEOPLE = (ALICE, BOB, DANA, CHARLIE)


def ensure_people(*, reset: bool) -> list[str]:
    """Makes who is missing, without a password; with ``reset`` gives the others their role back.

    Returns a line for each of them that was made.
    """
    made = []
    for person in PEOPLE:
        user = User.objects.filter(username=person.username).first()
        if user is None:
            user = User(username=person.username, first_name=person.username.title())
            user.set_unusable_password()
            user.save()
            made.append(f"{person.username} ({person.role or 'no role'})")
        elif not reset:
            continue
        user.groups.set(Group.objects.filter(name=person.role) if person.role else [])
    return made


def principal(person: Person) -> User:
    """The person as the services know them."""
    return User.objects.get(username=person.username)
