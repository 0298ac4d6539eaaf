"""Routes of the change workflow (contract §3 to §5, §13)."""

from django.urls import URLPattern, path

from personas.api.persona_views import PersonaViewSet
from personas.api.proposal_views import ProposalViewSet

urlpatterns: list[URLPattern] = [
    path("state/persona", PersonaViewSet.as_view({"get": "list"}), name="persona_list"),
    path(
        "state/persona/<str:persona_id>",
        PersonaViewSet.as_view({"get": "retrieve"}),
        name="persona_show",
    ),
    path(
        "state/persona/<str:persona_id>/history",
        PersonaViewSet.as_view({"get": "history"}),
        name="persona_history",
    ),
    path("admin/persona", PersonaViewSet.as_view({"post": "create"}), name="persona_create"),
    path(
        "admin/persona/<str:persona_id>/proposals",
        ProposalViewSet.as_view({"post": "create"}),
        name="proposal_submit",
    ),
    path("state/proposals", ProposalViewSet.as_view({"get": "list"}), name="proposal_list"),
    path(
        "state/proposals/<str:proposal_id>",
        ProposalViewSet.as_view({"get": "retrieve"}),
        name="proposal_show",
    ),
    path(
        "admin/persona/proposals/<str:proposal_id>/approve",
        ProposalViewSet.as_view({"post": "approve"}),
        name="proposal_approve",
    ),
    path(
        "admin/persona/proposals/<str:proposal_id>/reject",
        ProposalViewSet.as_view({"post": "reject"}),
        name="proposal_reject",
    ),
]
