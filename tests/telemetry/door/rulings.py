"""What policy, leases and the kill switch can rule: a table that both doors of each route go through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from leases.models import Control, Lease, PolicyRevision
from leases.policy.rules import CedarSources, LeaseRule, PolicyDocument
from leases.services.kill_switch import kill_switch_set
from leases.services.policy_loading import policy_activate
from leases.services.revoking import lease_revoke, leases_revoke_prefix
from tests.people import grant, someone

SCOPE = "workspace"
CAPABILITY = f"telemetry:persona:{SCOPE}"
MEMBERS = 'principal in Group::"members"'
TELEMETRY = 'action in Action::"telemetry.persona"'


def halt() -> None:
    kill_switch_set(actor=someone("dana"), engaged=True, reason="drill", now=timezone.now())


def lift(*, restore_leases: bool) -> None:
    kill_switch_set(
        actor=someone("dana"), engaged=False, restore_leases=restore_leases, now=timezone.now()
    )


def put_in_force(document: PolicyDocument | None) -> None:
    policy_activate(document=document, actor=someone("dana"), now=timezone.now())


def cedar(text: str) -> PolicyDocument:
    return PolicyDocument(cedar=CedarSources(text))


PERMIT = cedar(f"permit({MEMBERS}, {TELEMETRY}, resource);")
FORBID = cedar(f"forbid({MEMBERS}, {TELEMETRY}, resource);")
FORBID_OTHERS = cedar(f'forbid(principal in Group::"admins", {TELEMETRY}, resource);')
ANOTHER_CAPABILITY = PolicyDocument(lease_rules=(LeaseRule("telemetry.persona", "vibes"),))
ALLOW_ALL = PolicyDocument(allow_all=True)


def revoke() -> None:
    lease = Lease.objects.get(capability=CAPABILITY)
    lease_revoke(actor=someone("dana"), lease_id=lease.pk, now=timezone.now())


def revoke_prefix() -> None:
    leases_revoke_prefix(actor=someone("dana"), prefix="telemetry:", now=timezone.now())


def halt_and_lend() -> None:
    halt()
    grant(CAPABILITY)


def halt_under_a_permit() -> None:
    put_in_force(PERMIT)
    halt()


def halt_and_lift() -> None:
    halt()
    lift(restore_leases=False)


def halt_and_restore() -> None:
    halt()
    lift(restore_leases=True)


def break_the_policy() -> None:
    put_in_force(PERMIT)
    stored = {"allow_all": False, "lease_rules": [], "cedar": {"policy": "permit(", "entities": []}}
    unusable = PolicyRevision.objects.create(
        revision="f" * 64, document=stored, loaded_at=timezone.now()
    )
    Control.objects.update(policy=unusable)


def lend_otherwise() -> None:
    put_in_force(ANOTHER_CAPABILITY)
    grant("vibes")


def permit_without_a_lease() -> None:
    put_in_force(PERMIT)
    revoke()


def allow_all_without_a_lease() -> None:
    put_in_force(ALLOW_ALL)
    revoke()


@dataclass(frozen=True)
class Ruling:
    """What is done, and what it comes to: the reason of a refusal, or None where alice may."""

    name: str
    happens: Callable[[], None]
    refusal: str | None


RULINGS = [
    Ruling("a lease in force", lambda: None, None),
    Ruling("its lease revoked", revoke, "lease_revoked"),
    Ruling("all leases with the prefix revoked", revoke_prefix, "lease_revoked"),
    Ruling("stopped", halt, "kill_switch"),
    Ruling("stopped, and lent anew", halt_and_lend, "kill_switch"),
    Ruling("stopped, whatever the policy permits", halt_under_a_permit, "kill_switch"),
    Ruling("started again without its leases", halt_and_lift, "lease_revoked"),
    Ruling("started again with its leases", halt_and_restore, None),
    Ruling("forbidden", lambda: put_in_force(FORBID), "policy_forbid"),
    Ruling("forbidden to others", lambda: put_in_force(FORBID_OTHERS), None),
    Ruling("permitted", permit_without_a_lease, None),
    Ruling("everything allowed", allow_all_without_a_lease, None),
    Ruling("another capability needed", lambda: put_in_force(ANOTHER_CAPABILITY), "lease_required"),
    Ruling("another capability lent", lend_otherwise, None),
    Ruling("a policy that cannot be used", break_the_policy, "policy_error"),
]
