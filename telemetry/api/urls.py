"""Routes of the telemetry app (contract §7, §8, §13). ``str`` ids hold no slash."""

from django.urls import URLPattern, path

from telemetry.api.action_views import ActionViewSet
from telemetry.api.belief_views import BeliefViewSet
from telemetry.api.consent_views import ConsentViewSet, NoticeViewSet, ReceiptViewSet
from telemetry.api.erasure_views import SamplesViewSet
from telemetry.api.event_views import EventStreamViewSet
from telemetry.api.feedback_views import FeedbackViewSet, VibeViewSet
from telemetry.api.sharing_views import SharingNoticeViewSet

urlpatterns: list[URLPattern] = [
    path(
        "persona/<str:persona_id>/feedback",
        FeedbackViewSet.as_view({"post": "create"}),
        name="telemetry_feedback_create",
    ),
    path(
        "state/persona/<str:persona_id>/vibe_history",
        VibeViewSet.as_view({"get": "history"}),
        name="telemetry_vibe_history",
    ),
    path(
        "state/persona/<str:persona_id>/vibe_metrics",
        VibeViewSet.as_view({"get": "metrics"}),
        name="telemetry_vibe_metrics",
    ),
    path(
        "state/persona/<str:persona_id>/vibe_aggregates",
        VibeViewSet.as_view({"get": "aggregates"}),
        name="telemetry_vibe_aggregates",
    ),
    path(
        "state/persona/<str:persona_id>/receipts",
        ReceiptViewSet.as_view({"get": "list"}),
        name="telemetry_receipt_list",
    ),
    path(
        "state/persona/<str:persona_id>/beliefs",
        BeliefViewSet.as_view({"get": "list"}),
        name="telemetry_belief_list",
    ),
    path(
        "admin/persona/<str:persona_id>/telemetry",
        ConsentViewSet.as_view({"post": "create"}),
        name="telemetry_consent_set",
    ),
    path(
        "admin/persona/<str:persona_id>/samples",
        SamplesViewSet.as_view({"delete": "destroy"}),
        name="telemetry_samples_erase",
    ),
    path(
        "state/consent-notice",
        NoticeViewSet.as_view({"get": "retrieve"}),
        name="telemetry_notice",
    ),
    path(
        "state/sharing-notice",
        SharingNoticeViewSet.as_view({"get": "retrieve"}),
        name="telemetry_sharing_notice",
    ),
    path("actions", ActionViewSet.as_view({"post": "create"}), name="telemetry_action_run"),
    path(
        "actions/<uuid:action_id>",
        ActionViewSet.as_view({"get": "retrieve"}),
        name="telemetry_action_show",
    ),
    path("api/actions", ActionViewSet.as_view({"get": "kinds"}), name="telemetry_action_kinds"),
    path("events", EventStreamViewSet.as_view({"get": "stream"}), name="telemetry_events"),
]
