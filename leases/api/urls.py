"""Routes of the bottom floor (contract §6, §13)."""

from django.urls import URLPattern, path

from leases.api.views import LeaseViewSet, TokenViewSet

urlpatterns: list[URLPattern] = [
    path("leases", LeaseViewSet.as_view({"post": "create"}), name="leases_create"),
    path("state/leases", LeaseViewSet.as_view({"get": "list"}), name="leases_list"),
    path("state/tokens", TokenViewSet.as_view({"get": "list"}), name="tokens_list"),
    path("tokens", TokenViewSet.as_view({"post": "create"}), name="tokens_create"),
    path(
        "tokens/<uuid:token_id>", TokenViewSet.as_view({"delete": "destroy"}), name="tokens_revoke"
    ),
]
