"""WebSocket routes of the app; the composition root puts origin and session checks around them."""

from __future__ import annotations

from django.urls import path

from telemetry.consumers import EventsConsumer

websocket_urlpatterns = [path("ws/events", EventsConsumer.as_asgi(), name="ws_events")]
