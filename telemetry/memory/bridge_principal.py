"""Who submits what memory suggests: an automation of this server (contract §10)."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from leases.models import User
from leases.models.principal import MEMORY_BRIDGE_ID

BRIDGE_ID = MEMORY_BRIDGE_ID
BRIDGE_NAME = "memory-bridge"


def bridge_principal() -> User:
    """The bridge's principal, made on first use: a member who can never sign in.

    It holds no password and no token, and whatever it submits was asked for by somebody whose
    rights were judged.
    """
    found = User.objects.filter(pk=BRIDGE_ID).first()
    return found or _make()


def _make() -> User:
    with transaction.atomic():
        name = BRIDGE_NAME
        if User.objects.filter(username=name).exists():
            name = f"{BRIDGE_NAME}-{BRIDGE_ID.hex[:8]}"  # somebody was called that before
        bridge, _made = User.objects.get_or_create(
            pk=BRIDGE_ID,
            defaults={
                "username": name,
                "first_name": "Memory",
                "last_name": "bridge",
                "interactive": False,
                "password": make_password(None),
            },
        )
        bridge.groups.add(Group.objects.get(name="members"))
    return bridge
