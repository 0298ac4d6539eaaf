from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from personas.models.persona import Persona


class ApproverRule(models.Model):
    """Who decides on the personas of one owner: a group, people by name, or both.

    It narrows the right to decide and never gives it. An owner without a rule is open to everyone
    who has the right.
    """

    owner_kind = models.CharField(_("owner kind"), max_length=16, choices=Persona.OwnerKind.choices)
    owner_ref = models.CharField(_("owner"), max_length=256)
    # PROTECT: a rule that lost its group would shut everybody out but the admins.
    group = models.ForeignKey(
        Group,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approver_rules",
        verbose_name=_("group"),
    )
    principals = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="approver_rules",
        verbose_name=_("named approvers"),
    )

    class Meta:
        db_table = "persona_approver_rules"
        verbose_name = _("approver rule")
        verbose_name_plural = _("approver rules")
        ordering = ("owner_kind", "owner_ref")
        constraints = [
            models.UniqueConstraint(
                fields=["owner_kind", "owner_ref"], name="approver_rule_once_per_owner"
            ),
            models.CheckConstraint(
                condition=Q(owner_kind__in=["workspace", "project", "agent"]),
                name="approver_rule_owner_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_kind}:{self.owner_ref}"
