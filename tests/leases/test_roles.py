"""Roles, rights, pseudonyms: what the migration makes, and what a role may (contract §1)."""

import re

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings

from leases.models import User
from leases.pseudonyms import actor_ref
from leases.roles import ROLE_RIGHTS, Right, Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_it_gives_each_group_its_rights(role: Role) -> None:
    held = set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))
    assert held == {right.value for right in ROLE_RIGHTS[role]}


@pytest.mark.parametrize(
    ("who", "rights"),
    [
        ("alice", ROLE_RIGHTS[Role.MEMBERS]),
        ("bob", ROLE_RIGHTS[Role.APPROVERS]),
        ("dana", ROLE_RIGHTS[Role.ADMINS]),
        ("charlie", ()),
    ],
)
def test_it_carries_rights_by_role(
    who: str, rights: tuple[Right, ...], request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    assert [right for right in Right if person.has_right(right)] == [
        right for right in Right if right in rights
    ]


def test_it_gives_the_inactive_no_right(dana: User) -> None:
    dana.is_active = False
    assert not any(dana.has_right(right) for right in Right)


def test_it_names_actors_by_a_keyed_pseudonym(alice: User, settings: Settings) -> None:
    name = actor_ref(alice.id)
    assert re.fullmatch(r"actor:[0-9a-f]{16}", name)
    assert actor_ref(alice.id) == name
    assert str(alice.id)[:8] not in name
    settings.ARW_PSEUDONYM_KEY = settings.ARW_PSEUDONYM_KEY[::-1]
    assert actor_ref(alice.id) != name
    assert actor_ref(None) == "actor:system"


def test_it_finds_principals_by_name_or_id(alice: User) -> None:
    assert User.objects.named("alice") == alice
    assert User.objects.named(str(alice.id)) == alice
    assert User.objects.named("nobody") is None
    assert User.objects.named("a\x00b") is None
    assert User.objects.named("00000000-0000-0000-0000-000000000000") is None
