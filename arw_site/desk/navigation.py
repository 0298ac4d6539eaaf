"""The top navigation of the desk."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from leases.models import User
from leases.roles import Right


def navigation(viewer: User) -> list[tuple[str, str, str]]:
    """The top navigation: label, address, and the part of the site that the entry stands for.

    Every role may read, so all of them see all of it, but for the log of the server itself.
    """
    entries = [
        (_("Home"), reverse("admin:index"), ""),
        (_("Queue"), reverse("admin:personas_proposal_queue"), "personas/proposal/"),
        (_("Inbox"), reverse("admin:desk_inbox"), "inbox/"),
        (_("Journal"), reverse("admin:desk_journal"), "journal/"),
        (_("Personas"), reverse("admin:personas_persona_changelist"), "personas/persona/"),
        (_("Telemetry"), reverse("admin:telemetry_consent"), "telemetry/"),
        (_("Leases"), reverse("admin:leases_lease_grant"), "leases/lease/"),
        (_("Policy"), reverse("admin:leases_policy_page"), "policy/"),
        (_("Live"), reverse("admin:desk_live"), "live/"),
    ]
    if viewer.has_right(Right.MANAGE):
        entries.append((_("Event log"), reverse("admin:telemetry_event_log"), "event-log/"))
    return entries
