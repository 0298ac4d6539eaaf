"""The table of leases, and the pages that show, lend and take them."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, path

from leases.admin.lease_table import LeaseTable
from leases.admin.live_page import leases_view, past_view
from leases.admin.renew_page import renew_view
from leases.admin.request_pages import (
    answer_view,
    ask_view,
    cancel_view,
    deny_view,
    requests_view,
)
from leases.admin.revoke_page import revoke_prefix_view, revoke_view
from leases.models import Lease

PAGES = (
    ("grant/", leases_view, "leases_lease_grant"),
    ("past/", past_view, "leases_lease_past"),
    ("revoke/", revoke_prefix_view, "leases_lease_revoke_prefix"),
    ("ask/", ask_view, "leases_leaserequest_ask"),
    ("requests/", requests_view, "leases_leaserequest_list"),
    ("requests/<uuid:request_id>/", answer_view, "leases_leaserequest_answer"),
    ("requests/<uuid:request_id>/deny/", deny_view, "leases_leaserequest_deny"),
    ("requests/<uuid:request_id>/cancel/", cancel_view, "leases_leaserequest_cancel"),
    ("<uuid:lease_id>/renew/", renew_view, "leases_lease_renew"),
    ("<uuid:lease_id>/revoke/", revoke_view, "leases_lease_revoke"),
)


@admin.register(Lease)
class LeaseAdmin(LeaseTable):
    """The table of leases, and the pages about them."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [path(route, guard(view), name=name) for route, view, name in PAGES]
        return [*own, *super().get_urls()]
