"""The addresses below ``policy/`` on the desk."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from leases.admin.decision_pages import (
    decision_export_view,
    decision_log_view,
    decision_view,
)
from leases.admin.kill_switch_page import kill_switch_view
from leases.admin.policy_page import policy_view, reload_view

PAGES: tuple[tuple[str, Callable[..., HttpResponseBase], str], ...] = (
    ("policy/", policy_view, "leases_policy_page"),
    ("policy/reload/", reload_view, "leases_policy_reload"),
    ("policy/kill-switch/", kill_switch_view, "leases_killswitch_set"),
    ("policy/decisions/", decision_log_view, "leases_decision_log"),
    ("policy/decisions/export/", decision_export_view, "leases_decision_export"),
    ("policy/decisions/<int:decision_id>/", decision_view, "leases_decision_detail"),
)


def policy_urls(guard: Callable[..., Callable[..., HttpResponseBase]]) -> list[URLPattern]:
    """Each page, behind ``guard``: the site's ``admin_view``."""
    return [path(route, guard(view), name=name) for route, view, name in PAGES]
