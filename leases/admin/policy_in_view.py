"""The policy in force and the kill switch, as pages show them (contract §6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leases.models import Control, User
from leases.roles import Right


@dataclass(frozen=True, slots=True)
class PolicyInView:
    """What decides now. ``mode`` is ``leases``, ``cedar`` or ``allow_all``.

    ``document`` has everything inlined, and is empty while no policy was loaded.
    """

    mode: str = "leases"
    revision: str = ""
    loaded_at: datetime | None = None
    loaded_by: User | None = None
    document: dict[str, Any] = field(default_factory=dict)
    halted_at: datetime | None = None
    halted_by: User | None = None
    halt_reason: str = ""

    @property
    def halted(self) -> bool:
        return self.halted_at is not None

    @property
    def allow_all(self) -> bool:
        return bool(self.document.get("allow_all"))

    @property
    def lease_rules(self) -> list[dict[str, str]]:
        return list(self.document.get("lease_rules") or ())

    @property
    def cedar(self) -> dict[str, Any]:
        return self.document.get("cedar") or {}

    @property
    def cedar_lines(self) -> list[str]:
        return str(self.cedar.get("policy") or "").rstrip("\n").split("\n") if self.cedar else []

    @property
    def schema_text(self) -> str:
        """The schema where it is in Cedar's own notation; empty where it is JSON or missing."""
        schema = self.cedar.get("schema")
        return schema if isinstance(schema, str) else ""


def policy_in_view() -> PolicyInView:
    """What is in force at this moment; the empty policy while none was loaded."""
    control = Control.objects.select_related("policy__loaded_by", "halted_by").first()
    if control is None:
        return PolicyInView()
    policy = control.policy
    document = policy.document if policy else {}
    mode = "allow_all" if document.get("allow_all") else "cedar" if document.get("cedar") else ""
    return PolicyInView(
        mode=mode or "leases",
        revision=policy.revision if policy else "",
        loaded_at=policy.loaded_at if policy else None,
        loaded_by=policy.loaded_by if policy else None,
        document=document,
        halted_at=control.halted_at,
        halted_by=control.halted_by,
        halt_reason=control.halt_reason,
    )


@dataclass(frozen=True, slots=True)
class HaltedBanner:
    """What every page says while the kill switch is engaged."""

    at: datetime
    by: str
    reason: str
    may_lift: bool


def halted_banner(viewer: User) -> HaltedBanner | None:
    """The banner, or None while telemetry runs."""
    halt = Control.objects.filter(halted_at__isnull=False).select_related("halted_by").first()
    if halt is None or halt.halted_at is None:
        return None
    return HaltedBanner(
        halt.halted_at,
        halt.halted_by.display_name if halt.halted_by else "",
        halt.halt_reason,
        viewer.has_right(Right.MANAGE_LEASES),
    )
