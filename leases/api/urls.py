"""Routes of the bottom floor (contract §6, §13)."""

from django.urls import URLPattern, path

from leases.api.decision_views import DecisionLogViewSet
from leases.api.kill_switch_views import KillSwitchViewSet
from leases.api.lease_request_views import LeaseRequestViewSet
from leases.api.lease_views import LeaseViewSet
from leases.api.policy_views import PolicyViewSet
from leases.api.token_views import TokenViewSet

urlpatterns: list[URLPattern] = [
    path("leases", LeaseViewSet.as_view({"post": "create"}), name="leases_create"),
    path("state/leases", LeaseViewSet.as_view({"get": "list"}), name="leases_list"),
    path("leases/revoke", LeaseViewSet.as_view({"post": "revoke_prefix"}), name="leases_revoke"),
    path(
        "leases/<uuid:lease_id>", LeaseViewSet.as_view({"delete": "destroy"}), name="lease_revoke"
    ),
    path(
        "leases/<uuid:lease_id>/renew", LeaseViewSet.as_view({"post": "renew"}), name="lease_renew"
    ),
    path(
        "leases/requests",
        LeaseRequestViewSet.as_view({"post": "create"}),
        name="lease_request_create",
    ),
    path(
        "state/lease-requests",
        LeaseRequestViewSet.as_view({"get": "list"}),
        name="lease_request_list",
    ),
    *(
        path(
            f"leases/requests/<uuid:request_id>/{verb}",
            LeaseRequestViewSet.as_view({"post": verb}),
            name=f"lease_request_{verb}",
        )
        for verb in ("grant", "deny", "cancel")
    ),
    path("state/tokens", TokenViewSet.as_view({"get": "list"}), name="tokens_list"),
    path("tokens", TokenViewSet.as_view({"post": "create"}), name="tokens_create"),
    path(
        "tokens/<uuid:token_id>", TokenViewSet.as_view({"delete": "destroy"}), name="tokens_revoke"
    ),
    path("state/policy", PolicyViewSet.as_view({"get": "show"}), name="policy_state"),
    path("policy/reload", PolicyViewSet.as_view({"post": "reload"}), name="policy_reload"),
    path(
        "policy/kill-switch",
        KillSwitchViewSet.as_view({"post": "move"}),
        name="policy_kill_switch",
    ),
    path("state/decisions", DecisionLogViewSet.as_view({"get": "list"}), name="decision_list"),
    path(
        "state/decisions/export",
        DecisionLogViewSet.as_view({"get": "export"}),
        name="decision_export",
    ),
]
