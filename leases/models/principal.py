from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from leases.roles import RIGHT_LABELS, Right

SERVICE_PRINCIPAL = "service-admin"
# Whom memory submits by; `telemetry.memory.bridge_principal` makes it.
MEMORY_BRIDGE_ID = uuid.UUID("6d656d6f-7279-4272-8964-676500000001")


class PrincipalManager(UserManager["User"]):
    """Creates people and automations, and finds the built-in service principal."""

    def service_principal(self) -> User:
        """The principal that ``ARW_ADMIN_TOKEN`` stands for (contract §1)."""
        return self.get(username=SERVICE_PRINCIPAL)

    def named(self, name_or_id: str) -> User | None:
        """The principal with that user name or id, or None."""
        try:
            return self.filter(models.Q(pk=uuid.UUID(name_or_id))).first()
        except ValueError:
            # PostgreSQL refuses U+0000 in a parameter; nobody is called that.
            return None if "\x00" in name_or_id else self.filter(username=name_or_id).first()


class User(AbstractUser):
    """A principal: a person who signs in, or an automation that holds tokens.

    Records, history and receipts hold its opaque ``id``; names are joined at display
    (contract §5).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    interactive = models.BooleanField(
        _("can sign in"),
        default=True,
        help_text=_("Automations are not interactive: they use API tokens only."),
    )

    objects: ClassVar[PrincipalManager] = PrincipalManager()

    class Meta:
        verbose_name = _("person or automation")
        verbose_name_plural = _("people and automations")
        permissions = [(right.value, RIGHT_LABELS[right]) for right in Right]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The full name where there is one, else the user name."""
        return self.get_full_name() or self.username

    @property
    def is_internal(self) -> bool:
        """Whether it is the server's own and nobody's to act as: it holds no password, no token."""
        return self.pk == MEMORY_BRIDGE_ID

    def has_right(self, right: Right) -> bool:
        """Whether the role carries ``right``; inactive principals have none."""
        return self.has_perm(right.permission)
