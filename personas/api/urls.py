"""Routes of the change workflow (contract §3 to §5, §13)."""

from django.urls import URLPattern, path

from personas.api.decision_views import DecisionViewSet
from personas.api.past_views import PastViewSet
from personas.api.persona_views import PersonaViewSet
from personas.api.proposal_views import ProposalViewSet
from personas.api.simulation_views import SimulationViewSet


def _decision(name: str, action: str) -> URLPattern:
    return path(
        f"admin/persona/proposals/<str:proposal_id>/{name}",
        DecisionViewSet.as_view({"post": action}),
        name=f"proposal_{action}",
    )


def _past(prefix: str, name: str, method: str) -> URLPattern:
    return path(
        f"{prefix}/persona/<str:persona_id>/{name}",
        PastViewSet.as_view({method: name}),
        name=f"persona_{name}",
    )


urlpatterns: list[URLPattern] = [
    path(
        "policy/simulate",
        SimulationViewSet.as_view({"post": "simulate"}),
        name="policy_simulate",
    ),
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
    _past("state", "compare", "get"),
    _past("state", "verify", "get"),
    _past("admin", "restore", "post"),
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
    _decision("approve", "approve"),
    _decision("reject", "reject"),
    _decision("request-changes", "request_changes"),
    _decision("revise", "revise"),
    _decision("withdraw", "withdraw"),
    _decision("comments", "comment"),
]
